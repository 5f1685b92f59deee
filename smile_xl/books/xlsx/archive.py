"""The zip file that a workbook is: read with suspicion, written with its untouched parts copied as they are."""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Set
from concurrent.futures import ThreadPoolExecutor

from smile_xl.book import BookError

MAX_TOTAL = 2 << 30
"""Bytes of all parts together once unpacked; Excel itself gives up on parts over 2 GB."""
MAX_RATIO = 250
"""Unpacked to packed size of one part: sheets of formatted blanks reach about 100, bombs about 1 000."""
RATIO_FREE = 16 << 20
"""Parts up to this size may have any ratio: they can do no harm."""

MAX_PARTS = 65_000
"""A zip file without 64-bit fields counts no further."""

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_NEW_DATE = (1980, 1, 1, 0, 0, 0)
_STREAMED, _UTF8, _ENCRYPTED = 0x08, 0x800, 0x01
_ZIP64_EXTRA = 1
_LEVEL = 2  # a tenth larger than the usual 6, in a third of its time
_PIECE = 1 << 22
"""Bytes that are packed at a time; pieces of one part are packed on all cores, as many as there are."""
_WINDOW = 1 << 15  # bytes that deflate looks back
_KEPT = 64 << 20
"""Bytes of the parts read last that are kept unpacked: a refresh looks at each sheet several times."""


class Archive:
    """Parts of a zip file in memory: names and sizes are checked at the door, each part's bytes when it is read."""

    def __init__(self, data: bytes, file: str) -> None:
        self.data = data
        self.file = file
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as source:
                entries = source.infolist()
                self._comment = source.comment
                self._directory = source.start_dir
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, struct.error, OverflowError) as error:
            raise BookError("damaged", file=file, part=file) from error
        self._refuse_names(entries)
        self._refuse_sizes(entries)
        self._entries = {entry.filename: entry for entry in entries}
        self._kept: dict[str, bytes] = {}
        self._kept_size = 0

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._entries if not name.endswith("/"))

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def read(self, name: str) -> bytes:
        """Bytes of a part, exactly as many as declared and with the right checksum."""
        data = self._kept.pop(name, None)
        if data is None:
            data = self._unpacked(name)
            self._kept_size += len(data)
        self._kept[name] = data  # the part read last stays longest
        while self._kept_size > _KEPT:
            self._kept_size -= len(self._kept.pop(next(iter(self._kept))))
        return data

    def size(self, name: str) -> int:
        """Bytes of a part once unpacked."""
        return self._entries[name].file_size

    def _unpacked(self, name: str) -> bytes:
        entry = self._entries[name]
        packed = self._packed(entry)
        if entry.compress_type == zipfile.ZIP_STORED:
            data = packed
        else:
            unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
            try:
                # zipfile would stop at the declared size and call a longer part good.
                data = unpacker.decompress(packed, entry.file_size + 1)
            except zlib.error as error:
                raise self._damaged(name) from error
            if not unpacker.eof:
                raise self._damaged(name)
        if len(data) != entry.file_size or zlib.crc32(data) != entry.CRC:
            raise self._damaged(name)
        return data

    def holds(self, name: str, data: bytes) -> bool:
        """True where the part is there with these bytes."""
        entry = self._entries.get(name)
        same = entry is not None and entry.file_size == len(data) and zlib.crc32(data) == entry.CRC
        return same and self.read(name) == data

    def packed_with(self, changes: Mapping[str, bytes], removed: Set[str]) -> bytes:
        """The zip file with parts changed, added at the end or removed; the others are copied without unpacking."""
        out = io.BytesIO()
        directory = []
        packed = dict(zip(changes, _deflated(list(changes.values())), strict=True))
        for name, entry in self._entries.items():
            if name in changes:
                directory.append(_write_new(out, name, changes[name], packed[name]))
            elif name not in removed:
                directory.append(_write_entry(out, entry, self._packed(entry)))
        for name in changes:
            if name not in self._entries:
                directory.append(_write_new(out, name, changes[name], packed[name]))
        _write_end(out, directory, self._comment)
        return out.getvalue()

    def _packed(self, entry: zipfile.ZipInfo) -> bytes:
        start = entry.header_offset
        if start < 0 or start + _LOCAL.size > len(self.data):
            raise self._damaged(entry.filename)
        header = _LOCAL.unpack_from(self.data, start)
        name_size, extra_size = header[-2:]
        begin = start + _LOCAL.size + name_size + extra_size
        name = self.data[start + _LOCAL.size : start + _LOCAL.size + name_size]
        if header[0] != b"PK\3\4" or name != _raw_name(entry) or begin + entry.compress_size > len(self.data):
            raise self._damaged(entry.filename)
        return self.data[begin : begin + entry.compress_size]

    def _refuse_names(self, entries: list[zipfile.ZipInfo]) -> None:
        seen: set[str] = set()
        for entry in entries:
            name = entry.orig_filename
            steps = name.split("/")
            if name.startswith("/") or ".." in steps or "\\" in name or "\0" in name or steps[0].endswith(":"):
                raise BookError("unsafe_name", file=self.file, part=name)
            if name.casefold() in seen:
                raise BookError("duplicate_part", file=self.file, part=name)
            seen.add(name.casefold())

    def _refuse_sizes(self, entries: list[zipfile.ZipInfo]) -> None:
        if len(entries) > MAX_PARTS:
            raise BookError("too_large", file=self.file, part=self.file)
        total = 0
        end_of_last = 0
        for entry in sorted(entries, key=lambda entry: entry.header_offset):
            if entry.flag_bits & _ENCRYPTED:
                raise BookError("encrypted", file=self.file)
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise self._damaged(entry.filename)
            total += entry.file_size
            ratio = entry.file_size / max(entry.compress_size, 1)
            if total > MAX_TOTAL or (entry.file_size > RATIO_FREE and ratio > MAX_RATIO):
                raise BookError("too_large", file=self.file, part=entry.filename)
            if entry.header_offset < end_of_last:  # overlapping parts: a bomb without a large ratio
                raise self._damaged(entry.filename)
            end_of_last = entry.header_offset + _LOCAL.size + entry.compress_size
        if end_of_last > self._directory:
            raise self._damaged(self.file)

    def _damaged(self, part: str) -> BookError:
        return BookError("damaged", file=self.file, part=part)


def _raw_name(entry: zipfile.ZipInfo) -> bytes:
    return entry.orig_filename.encode("utf-8" if entry.flag_bits & _UTF8 else "cp437")


def zip_of(parts: Mapping[str, bytes], *, packed: bool = True) -> bytes:
    """A zip file of new parts, packed or stored as they are."""
    out = io.BytesIO()
    contents = _deflated(list(parts.values())) if packed else [None] * len(parts)
    lines = [_write_new(out, *part, content) for part, content in zip(parts.items(), contents, strict=True)]
    _write_end(out, lines, b"")
    return out.getvalue()


def _deflated(parts: list[bytes]) -> list[bytes]:
    """The parts packed, in pieces of a fixed size, so that the bytes are the same however many cores there are."""
    starts = [(part, start) for part in parts for start in range(0, max(len(part), 1), _PIECE)]
    with ThreadPoolExecutor(min(os.cpu_count() or 1, 8)) as pool:
        pieces = pool.map(lambda place: _deflated_piece(*place), starts)
        return [b"".join(next(pieces) for _ in range(0, max(len(part), 1), _PIECE)) for part in parts]


def _deflated_piece(part: bytes, start: int) -> bytes:
    """Packed bytes of one piece of a part, which looks back into the piece before as if packed after it."""
    before, end = memoryview(part)[max(start - _WINDOW, 0) : start], start + _PIECE
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=before)
    flush = zlib.Z_FINISH if end >= len(part) else zlib.Z_SYNC_FLUSH
    return packer.compress(memoryview(part)[start:end]) + packer.flush(flush)


def _write_end(out: io.BytesIO, directory: list[bytes], comment: bytes) -> None:
    start = out.tell()
    out.writelines(directory)
    count, size = len(directory), out.tell() - start
    out.write(_END.pack(b"PK\5\6", 0, 0, count, count, size, start, len(comment)) + comment)


def _write_new(out: io.BytesIO, name: str, data: bytes, packed: bytes | None) -> bytes:
    """Write a part of ours, stored where it is not ``packed``: the fixed date makes the same content the same bytes."""
    entry = zipfile.ZipInfo(name, _NEW_DATE)
    entry.compress_type = zipfile.ZIP_STORED if packed is None else zipfile.ZIP_DEFLATED
    entry.create_system = 0
    entry.flag_bits = 0 if name.isascii() else _UTF8
    entry.file_size, entry.CRC = len(data), zlib.crc32(data)
    packed = data if packed is None else packed
    entry.compress_size = len(packed)
    return _write_entry(out, entry, packed)


def _write_entry(out: io.BytesIO, entry: zipfile.ZipInfo, packed: bytes) -> bytes:
    """Write a part with its local header; return its line of the directory."""
    year, month, day, hour, minute, second = entry.date_time
    # Sizes are known here, so a streamed part's descriptor after its bytes is not copied.
    common = (
        entry.flag_bits & ~_STREAMED,
        entry.compress_type,
        hour << 11 | minute << 5 | second // 2,
        (year - 1980) << 9 | month << 5 | day,
        entry.CRC,
        len(packed),
        entry.file_size,
    )
    name, extra = _raw_name(entry), _without_zip64(entry.extra)
    offset = out.tell()
    out.write(_LOCAL.pack(b"PK\3\4", entry.extract_version, *common, len(name), len(extra)))
    out.writelines((name, extra, packed))
    made_by = entry.create_system << 8 | entry.create_version
    sizes = (len(name), len(extra), len(entry.comment))
    line = _CENTRAL.pack(
        b"PK\1\2",
        made_by,
        entry.extract_version,
        *common,
        *sizes,
        0,
        entry.internal_attr,
        entry.external_attr,
        offset,
    )
    return line + name + extra + entry.comment


def _without_zip64(extra: bytes) -> bytes:
    """An extra field without 64-bit sizes, which no part allowed here needs."""
    kept = b""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<2H", extra)
        if kind != _ZIP64_EXTRA:
            kept += extra[: 4 + size]
        extra = extra[4 + size :]
    return kept
