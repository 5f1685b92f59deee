"""The ribbon's tab: every command of the registry, its texts in the language of Excel's menus."""

import pytest
from lxml import etree

from smile_xl.excel import ribbon
from smile_xl.excel.ribbon import NAMESPACE
from smile_xl.registry import COMMANDS

ROOT = etree.fromstring(ribbon.custom_ui().encode())
CONTROLS = {element.get("id"): element for element in ROOT.iter() if element.get("id")}
TEXTS = {row[0]: row[1:] for row in ribbon.texts()}


def test_every_command_of_the_registry_is_on_the_tab_and_nothing_else():
    buttons = {element.get("tag") for element in ROOT.iter(f"{{{NAMESPACE}}}button")}
    expected = {name for name, command in COMMANDS.items() if not command.choices}
    expected |= {f"{name} {choice}" for name, command in COMMANDS.items() for choice in command.choices}
    assert buttons == expected


def test_a_button_runs_the_command_that_its_tag_names():
    actions = {element.get("tag"): element.get("onAction") for element in ROOT.iter(f"{{{NAMESPACE}}}button")}
    assert actions.pop("why") == "SmileWhyButton"
    assert actions.pop("restart") == "SmileRestartButton"
    assert set(actions.values()) == {"SmileCommand"}


def test_the_menu_of_reports_offers_each_report_by_its_sheet_name():
    menu = CONTROLS["smile_report"]
    labels = [TEXTS[button.get("id")][:2] for button in menu]
    assert ("Projections", "Projections") in labels
    assert ("Overstock", "Surstock") in labels
    assert len(labels) == len(COMMANDS["report"].choices)


@pytest.mark.parametrize(
    ("name", "english", "french"),
    [
        ("smile_refresh", "Refresh all", "Tout actualiser"),
        ("smile_projections", "Recalculate projections", "Recalculer les projections"),
        ("smile_check", "Check inputs", "Contrôler les données"),
        ("smile_settings", "Settings", "Paramètres"),
        ("smile_group_workbook", "Workbook", "Classeur"),
    ],
)
def test_labels_stand_in_english_and_in_french(name, english, french):
    assert TEXTS[name][:2] == (english, french)


def test_excel_shows_labels_and_tips_of_every_control_whole():
    for name in CONTROLS.keys() & TEXTS.keys():
        english, french, tip, conseil = TEXTS[name]
        assert 0 < len(english) <= 40, name
        assert 0 < len(french) <= 40, name
        assert bool(tip) == bool(conseil), name
        assert max(len(tip), len(conseil)) <= 1024, name
