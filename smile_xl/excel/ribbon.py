"""The ribbon's tab, from the registry's COMMANDS: its xml, and the texts that its callbacks look up in the add-in.

Every label is looked up when Excel loads the tab, in the language of Excel's menus.
"""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from smile_xl.language import LANGUAGES, say
from smile_xl.registry import COMMANDS, Command
from smile_xl.reports import sheet_key

NAMESPACE = "http://schemas.microsoft.com/office/2009/07/customui"
LARGE = ("refresh", "report", "projections")
"""Commands shown with a large picture."""
OF_VBA = {"why": "SmileWhyButton", "restart": "SmileRestartButton"}
"""Commands that VBA carries out itself, by the callback that does."""
CALLBACKS = {
    "onAction": "(control As IRibbonControl)",
    "getLabel": "(control As IRibbonControl, ByRef returned As Variant)",
    "getScreentip": "(control As IRibbonControl, ByRef returned As Variant)",
    "getSupertip": "(control As IRibbonControl, ByRef returned As Variant)",
}
"""Signature that Excel wants of the callback that each attribute names."""

Row = tuple[str, ...]


def custom_ui() -> str:
    """The tab as customUI14.xml."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>',
        f'<customUI xmlns="{NAMESPACE}">',
        "  <ribbon>",
        "    <tabs>",
        '      <tab id="smile" label="SMILE" keytip="Y" insertAfterMso="TabData">',
    ]
    for group in dict.fromkeys(command.group for command in COMMANDS.values()):
        lines.append(f'        <group id="{_id(f"group_{group}")}" getLabel="SmileLabel">')
        for command in COMMANDS.values():
            if command.group == group:
                lines += [f"          {line}" for line in _control(command)]
        lines.append("        </group>")
    lines += ["      </tab>", "    </tabs>", "  </ribbon>", "</customUI>", ""]
    return "\n".join(lines)


def texts() -> list[Row]:
    """What the callbacks look up: id of a control, then its label in each language, then its tip in each."""
    rows = [_texts(f"group_{name}", f"ribbon.group.{name}", None) for name in _groups()]
    for command in COMMANDS.values():
        rows.append(_texts(command.name, f"ribbon.{command.name}.label", f"ribbon.{command.name}.tip"))
        rows += [
            _texts(f"{command.name}_{choice}", _choice(command, choice), f"ribbon.{command.name}.tip")
            for choice in command.choices
        ]
    rows.append(_texts("why_none", "ribbon.why.none", None))
    rows.append(_texts("no_script", "ribbon.no_script", None))
    rows.append(_texts("mac_restart", "ribbon.mac_restart", None))
    return rows


def _choice(command: Command, choice: str) -> str:
    """Key of the label of what a menu offers: a report's sheet, else a text of the ribbon."""
    return f"headers.sheet.{sheet_key(choice)}" if command.name == "report" else f"ribbon.{command.name}.{choice}"


def _groups() -> list[str]:
    return list(dict.fromkeys(command.group for command in COMMANDS.values()))


def _texts(name: str, label: str, tip: str | None) -> Row:
    tips = [say(tip, language) if tip else "" for language in LANGUAGES]
    return (_id(name), *(say(label, language) for language in LANGUAGES), *tips)


def _control(command: Command) -> list[str]:
    size = "large" if command.name in LARGE else "normal"
    look = f' size="{size}" imageMso={quoteattr(command.icon)}{_looked_up()}'
    if not command.choices:
        return [_button(command.name, command.name, look)]
    return [
        f'<menu id="{_id(command.name)}" itemSize="normal"{look}>',
        *(
            f"  {_button(f'{command.name}_{one}', f'{command.name} {one}', _looked_up())}"
            for one in command.choices
        ),
        "</menu>",
    ]  # fmt: skip


def _button(name: str, tag: str, look: str) -> str:
    action = OF_VBA.get(name, "SmileCommand")
    return f'<button id="{_id(name)}" tag={quoteattr(tag)} onAction="{action}"{look}/>'


def _looked_up() -> str:
    return ' getLabel="SmileLabel" getScreentip="SmileLabel" getSupertip="SmileTip"'


def _id(name: str) -> str:
    return f"smile_{name}"
