"""The manual, shown in the browser."""

from __future__ import annotations

import re
import tempfile
import webbrowser
from pathlib import Path

FIRST = ("ribbon", "quick-start", "planners", "finance", "managers", "workbook", "reports", "input-checks", "functions")
"""Pages of the manual that come first, in this order."""

_STYLE = """
body { font: 16px/1.5 "Segoe UI", sans-serif; color: #1f2937; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1 { color: #1f3864; border-top: 1px solid #bfc7d5; padding-top: 2rem } h2 { color: #1f3864 }
table { border-collapse: collapse } td, th { border: 1px solid #bfc7d5; padding: .2rem .6rem; text-align: left }
pre { background: #eef2f8; padding: .8rem; overflow: auto } img { max-width: 100% }
"""
_LINK = re.compile(r'href="(?:([\w-]+)\.md)?(#[\w-]*)?"')
_OUTSIDE = re.compile(r'<a href="\.\./[^"]*">(.*?)</a>')
"""A link to what only the sources have."""
_HEADING = re.compile(r"<h([2-6])>(.*?)</h\1>")
_PICTURE = re.compile(r'src="(pictures/[\w.-]+)"')


def open_manual() -> None:
    """Open the manual; it is written anew, for this version, into the folder for temporary files."""
    path = Path(tempfile.gettempdir()) / "smile-xl-manual.html"
    path.write_text(manual(), encoding="utf-8")
    webbrowser.open(path.as_uri())


def manual() -> str:
    """All pages as one of HTML; links between them lead to their place in it."""
    from markdown_it import MarkdownIt  # noqa: PLC0415

    markdown = MarkdownIt("commonmark").enable("table")
    parts = [f'<!DOCTYPE html>\n<meta charset="utf-8"><title>SMILE</title><style>{_STYLE}</style>']
    names = pages()
    for name in names:
        text = markdown.render((folder() / f"{name}.md").read_text(encoding="utf-8"))
        text = _LINK.sub(lambda link: f'href="#{link[1]}"' if link[1] in names else link[0], text)
        text = _OUTSIDE.sub(r"\1", text)
        text = _HEADING.sub(lambda head: f'<h{head[1]} id="{_slug(head[2])}">{head[2]}</h{head[1]}>', text)
        text = _PICTURE.sub(lambda link: f'src="{(folder() / link[1]).as_uri()}"', text)
        parts.append(f'<section id="{name}">\n{text}</section>')
    return "\n".join(parts)


def _slug(heading: str) -> str:
    """The name under which links know a heading."""
    return re.sub(r"[^\w -]", "", re.sub("<[^>]*>", "", heading)).lower().replace(" ", "-")


def pages() -> list[str]:
    """Names of all pages in their order."""
    there = sorted(path.stem for path in folder().glob("*.md"))
    return sorted(there, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))


def folder() -> Path:
    """Where the pages stand, in an installation or in a checkout of the sources."""
    package = Path(__file__).parents[1]
    installed = package / "manual"
    return installed if installed.is_dir() else package.parent / "docs"
