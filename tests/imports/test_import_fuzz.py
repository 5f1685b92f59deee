"""Damaged lists: a clear refusal or a preview whose parts add up; never a crash, never a byte of the book changed.

The suite tries a sample of them. ``SMILE_XL_FUZZ=2000`` tries so many in all, here and in ``test_import_mutations``.
"""

from __future__ import annotations

import io
import json
import os
import random
import re
import time
import zipfile
from pathlib import Path

import pytest
from sap_book import FILES, sap_book

from smile_xl.cli import run

RUNS = int(os.environ.get("SMILE_XL_FUZZ", "200")) // 2
MEMORY = 1 << 30
LONGEST = 10
"""Seconds of work that no damaged list may take; a usual one takes a hundredth of it."""
GROUPS = 10


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sap_book(tmp_path_factory.mktemp("fuzz") / "plan.xlsx")


def damaged(data: bytes, chance: random.Random) -> bytes:
    """A file with one to three kinds of damage."""
    for _ in range(chance.randint(1, 3)):
        data = chance.choice(
            [_cut, _without, _noise, _doubled, _shuffled, _swapped, _other_encoding, _long, _joined, _workbook_part]
        )(data, chance)
    return data


def _cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randint(0, len(data))]


def _without(data: bytes, chance: random.Random) -> bytes:
    start = chance.randint(0, len(data))
    return data[:start] + data[start + chance.randint(1, 200) :]


def _noise(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 12) if data else 0):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _doubled(data: bytes, chance: random.Random) -> bytes:
    start = chance.randint(0, len(data))
    return data[:start] + data[chance.randint(0, start) :]


def _shuffled(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    chance.shuffle(lines)
    return b"\n".join(lines)


def _swapped(data: bytes, chance: random.Random) -> bytes:
    parts = re.split(rb"([|;\t])", data)
    for _ in range(chance.randint(1, 6) if len(parts) > 4 else 0):
        one, other = chance.sample(range(0, len(parts), 2), 2)
        parts[one], parts[other] = parts[other], parts[one]
    return b"".join(parts)


def _other_encoding(data: bytes, chance: random.Random) -> bytes:
    text = data.decode(chance.choice(["utf-8", "cp1252", "utf-16-le"]), "replace")
    return text.encode(chance.choice(["utf-8-sig", "utf-16", "cp1252", "cp850"]), "replace")


def _long(data: bytes, chance: random.Random) -> bytes:
    return data + chance.choice([b"9" * 100_000, b";" * 100_000, b"\n|" * 20_000, b"1.234.567,00-;" * 10_000])


def _joined(data: bytes, chance: random.Random) -> bytes:
    return data + chance.choice(FILES).read_bytes()


def _workbook_part(data: bytes, chance: random.Random) -> bytes:
    """The native list with cells far away, days counted from 1904, or its XML damaged."""
    out = io.BytesIO()
    with zipfile.ZipFile(FILES[-1]) as package, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in package.namelist():
            part = package.read(name)
            if name.endswith("sheet1.xml"):
                far = chance.choice([b"XFD1048576", b"ZZ39999", b"A1048576", b"ZZZZZ9", b"B2"])
                part = part.replace(b'r="B2"', b'r="%b"' % far, 1)
                part = _noise(part, chance) if chance.random() < 0.4 else part
            if name.endswith("workbook.xml"):
                part = part.replace(b"<sheets>", b'<workbookPr date1904="1"/><sheets>', 1)
            new.writestr(name, part)
    return out.getvalue()


@pytest.mark.parametrize("group", range(GROUPS))
def test_a_damaged_list_is_refused_or_adds_up_and_the_book_stays(
    group: int, book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, peak = book.read_bytes(), _peak()
    for number in range(group, RUNS, GROUPS):
        chance = random.Random(number)
        source = chance.choice(FILES)
        path = tmp_path / f"{number}{source.suffix}"
        path.write_bytes(damaged(source.read_bytes(), chance))
        started = time.process_time()  # other work on the machine is no hang
        code = run(["import", str(path), "--into", str(book), "--preview", "--format", "json", "--lang", "en"], "en")
        taken = time.process_time() - started
        said = capsys.readouterr()
        assert code in (0, 2), (number, said.err)
        assert taken < LONGEST, (number, taken)
        if code == 2:
            assert len(said.err.strip().splitlines()) == 1, (number, said.err)
        else:
            for row in json.loads(said.out):
                assert row["status"] in ("taken", "quarantined")
                assert row["tonnes"] is not None or row["status"] == "quarantined"
                assert bool(row["reason"]) is (row["status"] == "quarantined")
    assert _peak() - peak < MEMORY
    assert book.read_bytes() == before
    assert sorted(path.name for path in book.parent.iterdir()) == [book.name]


def _peak() -> int:
    """The most memory that this process has used, in bytes; 0 where the system does not say."""
    try:
        import resource  # noqa: PLC0415
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
