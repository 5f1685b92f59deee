"""Five hundred damaged books: each is refreshed or refused; never a defect, a hang, much memory or a changed book."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import struct
import time

import pytest

pytest.importorskip("resource", reason="processes are forked here, which Windows can't do")

from books import foreign_books, forks
from books.foreign_parts import parts, sheet_parts, zipped
from small_books import small_book

from smile_xl.reports import REFRESHED

STAMP = "2030-01-01T00:00"
SECONDS, MEMORY = 10, 1 << 30
FEW = ("srm", "dsr", "checks")
BATCH = 25
SRM, WORKBOOK, LINKS, TYPES, STYLES = (
    "xl/worksheets/sheet2.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml", "xl/styles.xml",
)  # fmt: skip
SHEETS = [f"xl/worksheets/sheet{number}.xml" for number in range(1, 13)]


# The file -----------------------------------------------------------------------------------------------------------


def flipped_bytes(pick, data):
    data = bytearray(data)
    for _ in range(pick.choice([1, 3, 30])):
        data[pick.randrange(len(data))] ^= 1 << pick.randrange(8)
    return bytes(data)


def flipped_directory(pick, data):
    """Bytes of the zip file's directory, which says where the parts are."""
    start = data.rfind(b"PK\1\2", 0, len(data)) if pick.random() < 0.5 else data.find(b"PK\1\2")
    data = bytearray(data)
    data[pick.randrange(start, len(data))] = pick.randrange(256)
    return bytes(data)


def cut_end(pick, data):
    return data[: pick.randrange(len(data))]


def cut_inside(pick, data):
    start = pick.randrange(len(data))
    return data[:start] + data[start + pick.choice([1, 10, 500]) :]


def repeated_piece(pick, data):
    start = pick.randrange(len(data))
    return data[:start] + data[start : start + pick.choice([1, 100, 5000])] + data[start:]


def false_sizes(pick, data):
    """Sizes in the directory that are not those of the parts."""
    start = data.find(b"PK\1\2")
    data = bytearray(data)
    struct.pack_into("<L", data, start + pick.choice([16, 20, 24, 42]), pick.choice([0, 1, 1 << 31, (1 << 32) - 1]))
    return bytes(data)


# The parts ----------------------------------------------------------------------------------------------------------


def dropped_part(pick, content):
    del content[pick.choice(list(content))]


def emptied_part(pick, content):
    content[pick.choice(list(content))] = b""


def swapped_parts(pick, content):
    first, second = pick.sample(list(content), 2)
    content[first], content[second] = content[second], content[first]


def flipped_inside(pick, content):
    """Bytes of a part, packed again with the right checksum."""
    name = pick.choice(list(content))
    data = bytearray(content[name])
    for _ in range(pick.choice([1, 2, 10])):
        data[pick.randrange(len(data))] = pick.choice(b"<>\"'/ =&;!-09AZaz\0\xff\n")
    content[name] = bytes(data)


def truncated_part(pick, content):
    name = pick.choice(list(content))
    content[name] = content[name][: pick.randrange(len(content[name]))]


def link_to_nowhere(pick, content):
    name = pick.choice([LINKS, "_rels/.rels"])
    targets = re.findall(rb'Target="[^"]*"', content[name])
    lost = pick.choice([b"nowhere.xml", b"", b"../../../etc/passwd", b"/", b"worksheets/", b"%zz%00", b"#SRM!A1"])
    content[name] = content[name].replace(pick.choice(targets), b'Target="%b"' % lost)


def link_changed(pick, content):
    """An attribute of a link: dropped, doubled with another link's, or with another kind."""
    links = re.findall(rb"<Relationship [^<>]*>", content[LINKS])
    one, other = pick.sample(links, 2)
    kind = pick.choice([b"Id", b"Type", b"Target"])
    value = re.search(rb' %b="[^"]*"' % kind, other)[0]
    new = re.sub(rb' %b="[^"]*"' % kind, pick.choice([b"", value.replace(b"\\", b"\\\\")]), one)
    content[LINKS] = content[LINKS].replace(one, pick.choice([new, new.replace(b"/>", b' TargetMode="External"/>')]))


def wrong_type(pick, content):
    types = re.findall(rb'ContentType="([^"]*)"', content[TYPES])
    one, other = pick.sample(types, 2)
    content[TYPES] = content[TYPES].replace(one, pick.choice([other, b"", b"text/plain"]), pick.choice([1, -1]))


# XML ----------------------------------------------------------------------------------------------------------------


def swapped_attributes(pick, content):
    """Values of two attributes of a part."""
    name = pick.choice(list(content))
    found = list(re.finditer(rb'="[^"]*"', content[name]))
    if len(found) < 2:
        return
    one, other = sorted(pick.sample(found, 2), key=lambda match: match.start())
    xml = content[name]
    content[name] = b"".join([xml[: one.start()], other[0], xml[one.end() : other.start()], one[0], xml[other.end() :]])


def attribute_changed(pick, content):
    name = pick.choice([*SHEETS, SRM, SRM, WORKBOOK, STYLES, STYLES])
    found = pick.choice(list(re.finditer(rb' [\w:]+="([^"]*)"', content[name])))
    value = pick.choice(
        [b"", b"-1", b"0", b"99999999999999999999", b"1.5", b"\xc2\xb2", b"NaN", b"x", b"A1:", b"&#10;", b"true"]
    )
    start, end = found.span(1)
    content[name] = content[name][:start] + value + content[name][end:]


def element_dropped(pick, content):
    name = pick.choice([SRM, *SHEETS, WORKBOOK, STYLES])
    found = list(re.finditer(rb"<(\w+)\b[^<>]*/>|<(\w+)\b[^<>]*>[^<>]*</\2>", content[name]))
    one = pick.choice(found)
    content[name] = content[name][: one.start()] + content[name][one.end() :]


def element_repeated(pick, content):
    name = pick.choice([SRM, *SHEETS, WORKBOOK, STYLES, LINKS, TYPES])
    one = pick.choice(list(re.finditer(rb"<(\w+)\b[^<>]*/>|<(\w+)\b[^<>]*>[^<>]*</\2>", content[name])))
    content[name] = content[name][: one.end()] + one[0] * pick.choice([1, 1, 500]) + content[name][one.end() :]


def renamed_element(pick, content):
    name = pick.choice([SRM, *SHEETS, WORKBOOK, STYLES])
    old = pick.choice(re.findall(rb"<(\w+)", content[name]))
    new = pick.choice([b"row", b"c", b"v", b"f", b"x:c", b"sheetData", b"worksheet", b"is", b"unknown"])
    content[name] = re.sub(rb"(</?)%b\b" % old, rb"\g<1>" + new, content[name], count=pick.choice([1, 2, 0]))


def deep_nesting(pick, content):
    name = pick.choice([SRM, WORKBOOK, STYLES, LINKS])
    depth = pick.choice([50, 300, 5000, 200_000])
    xml = content[name]
    place = xml.rfind(b"</")
    inner = b"<a>" * depth + b"</a>" * depth if pick.random() < 0.7 else b"<a>" * depth
    content[name] = xml[:place] + inner + xml[place:]


# Cells --------------------------------------------------------------------------------------------------------------


def cells_of(xml):
    return list(re.finditer(rb'<c r="[A-Z]+[0-9]+"[^<>]*?(?:/>|>.*?</c>)', xml))


def moved_cell(pick, content):
    """A cell put somewhere else in its sheet: out of order, in another row, between rows, twice."""
    xml = content[name := pick.choice([SRM, SRM, *SHEETS])]
    one, other = pick.sample(cells_of(xml), 2)
    place = pick.choice([other.start(), other.end(), xml.find(b"</row>") + 6, xml.find(b"</sheetData>")])
    with_copy = xml[:place] + one[0] + xml[place:]
    content[name] = with_copy if pick.random() < 0.5 else with_copy.replace(one[0], b"", 1)


def reference_changed(pick, content):
    """A reference beyond the grid, at its last cell, or none at all."""
    xml = content[name := pick.choice([SRM, *SHEETS])]
    one = pick.choice(cells_of(xml))
    new = pick.choice([b"XFD1048576", b"XFE1", b"A1048577", b"A0", b"AAAAAAA1", b"A99999999999", b"1A", b"A", b"",
                       b"$A$1", b"a1", b"ZZZ999999", b"CC9", b"R1C1", b"A-1"])  # fmt: skip
    changed = re.sub(rb' r="[^"]*"', b' r="%b"' % new if pick.random() < 0.8 else b"", one[0], count=1)
    content[name] = xml[: one.start()] + changed + xml[one.end() :]


def row_changed(pick, content):
    """A row's number: beyond the grid, doubled, out of order, or none."""
    xml = content[name := pick.choice([SRM, SRM, *SHEETS])]
    one = pick.choice(list(re.finditer(rb'<row r="(\d+)"', xml)))
    new = pick.choice([b"1048576", b"1048577", b"99999999999", b"0", b"-5", b"1", b"6", b"x", b""])
    content[name] = xml[: one.start()] + (b'<row r="%b"' % new if pick.random() < 0.8 else b"<row") + xml[one.end() :]


def rows_shuffled(pick, content):
    xml = content[name := pick.choice([SRM, SRM, *SHEETS])]
    rows = re.findall(rb"<row .*?</row>", xml)
    start, end = xml.find(rows[0]), xml.find(b"</sheetData>")
    pick.shuffle(rows)
    content[name] = xml[:start] + b"".join(rows * pick.choice([1, 1, 2])) + xml[end:]


def value_changed(pick, content):
    """A number replaced by text, by a number that is none, or an index beyond the strings."""
    xml = content[name := pick.choice([SRM, SRM, *SHEETS])]
    one = pick.choice(list(re.finditer(rb"<v>([^<]*)</v>", xml)))
    new = pick.choice([b"text", b"", b"-1", b"NaN", b"1e999", b"-Infinity", b"99999999", b"1,5", b"0x10", b"1_000",
                       b" 7 ", b"\xd9\xa3", b"&#x1F600;", b"#REF!", b"9" * 400, b"2958466", b"-700000"])  # fmt: skip
    content[name] = xml[: one.start(1)] + new + xml[one.end(1) :]


def type_of_cell_changed(pick, content):
    xml = content[name := pick.choice([SRM, SRM, *SHEETS])]
    one = pick.choice(cells_of(xml))
    kind = b' t="%b"' % pick.choice([b"s", b"e", b"b", b"d", b"n", b"str", b"inlineStr", b"x", b""])
    plain = re.sub(rb' t="[^"]*"', b"", one[0])
    content[name] = xml[: one.start()] + re.sub(rb"(/?>)", kind + rb"\1", plain, count=1) + xml[one.end() :]


def style_of_cell_changed(pick, content):
    xml = content[name := pick.choice([SRM, *SHEETS])]
    one = pick.choice(list(re.finditer(rb' s="(\d+)"', xml)))
    content[name] = xml[: one.start(1)] + pick.choice([b"9999", b"-1", b"x", b"99999999999"]) + xml[one.end(1) :]


def dimension_changed(pick, content):
    xml = content[name := pick.choice([SRM, *SHEETS])]
    new = pick.choice([b"A1:XFD1048576", b"A1", b"", b"ZZZZ9", b"A1:A99999999999", b"B2:A1", b"x"])
    content[name] = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="%b"' % new, xml)


def huge_extent(pick, content):
    """Cells far apart, so that the rectangle around them has billions of cells."""
    far = pick.choice([b"XFD", b"ZZ", b"CD"])
    row = pick.choice([1048576, 1048575, 600000, 400])
    cell = b'<row r="%d"><c r="%b%d"><v>1</v></c></row>' % (row, far, row)
    name = pick.choice([SRM, *SHEETS])
    content[name] = content[name].replace(b"</sheetData>", cell + b"</sheetData>")


def formula_changed(pick, content):
    xml = content[name := pick.choice([SRM, "xl/worksheets/sheet3.xml"])]
    one = pick.choice(cells_of(xml))
    new = pick.choice([
        b'<f t="array" ref="A1:XFD1048576">1</f>', b'<f t="shared" si="0"/>', b'<f t="shared" si="x" ref="">1</f>',
        b'<f t="array" ref="AT6:BE8">SMILE_ORDERS(</f>', b"<f>" + b"(" * 9000 + b"</f>", b"<f/>", b'<f t="dataTable" ref="A1"/>',
        b"<f>INDIRECT(&quot;A1&quot;)</f>",
    ])  # fmt: skip
    changed = re.sub(
        rb'(<c r="[A-Z]+\d+"[^<>/]*)(?:/>|>.*)', rb"\1>" + new.replace(b"\\", b"") + b"<v>1</v></c>", one[0]
    )
    content[name] = xml[: one.start()] + changed + xml[one.end() :]


def strings_changed(pick, content):
    name = "xl/sharedStrings.xml"
    items = re.findall(rb"<si>.*?</si>", content[name], re.DOTALL)
    new = pick.choice([b"", b"<si/>", b"<si><t/></si>", b"<si><r><t>a</t></r></si>", b"<si><t>\xef\xbf\xbf</t></si>",
                       b"<si><t>_x0000_</t></si>", b"<si><t>&#0;</t></si>", b"<si><t>" + b"a" * 40000 + b"</t></si>"])  # fmt: skip
    content[name] = content[name].replace(pick.choice(items), new)


OF_FILE = (flipped_bytes, flipped_directory, cut_end, cut_inside, repeated_piece, false_sizes)
OF_PARTS = (
    dropped_part, emptied_part, swapped_parts, flipped_inside, flipped_inside, truncated_part, link_to_nowhere,
    link_changed, wrong_type, swapped_attributes, attribute_changed, attribute_changed, element_dropped,
    element_repeated, renamed_element, deep_nesting, moved_cell, moved_cell, reference_changed, reference_changed,
    row_changed, rows_shuffled, value_changed, type_of_cell_changed, style_of_cell_changed, dimension_changed,
    huge_extent, formula_changed, strings_changed,
)  # fmt: skip
ALL = OF_FILE + OF_PARTS


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """The bytes of a sound book, and its parts."""
    folder = tmp_path_factory.mktemp("good")
    path = small_book(folder / "good.xlsx", foreign_books.write_data(folder), FEW)
    content = parts(path)
    assert sheet_parts(content)["SRM"] == SRM
    data = path.read_bytes()
    assert forks.refresh(path, STAMP, *REFRESHED) == 0  # what it loads, no process that is forked has to load again
    return data, content


def mutated(number, good, path):
    """Write the mutated book of this number; what was done to it."""
    pick = random.Random(number)
    mutation = ALL[number % len(ALL)]
    data, content = good
    if mutation in OF_FILE:
        path.write_bytes(mutation(pick, data))
    else:
        content = dict(content)
        for _ in range(pick.choice([1, 1, 1, 2])):
            mutation(pick, content)
        zipped(path, content)
    return mutation.__name__


def fault(number, good, folder):
    """What is wrong about a refresh of the mutated book of this number; "" where nothing is. In a process of its own."""
    path = folder / f"{number}.xlsx"
    mutated(number, good, path)
    before = path.read_bytes()
    reports = REFRESHED if number % 5 == 0 else FEW  # all of them take twice as long
    code = forks.refresh_twice(path, STAMP, MEMORY, *reports)
    wrong = ""
    if code not in (0, 2):
        wrong = f"ends with {code}"
    elif [other.name for other in folder.iterdir()] != [path.name]:
        wrong = "leaves files"
    elif code == 2 and path.read_bytes() != before:
        wrong = "is refused and changed"
    elif code == 0 and forks.opens(path) != 0:
        path.write_bytes(before)
        wrong = "is no more opened by openpyxl" if forks.opens(path) == 0 else ""
    path.unlink(missing_ok=True)
    return wrong


def fault_of_each(numbers, good, folder, told):
    """Tell a number before its turn and the fault after it; the system ends the process whose turn takes too long."""
    for number in numbers:
        told.write_text(f"{told.read_text()}{number} ")
        signal.alarm(SECONDS)
        try:
            wrong = fault(number, good, folder)
        except BaseException as error:  # a defect, or the end of the process
            wrong = f"raises {error!r}"
        signal.alarm(0)
        told.write_text(f"{told.read_text()}{wrong}\n")
    return 0


def faults_of(numbers, good, folder):
    """The faults of some mutated books, by as few processes as live long enough."""
    told, books = folder / "told", folder / "books"
    left, found = list(numbers), []
    while left:
        shutil.rmtree(books, ignore_errors=True)
        books.mkdir()
        told.write_text("")
        code = forks.outcome(SECONDS * (len(left) + 1), fault_of_each, left, good, books, told)
        lines = told.read_text().splitlines()
        assert [int(line.split(" ")[0]) for line in lines] == left[: len(lines)]
        if code != 0:
            lines[-1] += f"ends with {code}"
        assert lines, code
        found += [
            f"{number} ({ALL[number % len(ALL)].__name__}) {line.partition(' ')[2]}"
            for number, line in zip(left, lines, strict=False)
            if line.partition(" ")[2]
        ]
        left = left[len(lines) :]
    return found


@pytest.mark.parametrize("first", range(0, 500, BATCH))
def test_a_mutated_book_is_refreshed_or_refused_and_nothing_else(first, good, tmp_path):
    assert faults_of(range(first, first + BATCH), good, tmp_path) == []


def test_what_ends_a_process_or_takes_too_long_is_told_with_its_number(good, tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "SECONDS", 1)
    ends = {1: lambda: os.kill(os.getpid(), signal.SIGKILL), 3: lambda: time.sleep(9), 5: lambda: 1 / 0}
    monkeypatch.setitem(globals(), "fault", lambda number, *_: ends.get(number, lambda: "")())
    names = [ALL[number].__name__ for number in ends]
    ended = (
        f"ends with {-signal.SIGKILL}",
        f"ends with {-signal.SIGALRM}",
        "raises ZeroDivisionError('division by zero')",
    )
    expected = [f"{number} ({name}) {end}" for number, name, end in zip(ends, names, ended, strict=True)]
    assert faults_of(range(7), good, tmp_path) == expected


def test_mutations_of_both_outcomes_are_among_them(good, tmp_path):
    """Else the mutations are too harsh, or too mild, to show anything."""
    codes = []
    for number in range(len(ALL), 2 * len(ALL)):
        path = tmp_path / f"{number}.xlsx"
        mutated(number, good, path)
        codes.append(forks.outcome(SECONDS, forks.refresh, path, STAMP, *FEW))
    assert codes.count(0) >= 5
    assert codes.count(2) >= 10
