"""A VBA project (MS-OVBA) as source text alone: without compiled code Excel compiles it when it loads."""

from __future__ import annotations

import struct

from smile_xl.excel.cfb import Tree, compound_file

PROJECT_ID = "{5B1E6F0A-7C0B-4C53-9E5F-2D8A5C7F3B11}"
WORKBOOK_BASE = "0{00020819-0000-0000-C000-000000000046}"
SHEET_BASE = "0{00020820-0000-0000-C000-000000000046}"
CLASS_BASE = "0{FCFB3D2A-A0FA-1068-A738-08002B3371B5}"
REFERENCES = {
    "stdole": r"*\G{00020430-0000-0000-C000-000000000046}#2.0#0#C:\Windows\System32\stdole2.tlb#OLE Automation",
    "Office": r"*\G{2DF8D04C-5BFA-101B-BDE5-00AA0044DE52}#2.0#0#"
    r"C:\Program Files\Common Files\Microsoft Shared\OFFICE16\MSO.DLL#Microsoft Office 16.0 Object Library",
}
CHUNK = 4096


def vba_project(name: str, modules: dict[str, str], classes: dict[str, str], documents: dict[str, str]) -> bytes:
    """vbaProject.bin with the source of each module by its name; that of classes and documents without attributes."""
    bases = {"ThisWorkbook": WORKBOOK_BASE, **dict.fromkeys(classes, CLASS_BASE)}
    objects = {one: _attributes(one, bases.get(one, SHEET_BASE)) + text for one, text in (documents | classes).items()}
    sources = objects | modules
    streams: Tree = {one: compress(_ended(text)) for one, text in sources.items()}
    streams["dir"] = compress(_directory(name, list(objects), list(modules)))
    streams["_VBA_PROJECT"] = bytes.fromhex("cc61ffff000100")
    names = b"".join(one.encode() + b"\0" + one.encode("utf-16-le") + b"\0\0" for one in sources)
    project = _project(name, list(documents), list(modules), list(classes)).encode("ascii")
    return compound_file({"PROJECT": project, "PROJECTwm": names + b"\0\0", "VBA": streams})


def _attributes(name: str, base: str) -> str:
    document = base != CLASS_BASE
    values: tuple[tuple[str, object], ...]
    values = (("Name", f'"{name}"'), ("Base", f'"{base}"'), ("GlobalNameSpace", False), ("Creatable", False))
    values += (("PredeclaredId", document), ("Exposed", True), ("TemplateDerived", False), ("Customizable", document))
    return "".join(f"Attribute VB_{key} = {value}\n" for key, value in values)


def _ended(text: str) -> bytes:
    """Source as VBA keeps it: ASCII, each line ended by CRLF."""
    return "\r\n".join([*text.splitlines(), ""]).encode("ascii")


def _record(number: int, content: bytes = b"") -> bytes:
    return struct.pack("<HI", number, len(content)) + content


def _twice(number: int, text: str, unicode_number: int) -> bytes:
    """A text in the code page, then in UTF-16."""
    return _record(number, text.encode("ascii")) + _record(unicode_number, text.encode("utf-16-le"))


def _directory(name: str, objects: list[str], modules: list[str]) -> bytes:
    """The ``dir`` stream: the project, its references and its modules."""
    zero, english, windows = bytes(4), struct.pack("<I", 0x409), struct.pack("<I", 3)
    parts = [_record(0x01, windows), _record(0x02, english), _record(0x14, english), _record(0x03, b"\xe4\x04")]
    parts += [_record(0x04, name.encode("ascii")), _twice(0x05, "", 0x40), _twice(0x06, "", 0x3D)]
    parts += [_record(0x07, zero), _record(0x08, zero), struct.pack("<HIIH", 0x09, 4, 1, 1), _twice(0x0C, "", 0x3C)]
    for title, library in REFERENCES.items():
        content = struct.pack("<I", len(library)) + library.encode("ascii") + bytes(6)
        parts += [_twice(0x16, title, 0x3E), _record(0x0D, content)]
    parts += [_record(0x0F, struct.pack("<H", len(objects) + len(modules))), _record(0x13, b"\xff\xff")]
    for one in [*objects, *modules]:
        parts += [_twice(0x19, one, 0x47), _twice(0x1A, one, 0x32), _twice(0x1C, "", 0x48), _record(0x31, zero)]
        parts += [_record(0x1E, zero), _record(0x2C, b"\xff\xff"), _record(0x21 if one in modules else 0x22)]
        parts += [_record(0x2B)]
    return b"".join([*parts, _record(0x10)])


def _project(name: str, documents: list[str], modules: list[str], classes: list[str]) -> str:
    """The ``PROJECT`` stream: not protected, no password, shown in the editor."""
    lines = [f'ID="{PROJECT_ID}"', *(f"Document={one}/&H00000000" for one in documents)]
    lines += [*(f"Module={one}" for one in modules), *(f"Class={one}" for one in classes), f'Name="{name}"']
    lines += ['HelpContextID="0"', 'VersionCompatible32="393222000"', f'CMG="{_hidden(bytes(4), 0x41)}"']
    lines += [f'DPB="{_hidden(bytes(1), 0x82)}"', f'GC="{_hidden(bytes((255,)), 0xC3)}"', "", "[Host Extender Info]"]
    lines += ["&H00000001={3832D640-CF90-11CF-8E43-00A0C911005A};VBE;&H00000000", "", "[Workspace]"]
    return "\r\n".join([*lines, *(f"{one}=0, 0, 0, 0, C" for one in (*documents, *modules, *classes)), ""])


def _hidden(value: bytes, seed: int) -> str:
    """Data encryption of MS-OVBA 2.4.3.2, with a fixed seed and zeros where the bytes are free."""
    plain = sum(PROJECT_ID.encode("ascii")) & 0xFF
    out = [seed, seed ^ 2, seed ^ plain]
    for byte in bytes((seed & 6) // 2) + struct.pack("<I", len(value)) + value:
        out.append(byte ^ ((out[-2] + plain) & 0xFF))
        plain = byte
    return bytes(out).hex().upper()


def compress(content: bytes) -> bytes:
    """Compression of MS-OVBA 2.4.1."""
    return b"\x01" + b"".join(_chunk(content[start : start + CHUNK]) for start in range(0, len(content), CHUNK))


def _chunk(chunk: bytes) -> bytes:
    body, place = bytearray(), 0
    while place < len(chunk):
        flags, tokens = 0, bytearray()
        for bit in range(8):
            offset, length = _match(chunk, place)
            if length:
                flags |= 1 << bit
                tokens += struct.pack("<H", (offset - 1) << 16 - _offset_bits(place) | (length - 3))
            else:
                tokens += chunk[place : place + 1]
            place += length or 1
        body += bytes((flags,)) + tokens
    if len(body) >= CHUNK:  # random bytes are kept as they are; source text never gets here
        return struct.pack("<H", 0x3000 | CHUNK - 1) + chunk.ljust(CHUNK, b"\0")
    return struct.pack("<H", 0xB000 | len(body) - 1) + body


def _offset_bits(place: int) -> int:
    return max((place - 1).bit_length(), 4)


def _match(chunk: bytes, place: int) -> tuple[int, int]:
    """Distance and length of the longest run before a place that continues there as well; length 0 for none."""
    longest = min((0xFFFF >> _offset_bits(place)) + 3, len(chunk) - place)
    length, found = 3, -1
    while length <= longest and (at := chunk.rfind(chunk[place : place + length], 0, place)) >= 0:
        found, length = at, length + 1
    return (place - found, length - 1) if found >= 0 else (0, 0)
