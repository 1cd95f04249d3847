"""A text layer whose characters are not what they look like is not trusted: the page is read from its picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from octavo.ingest import TextSource
from tests.ingest.pages import read_page

LINES = [
    "Revenue in 2021 was 48.3 million euros.",
    "It was 45.1 million in 2019, and 37.6 in 2017.",
    "The mill employed 412 people.",
]
MAP = """/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Adobe-Identity-UCS def /CMapType 2 def
1 begincodespacerange <0000> <FFFF> endcodespacerange
{count} beginbfchar
{pairs}
endbfchar endcmap end end"""


def mapped(path: Path, changed: Callable[[str], str]) -> Path:
    """A page of text whose font says of each character that it is another one."""
    font = pymupdf.Font("helv")
    with pymupdf.open() as document:
        page = document.new_page(width=400, height=300)
        writer = pymupdf.TextWriter(page.rect)
        for n, line in enumerate(LINES):
            writer.append((40, 80 + 30 * n), line, font=font, fontsize=14)
        writer.write_text(page)
        pairs = [f"<{font.has_glyph(ord(c)):04x}> <{ord(changed(c)):04x}>" for c in sorted(set("".join(LINES)))]
        table = MAP.format(count=len(pairs), pairs="\n".join(pairs)).encode()
        for xref in range(1, document.xref_length()):
            kind, value = document.xref_get_key(xref, "ToUnicode")
            if kind == "xref":
                document.update_stream(int(value.split()[0]), table)
        document.save(path)
    return path


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(lambda c: chr(ord(c) + 3) if c.isalnum() else c, id="shifted"),
        pytest.param(lambda c: chr(ord(c) - 29) if ord(c) > 61 else c, id="shifted far", marks=pytest.mark.slow),
        pytest.param(lambda c: "1234567890"[int(c)] if c.isdigit() else c, id="digits", marks=pytest.mark.slow),
        pytest.param(lambda c: chr(ord(c) + 1) if c.isdigit() else c, id="digits shifted"),
        pytest.param(lambda c: {"1": "7", "7": "1"}.get(c, c), id="two digits"),
    ],
)
def test_a_font_that_lies_is_found(tmp_path: Path, changed: Callable[[str], str]) -> None:
    page, _ = read_page(mapped(tmp_path / "a.pdf", changed))
    assert page.source is TextSource.OCR
    assert page.text.split() == " ".join(LINES).split()


def test_a_font_that_tells_the_truth_is_believed(tmp_path: Path) -> None:
    page, _ = read_page(mapped(tmp_path / "a.pdf", lambda c: c))
    assert page.source is TextSource.LAYER
    assert page.text.split() == " ".join(LINES).split()
