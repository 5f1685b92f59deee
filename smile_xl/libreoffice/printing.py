"""Pages as a PDF, printed by LibreOffice from a workbook of their own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from smile_xl.books.xlsx.create import create_book
from smile_xl.libreoffice.office import Office
from smile_xl.reports.page import Page


def pdf_of(pages: Sequence[Page], path: Path) -> bytes:
    """The pages as one PDF; the workbook is written to ``path``, whose name the feet show. Raises OfficeError."""
    create_book(path, pages)
    with Office() as office, office.workspace() as folder:
        document = office.open(path)
        target = folder / "pages.pdf"
        document.export_pdf(target, [page.sheet for page in pages])
        document.close()
        return target.read_bytes()
