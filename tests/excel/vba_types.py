"""Types in our VBA, as far as its compiler is strict: a variable passed by reference must be of the parameter's type."""

from __future__ import annotations

import re
from collections.abc import Iterator

HEAD = re.compile(r"^(?:(?:Public|Private) )?(?:Sub|Function) (\w+)\((.*?)\)(?: As (\w+))?$")
PARAMETER = re.compile(r"^(?:Optional )?(ByVal |ByRef )?(?:ParamArray )?(\w+)(?:\(\))?(?: As (\w+))?$")
DECLARED = re.compile(r"^(?:Dim|Private|Public) ((?!Const |Declare |WithEvents )\w.*)$")
VARIABLE = re.compile(r"^(\w+)(?:\([^)]*\))?(?: As (\w+))?$")


def mismatches(sources: dict[str, str]) -> list[str]:
    """Calls that the compiler refuses: variables of another type where a procedure of ours takes one by reference."""
    modules = {name: _statements(text) for name, text in sources.items()}
    wanted = {
        head[1].lower(): [_parameter(one) for one in _parts(head[2])]
        for lines in modules.values()
        for line in lines
        if (head := HEAD.match(line))
    }
    return [f"{name}: {found}" for name, lines in modules.items() for found in _mismatches(lines, wanted)]


def _statements(text: str) -> list[str]:
    """Lines without comments and indents, continued ones joined."""
    joined = re.sub(r" _\r?\n\s*", " ", text)
    return [re.sub(r"""^((?:[^"']|"[^"]*")*)'.*$""", r"\1", line).strip() for line in joined.splitlines()]


def _parts(text: str) -> list[str]:
    """What commas separate, but for those within quotes and parentheses."""
    found, depth, quoted = [""], 0, False
    for letter in text:
        quoted ^= letter == '"'
        depth += 0 if quoted else (letter == "(") - (letter == ")")
        if letter == "," and not depth and not quoted:
            found.append("")
        else:
            found[-1] += letter
    return [part.strip() for part in found if part.strip()]


def _parameter(text: str) -> tuple[bool, str, str]:
    """By reference, name, type."""
    how, name, kind = PARAMETER.match(text).groups()
    return how != "ByVal ", name.lower(), kind or "Variant"


def _mismatches(lines: list[str], wanted: dict[str, list[tuple[bool, str, str]]]) -> Iterator[str]:
    module: dict[str, str] = {}
    types = module
    for line in lines:
        if head := HEAD.match(line):
            types = {**module, **{name: kind for _, name, kind in map(_parameter, _parts(head[2]))}}
        elif declared := DECLARED.match(line):
            for one in _parts(declared[1]):
                if variable := VARIABLE.match(one):
                    types[variable[1].lower()] = variable[2] or "Variant"
        else:
            yield from (f"{line}: {one}" for one in _wrong(line, types, wanted))


def _wrong(line: str, types: dict[str, str], wanted: dict[str, list[tuple[bool, str, str]]]) -> Iterator[str]:
    for call in re.finditer(r"(?<![\w.])(\w+)(\(| (?=[\w\"]))", line):
        parameters = wanted.get(call[1].lower())
        if parameters is None or (call[2] == " " and call.start()):
            continue
        inside = _parts(line[call.end() :] if call[2] == " " else _within(line[call.end() :]))
        for (by_reference, _, want), given in zip(parameters, inside, strict=False):
            variable = re.fullmatch(r"(\w+)(?:\([^()]*\))?", given)
            have = types.get(variable[1].lower()) if variable else None
            if by_reference and want != "Variant" and have not in (None, want):
                yield f"{given} is {have}, want {want}"


def _within(text: str) -> str:
    """The text up to the parenthesis that closes one opened before it."""
    depth = 1
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if not depth:
            return text[:place]
    return text
