"""The Calc add-in as a file: ``smile_xl.oxt``, made from the registry. The same text gives the same bytes."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from smile_xl import __version__
from smile_xl.language import LANGUAGES, Language, say
from smile_xl.registry import FUNCTIONS, Parameter, SheetFunction

FILE_NAME = "smile_xl.oxt"
IDENTIFIER = "org.smilexl"  # UNO takes no underscore between small letters
FUNCTIONS_SERVICE = f"{IDENTIFIER}.Functions"
"""Registered as nothing else: with the service com.sun.star.sheet.AddIn Calc would not look at our names and help."""
NAMES_SERVICE = f"{IDENTIFIER}.Names"
_FIXED_DATE = (1980, 1, 1, 0, 0, 0)
_REGISTRY = "http://openoffice.org/2001/registry"


def internal_name(function: str) -> str:
    """The name by which every Calc finds a function in a file.

    >>> internal_name("SMILE_CV")
    'ORG.SMILEXL.FUNCTIONS.SMILE_CV'
    """
    return f"{FUNCTIONS_SERVICE.upper()}.{function}"


def extension_parts(python: str = sys.executable, *, repair: bool = True) -> dict[str, bytes]:
    """Files of the add-in by name; it calculates with this Python and this package.

    Without ``repair`` it leaves the names in opened files alone.
    """
    worker = [python, str(Path(__file__).with_name("worker.py").resolve())]
    addin = {
        "functions": list(FUNCTIONS),
        "functions_service": FUNCTIONS_SERVICE,
        "names_service": NAMES_SERVICE,
        "worker": worker,
    }
    texts = {
        "META-INF/manifest.xml": _manifest(repair=repair),
        "description.xml": _description(),
        "functions.idl": _interface(),
        "CalcAddIns.xcu": _help(),
        "Jobs.xcu": _jobs(),
        "component.py": Path(__file__).with_name("component.py").read_text(encoding="utf-8"),
        "pythonpath/smile_xl_calls.py": Path(__file__).with_name("calls.py").read_text(encoding="utf-8"),
        "addin.json": json.dumps(addin, indent=1) + "\n",
    }
    return {name: text.encode() for name, text in texts.items()}


def extension_file(python: str = sys.executable) -> bytes:
    """The add-in as a file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in extension_parts(python).items():
            package.writestr(zipfile.ZipInfo(name, _FIXED_DATE), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _manifest(*, repair: bool) -> str:
    types = {
        "functions.idl": "application/vnd.sun.star.uno-typelibrary;type=RDB",
        "component.py": "application/vnd.sun.star.uno-component;type=Python",
        "CalcAddIns.xcu": "application/vnd.sun.star.configuration-data",
    }
    if repair:
        types["Jobs.xcu"] = "application/vnd.sun.star.configuration-data"
    entries = "".join(
        f' <manifest:file-entry manifest:full-path="{name}" manifest:media-type="{kind}"/>\n'
        for name, kind in types.items()
    )
    space = "http://openoffice.org/2001/manifest"
    return f'{_XML}<manifest:manifest xmlns:manifest="{space}">\n{entries}</manifest:manifest>\n'


def _description() -> str:
    names = "".join(
        f'  <name lang="{language}">{escape(say("libreoffice.addin", language))}</name>\n' for language in LANGUAGES
    )
    return f"""{_XML}<description xmlns="http://openoffice.org/extensions/description/2006">
 <identifier value="{IDENTIFIER}"/>
 <version value="{__version__}"/>
 <display-name>
{names} </display-name>
</description>
"""


def _interface() -> str:
    """What the component offers, as UNO wants to know it: every argument may be anything, every result is rows."""
    methods = "".join(
        f"  sequence< sequence<any> > {function.name}({', '.join(_parameters(function))});\n"
        for function in FUNCTIONS.values()
    )
    module, name = IDENTIFIER.split(".")
    return f"module {module} {{ module {name} {{\n interface XFunctions {{\n{methods} }};\n}}; }};\n"


def _parameters(function: SheetFunction) -> Iterator[str]:
    for one in function.parameters:
        if one.kind == "cell":  # the cell itself, and the document, which Calc adds
            yield "[in] com::sun::star::beans::XPropertySet document"
            yield f"[in] com::sun::star::table::XCellRange {_uno_name(one)}"
        else:
            yield f"[in] any {_uno_name(one)}"


def _uno_name(parameter: Parameter) -> str:
    return parameter.name.replace("_", "")


def _help() -> str:
    functions = "".join(
        _node(
            function.name,
            _text("DisplayName", {"en": function.name}),
            _text("CompatibilityName", {"en": function.name}),
            _text("Description", {language: _described(function, language) for language in LANGUAGES}),
            '<prop oor:name="Category"><value>Add-In</value></prop>',
            _node("Parameters", *(
                _node(
                    _uno_name(one),
                    _text("DisplayName", {"en": one.name}),
                    _text("Description", {language: function.help_of(one, language) for language in LANGUAGES}),
                    replaced=True,
                )
                for one in function.parameters
            )),
            replaced=True,
        )
        for function in FUNCTIONS.values()
    )  # fmt: skip
    tree = _node("AddInInfo", _node(FUNCTIONS_SERVICE, _node("AddInFunctions", functions), replaced=True))
    return _configuration("CalcAddIns", tree)


def _described(function: SheetFunction, language: Language) -> str:
    return f"{function.category_in(language)} – {function.help_in(language)}"


def _jobs() -> str:
    service = f'<prop oor:name="Service"><value>{NAMES_SERVICE}</value></prop>'
    jobs = _node("Jobs", _node("SmileNames", service, replaced=True))
    listed = _node("JobList", _node("SmileNames", replaced=True))
    return _configuration("Jobs", jobs, _node("Events", _node("OnLoadFinished", listed, fused=True)))


_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


def _configuration(name: str, *nodes: str) -> str:
    spaces = f'xmlns:oor="{_REGISTRY}" xmlns:xs="http://www.w3.org/2001/XMLSchema"'
    package = 'oor:package="org.openoffice.Office"'
    return f'{_XML}<oor:component-data {spaces} oor:name="{name}" {package}>\n{"".join(nodes)}</oor:component-data>\n'


def _node(name: str, *inside: str, replaced: bool = False, fused: bool = False) -> str:
    operation = ' oor:op="replace"' if replaced else ' oor:op="fuse"' if fused else ""
    return f"<node oor:name={quoteattr(name)}{operation}>{''.join(inside)}</node>\n"


def _text(name: str, texts: Mapping[str, str]) -> str:
    values = "".join(f'<value xml:lang="{language}">{escape(text)}</value>' for language, text in texts.items())
    return f'<prop oor:name="{name}">{values}</prop>'
