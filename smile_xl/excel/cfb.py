"""Compound files (MS-CFB, version 3): the container of a VBA project, a file system in a file.

Written whole, in one order and without times: the same streams give the same bytes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

SECTOR, MINI_SECTOR, MINI_LIMIT = 512, 64, 4096
FREE, END, FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
STORAGE, STREAM, ROOT, BLACK = 1, 2, 5, 1
FAT_SECTORS_IN_HEADER = 109

Tree = dict[str, "bytes | Tree"]


def compound_file(tree: Tree) -> bytes:
    """A compound file with these streams (bytes) and storages (dicts)."""
    root = _Entry("Root Entry", ROOT)
    entries = [root]
    root.child = _add(entries, tree)
    large, small = _Area(SECTOR), _Area(MINI_SECTOR)
    for entry in entries:
        if entry.kind == STREAM:
            entry.start = (small if len(entry.content) < MINI_LIMIT else large).append(entry.content)
    root.content = bytes(small.content)
    root.start = large.append(root.content)
    mini_start = large.append(_numbers(small.chain), b"\xff")
    mini_sectors = -(-len(small.chain) * 4 // SECTOR)
    directory = [*entries, *[_Entry("", 0)] * (-len(entries) % 4)]
    directory_start = large.append(b"".join(one.packed() for one in directory))
    used = len(large.chain)
    count = next(n for n in range(1, FAT_SECTORS_IN_HEADER + 1) if n * SECTOR // 4 >= used + n)
    large.append(_numbers([*large.chain, *[FAT_SECTOR] * count]), b"\xff")
    signature, layout = bytes.fromhex("d0cf11e0a1b11ae1"), (0x3E, 3, 0xFFFE, 9, 6)
    starts = (0, count, directory_start, 0, MINI_LIMIT, mini_start, mini_sectors, END, 0)
    header = struct.pack("<8s16x5H6x9I", signature, *layout, *starts)
    places = [*range(used, used + count), *[FREE] * (FAT_SECTORS_IN_HEADER - count)]
    return header + _numbers(places) + bytes(large.content)


@dataclass
class _Entry:
    """A line of the directory."""

    name: str
    kind: int
    content: bytes = b""
    start: int = 0
    left: int = FREE
    right: int = FREE
    child: int = FREE

    def packed(self) -> bytes:
        name = (self.name + "\0").encode("utf-16-le") if self.name else b""
        links = (self.left, self.right, self.child)
        sizes = (len(name), self.kind, BLACK)
        return struct.pack("<64sHBB3I36xIII", name, *sizes, *links, self.start, len(self.content), 0)


@dataclass
class _Area:
    """Sectors of one size and their allocation table."""

    size: int
    content: bytearray = field(default_factory=bytearray)
    chain: list[int] = field(default_factory=list)

    def append(self, content: bytes, filler: bytes = b"\0") -> int:
        """Add a stream and return its first sector; an empty one has none."""
        if not content:
            return END
        start = len(self.chain)
        self.content += content + filler * (-len(content) % self.size)
        self.chain += [*range(start + 1, len(self.content) // self.size), END]
        return start


def _add(entries: list[_Entry], tree: Tree) -> int:
    """Add what a storage holds, as a balanced tree in the order of MS-CFB, all black; return the place of its top."""
    places = []
    for name in sorted(tree, key=lambda one: (len(one), one.upper())):
        child = tree[name]
        places.append(len(entries))
        entries.append(_Entry(name, STREAM, child) if isinstance(child, bytes) else _Entry(name, STORAGE))
        if not isinstance(child, bytes):
            storage = entries[-1]
            storage.child = _add(entries, child)

    def top(low: int, high: int) -> int:
        if low == high:
            return FREE
        middle = (low + high) // 2
        entries[places[middle]].left, entries[places[middle]].right = top(low, middle), top(middle + 1, high)
        return places[middle]

    return top(0, len(places))


def _numbers(values: list[int]) -> bytes:
    return struct.pack(f"<{len(values)}I", *values)
