"""What the meetings see: effects, calibration, maturity, the calendar, and their papers."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import pytest
from pptx import Presentation
from steering.meeting_books import Remembered, book, item

from smile_xl import commands
from smile_xl.books.csvs import example_folder, read_folder
from smile_xl.books.slides import slides
from smile_xl.cli import run
from smile_xl.planning.bridge import bridge
from smile_xl.planning.cycle import make_cycle
from smile_xl.planning.steering.agenda import figures, open_commitments
from smile_xl.planning.steering.effects import effects
from smile_xl.planning.steering.maturity import CRITERIA, maturity, overall, stage
from smile_xl.planning.steering.month import MEETINGS, weeks_of
from smile_xl.planning.steering.register import calibrations
from smile_xl.reports.stamp import Stamp
from smile_xl.reports.steering.meetings import PAGES_OF, meetings

JULY, AUGUST = dt.date(2023, 7, 1), dt.date(2023, 8, 1)
WHEN = dt.datetime(2023, 8, 2, 9)
BEFORE = [item("Morocco", "1", opening=50.0), item("Morocco", "2", "POP", opening=20.0), item("Algeria", "1", opening=20.0)]  # fmt: skip
NOW = [item("Morocco", "1", opening=90.0, demand=[12.0] * 12), item("Morocco", "2", "POP", opening=20.0), item("Algeria", "1", opening=5.0)]  # fmt: skip


def decided(number: str, month: dt.date | None = JULY, country: str = "", sub_category: str = "", driver: str = "", due: dt.date | None = None) -> list[object]:  # fmt: skip
    return [number, month, None, "x", country or None, sub_category or None, driver or None, "Lina", due, None, "open"]


def measured(*rows: list[object]):
    past = Remembered({JULY: book(items=BEFORE, start=JULY)})
    cycle = make_cycle(book(items=NOW, past=past, decisions=list(rows)))
    found = bridge(make_cycle(past.book(JULY)).inputs, cycle.inputs)
    return effects(cycle, cycle.inputs.steering.decisions), found


def test_an_effect_is_what_its_driver_adds_to_its_scope_from_its_date_on():
    september = dt.date(2023, 9, 30)
    (effect,), found = measured(decided("D1", country="Morocco", sub_category="SOS", driver="demand", due=september))
    place = found.keys.index(("Morocco", "SOS"))
    assert effect.month == dt.date(2023, 9, 1)
    assert effect.value == found.terms["demand"][place, 1]
    assert effect.value != 0


def test_an_effect_without_driver_scope_and_date_is_the_whole_change_of_the_first_month():
    (effect,), found = measured(decided("D1"))
    assert (effect.month, effect.value) == (AUGUST, pytest.approx(found.change[:, 0].sum()))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        pytest.param(decided("D1", AUGUST), "this_cycle", id="taken in this cycle"),
        pytest.param(decided("D1", None), "this_cycle", id="without a cycle"),
        pytest.param(decided("D1", dt.date(2023, 6, 1)), "not_kept", id="a cycle that nobody kept"),
        pytest.param(decided("D1", due=dt.date(2025, 1, 1)), "not_due", id="due after both projections"),
    ],
)
def test_what_can_not_be_measured_says_why(row, reason):
    (effect,), _ = measured(row)
    assert (effect.value, effect.reason) == (None, reason)


def test_cycles_in_different_currencies_are_not_compared():
    dollars = [["Setting", "Value"], ["Currency", "USD"]]
    past = Remembered({JULY: book(items=BEFORE, start=JULY, more={"Settings": dollars})})
    cycle = make_cycle(book(items=NOW, past=past, decisions=[decided("D1")]))
    assert effects(cycle, cycle.inputs.steering.decisions)[0].reason == "not_compared"


def event(number, owner, probability, came_true, impact=100.0, actual=None):
    return [number, "risk", "x", None, None, owner, JULY, probability, impact, JULY, came_true, actual]


def test_calibration_is_by_owner_over_the_settled_events_with_a_probability():
    rows = [
        event("R1", "Lina", 0.7, "yes", 200.0, 150.0),
        event("R2", "lina", 0.3, "no", 100.0, 80.0),
        event("R3", "Omar", 0.5, "yes"),
        event("R4", "Omar", None, "yes"),
        event("R5", "Omar", 0.9, None),
    ]
    lina, omar = calibrations(make_cycle(book(register=rows)).inputs.steering.register)
    assert (lina.owner, lina.events, omar.events) == ("Lina", ("R1", "R2"), ("R3",))
    assert (lina.stated, lina.happened) == pytest.approx((0.5, 0.5))
    assert lina.brier == pytest.approx(0.09)
    assert lina.expected == pytest.approx(0.7 * 200 + 0.3 * 100)
    assert lina.actual == 150.0, "what did not come true cost nothing"
    assert calibrations([]) == []


@pytest.mark.parametrize(
    ("month", "first"),
    [(dt.date(2023, 8, 1), 7), (dt.date(2023, 5, 1), 1), (dt.date(2023, 10, 1), 2), (dt.date(2024, 2, 1), 5)],
)
def test_the_meetings_take_place_in_the_weeks_of_the_first_four_mondays(month, first):
    days = list(weeks_of(month).values())
    assert [day.weekday() for day in days] == [0] * 4
    assert [(day.month, day.day) for day in days] == [(month.month, first + 7 * week) for week in range(4)]


def test_what_is_overdue_comes_first_then_what_is_due_first():
    actions = [
        ["A1", None, None, "x", *[None] * 3, "L", dt.date(2023, 9, 1)],
        ["A2", None, None, "x", *[None] * 3, "L", None],
        ["A3", None, None, "x", *[None] * 3, "L", dt.date(2023, 7, 5)],
        ["A4", None, None, "x", *[None] * 3, "L", dt.date(2023, 7, 1), None, "done"],
        ["A5", None, None, "x", *[None] * 3, "L", dt.date(2023, 8, 15)],
    ]
    assert [one.number for one in open_commitments(make_cycle(book(actions=actions)))] == ["A3", "A5", "A1", "A2"]


def test_the_figures_are_those_of_the_reports():
    cycle = make_cycle(read_folder(example_folder(), "en"))
    shown = {one.name: one.value for one in figures(cycle)}
    summary = commands.tidy.summary(cycle).set_index("figure")["value"]
    assert shown["net"] == summary["net_risk"]
    assert shown["stock"] == summary["stock_value"]
    assert shown["brands"] == summary["brands_at_risk"]
    assert shown["risk"] - shown["used"] == pytest.approx(shown["net"])
    assert {one.meeting for one in figures(cycle)} == set(MEETINGS)


def test_a_team_that_records_nothing_scores_only_what_its_plan_shows():
    criteria = {one.name: one for one in maturity(make_cycle(book()))}
    assert tuple(criteria) == tuple(CRITERIA)
    findings = make_cycle(book()).findings
    warned = {(one.country, one.sap_code) for one in findings if one.severity == "warning" and one.sap_code}
    assert (criteria["inputs"].done, criteria["inputs"].of) == (3 - len(warned), 3)
    silent = ("forecast", "kept", "explained", "decided", "in_time", "measured", "settled", "calibrated")
    assert [criteria[name].score for name in silent] == [0.0] * len(silent)


SNOOZED = ["Kind", "Country", "SAP code", "Place", "Until", "Reason", "By"]


@pytest.mark.parametrize(
    ("more", "clean"),
    [
        pytest.param({}, 2, id="two warnings on one item are one item"),
        pytest.param({"Settings": [["Setting", "Value"], ["Findings shown", 1]]}, 2, id="however many are listed"),
        pytest.param(
            {
                "Snoozed": [
                    SNOOZED,
                    *(
                        [kind, None, None, None, "2024-01", "known", "L"]
                        for kind in ("opening_negative", "landed_below_unit")
                    ),
                ]
            },
            3,
            id="a snoozed warning is no matter",
        ),
    ],
)
def test_inputs_are_clean_by_item(more, clean):
    """An item with an opening of -5 t and a landed cost under its unit cost, beside two without any warning."""
    items = [
        item("Morocco", "1", opening=-5.0, landed_cost=50.0),
        *(item("Morocco", code, opening=20.0) for code in "23"),
    ]
    found = {one.name: one for one in maturity(make_cycle(book(items=items, more=more)))}
    assert (found["inputs"].done, found["inputs"].score) == (clean, clean / 3)


def test_each_criterion_counts_what_it_says():
    past = Remembered({month: book(items=BEFORE, start=month) for month in (JULY, dt.date(2023, 5, 1))})
    whole = ["D1", JULY, None, "x", "Morocco", None, None, "Lina", dt.date(2023, 9, 1), -5.0, "open"]
    late = ["A1", None, None, "x", *[None] * 3, "L", dt.date(2023, 7, 5)]
    done = ["A2", None, None, "x", *[None] * 3, "L", dt.date(2023, 7, 5), None, "done"]
    cycle = make_cycle(
        book(
            items=NOW,
            past=past,
            decisions=[whole, decided("D2", AUGUST)],
            actions=[late, done],
            register=[event("R1", "Lina", 0.7, "yes"), event("R2", "Lina", 0.5, None)],
            causes=[[AUGUST, "Morocco", "SOS", "launch", None]],
        )
    )
    found = {one.name: (one.done, one.of) for one in maturity(cycle)}
    assert found["kept"] == (2, 6)
    assert found["decided"] == (1, 2)
    assert found["in_time"] == (1, 2)
    assert found["measured"] == (1, 1)
    assert found["settled"] == (1, 2)
    assert found["calibrated"] == (pytest.approx(0.09), 1)
    gaps = abs(commands.tidy.gaps(cycle).query("driver == 'total' and month == '2023-07'").set_index(["country", "sub_category"])["value"])  # fmt: skip
    assert found["explained"] == pytest.approx((gaps["Morocco", "SOS"], gaps.sum()))


@pytest.mark.parametrize(("score", "level"), [(0.0, 1), (0.19, 1), (0.2, 2), (0.59, 3), (0.6, 4), (0.8, 5), (1.0, 5)])
def test_the_stage_follows_from_the_mean_score(score, level):
    assert stage(score) == level


def test_the_overall_score_is_the_mean():
    criteria = maturity(make_cycle(book()))
    assert overall(criteria) == pytest.approx(sum(one.score for one in criteria) / len(criteria))


def test_the_page_says_so_where_nothing_is_recorded():
    page = meetings(make_cycle(book()), Stamp(WHEN))
    texts = [str(value) for row in page.cells() for value in row if value is not None]
    assert {"Nothing is open.", "The register is empty."} <= set(texts)


def test_each_meeting_has_pages_that_there_are():
    assert tuple(PAGES_OF) == MEETINGS
    assert {name for names in PAGES_OF.values() for name in names} <= set(commands.PAGES)


@pytest.mark.parametrize(("spoken", "title"), [("en", "Executive review"), ("fr", "Revue de direction")])
def test_the_papers_of_a_meeting_are_its_pages_as_slides(spoken, title):
    papers = commands.pack(read_folder(example_folder(), spoken), "executive", WHEN)
    data = slides(papers.title, papers.subtitle, papers.pages, WHEN)
    deck = Presentation(io.BytesIO(data))
    texts = [{shape.text_frame.text for shape in slide.shapes if shape.has_text_frame} for slide in deck.slides]
    assert title in texts[0]
    shown = [page.title for page in papers.pages]
    assert [one for one in shown if any(one in slide for slide in texts)] == shown
    assert any(shape.has_chart for slide in deck.slides for shape in slide.shapes)
    assert data == slides(papers.title, papers.subtitle, papers.pages, WHEN)
    table = next(shape.table for slide in deck.slides for shape in slide.shapes if shape.has_table)
    assert table.cell(0, 0).text in {"Meeting", "Réunion"}


def test_slides_show_the_figures_of_the_pages():
    papers = commands.pack(read_folder(example_folder(), "en"), "executive", WHEN)
    deck = Presentation(io.BytesIO(slides(papers.title, papers.subtitle, papers.pages, WHEN)))
    cells = [
        cell.text for slide in deck.slides for shape in slide.shapes if shape.has_table for row in shape.table.rows
        for cell in row.cells
    ]  # fmt: skip
    value = commands.tidy.summary(papers.cycle)["value"].iloc[0]
    assert f"{value:,.0f}" in cells


def shown_in(deck) -> list[tuple[list[str], list[list[str]]]]:
    """Texts of each slide, and the rows of its table."""
    return [
        (
            [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame],
            [
                [cell.text for cell in row.cells]
                for shape in slide.shapes
                if shape.has_table
                for row in shape.table.rows
            ],
        )
        for slide in deck.slides
    ]


@pytest.fixture(scope="module")
def supply():
    papers = commands.pack(read_folder(example_folder(), "en"), "supply", WHEN)
    return Presentation(io.BytesIO(slides(papers.title, papers.subtitle, papers.pages, WHEN)))


def test_what_a_reader_chooses_in_the_workbook_is_no_slide(supply):
    titles = [texts[1] for texts, rows in shown_in(supply) if rows and texts[0].startswith("Availability")]
    assert len(titles) == len(set(titles)) == 5, "each cover once for all countries, and the imports"


def test_of_a_tree_the_slide_shows_what_the_sheet_shows_unfolded(supply):
    (rows,) = [rows for texts, rows in shown_in(supply) if texts[1:] and texts[1].startswith("From the total")]
    assert [row[0] for row in rows[1:]] == ["Total", "country", "site", "country", "site", "site", "country", "site"]


def test_a_slide_says_what_is_left_out_and_no_nought(supply):
    notes = [text for texts, _ in shown_in(supply) for text in texts if " in sheet " in text]
    assert notes
    assert not [note for note in notes if note.startswith("0 ") or " 0 " in note]


def test_a_chart_has_its_unit_once(supply):
    papers = commands.pack(read_folder(example_folder(), "en"), "executive", WHEN)
    deck = Presentation(io.BytesIO(slides(papers.title, papers.subtitle, papers.pages, WHEN)))
    assert not [
        text for one in (deck, supply) for texts, _ in shown_in(one) for text in texts if text.count("(EUR)") > 1
    ]


def test_few_figures_are_large(supply):
    sizes = {
        shape.table.cell(1, 0).text_frame.paragraphs[0].runs[0].font.size.pt
        for slide in supply.slides for shape in slide.shapes if shape.has_table
    }  # fmt: skip
    assert {8, 14} <= sizes


def made(tmp_path: Path) -> Path:
    path = tmp_path / "plan.xlsx"
    path.write_bytes((Path(__file__).parents[2] / "workbook" / "master_file.xlsx").read_bytes())
    return path


def test_the_command_writes_the_slides_beside_the_book_and_leaves_it_alone(tmp_path, capsys):
    path = made(tmp_path)
    before = path.read_bytes()
    assert run(["pack", str(path), "--meeting", "supply", "--pptx"], "en") == 0
    target = tmp_path / "plan-supply-2023-08.pptx"
    assert Presentation(target).slides
    assert path.read_bytes() == before
    assert "plan-supply-2023-08.pptx: Meetings, Availability" in capsys.readouterr().err


@pytest.mark.libreoffice
def test_the_command_writes_a_pdf(tmp_path):
    assert run(["pack", str(made(tmp_path)), "--meeting", "demand", "--pdf", "--output", str(tmp_path / "d.pdf")], "en") == 0  # fmt: skip
    assert (tmp_path / "d.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(["--meeting", "supply"], "want one of --pdf and --pptx", id="no form"),
        pytest.param(["--meeting", "supply", "--pdf", "--pptx"], "want one of --pdf and --pptx", id="both forms"),
        pytest.param(
            ["--meeting", "lunch", "--pdf"], "demand, supply, reconciliation, executive", id="another meeting"
        ),
        pytest.param(["--meeting", "supply", "--pptx", "--output", "x.pdf"], "x.pdf", id="another suffix"),
    ],
)
def test_what_the_command_refuses(tmp_path, capsys, options, said):
    assert run(["pack", str(made(tmp_path)), *options], "en") == 2
    assert said in capsys.readouterr().err
    assert [one.name for one in tmp_path.iterdir()] == ["plan.xlsx"]
