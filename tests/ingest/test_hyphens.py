"""Words that lines part are whole in text, lines, chunks and the words that are searched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pymupdf
import pytest

from octavo.ingest import Box, Document, Element, Kind, Line, Page, ReadOptions
from octavo.ingest.hyphens import join_words
from octavo.ingest.model import join_text
from octavo.ingest.reading import read
from octavo.rag.query.analysis import terms
from tests.ingest.pages import drawn


def paragraph(*texts: str, kind: Kind = Kind.TEXT, joint: str = " ") -> Element:
    lines = tuple(Line(text, Box(0, 12 * n, 100, 12 * n + 10)) for n, text in enumerate(texts))
    return Element(0, kind, Box(0, 0, 100, 12 * len(texts)), joint.join(texts), lines)


def joined(*texts: str, others: Sequence[str] = ()) -> str:
    """The paragraph of `texts` on a page, in a document that says `others` as well."""
    pages = [Page(0, 100, 100, elements=(paragraph(*texts),)), Page(1, 100, 100, elements=(paragraph(*others),))]
    [page, _] = join_words(pages if others else [pages[0], Page(1, 100, 100)])
    [e] = page.elements
    assert " ".join(line.text for line in e.lines) == e.text
    return e.text


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        ("The calcu-", "lation, as shown", "The calculation, as shown"),
        ("a well-", "known rule", "a well-known rule"),
        ("year-over-", "year growth", "year-over-year growth"),
        ("by Smith-", "Jones in May", "by Smith-Jones in May"),
        ("an ex-", "ample of", "an example of"),
        ("pre-", "and post-war", "pre- and post-war"),
        ("from 2019-", "2021 on", "from 2019-2021 on"),
        ("a risk-", "based view", "a risk-based view"),
        ("the gap -", "which is wide", "the gap - which is wide"),
        ("(instal\u2010", "lations)", "(installations)"),
        ("REVE-", "NUE GREW", "REVENUE GREW"),
    ],
)
def test_words_are_whole_and_compounds_keep_their_hyphen(first: str, second: str, text: str) -> None:
    assert joined(first, second) == text


def test_the_words_of_the_document_decide() -> None:
    assert joined("a data-", "base", others=["The database grew."]) == "a database"
    assert joined("a data-", "base", others=["The data-base grew."]) == "a data-base"
    assert joined("a decision-", "making body", others=["A decision is the making of it."]) == "a decision-making body"


def test_each_part_of_a_word_stays_where_it_is_pointed_at() -> None:
    e = paragraph("It is a calcu-", "lation of costs.")
    [page] = join_words([Page(0, 100, 100, elements=(e,))])
    assert [(line.text, line.box.y0) for line in page.elements[0].lines] == [
        ("It is a calculation", 0),
        ("of costs.", 12),
    ]
    [page] = join_words([Page(0, 100, 100, elements=(paragraph("It is a calcu-", "lation."),))])
    assert page.elements[0].lines == (Line("It is a calculation.", Box(0, 0, 100, 22)),)


def test_items_of_a_list_stay_apart() -> None:
    e = paragraph("• One para-", "meter", "• Two", kind=Kind.LIST, joint=" ")
    e = Element(0, Kind.LIST, e.box, "• One para- meter\n• Two", e.lines)
    [page] = join_words([Page(0, 100, 100, elements=(e,))])
    assert page.elements[0].text == page.text == "• One parameter\n• Two"


def test_parted_words_are_found_and_quoted_whole(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        for n, text in enumerate(
            ("The committee approved the new amor-", "tization schedule of the har\u00ad", "bour last May.")
        ):
            page.insert_text(
                (72, 100 + 14 * n), text, fontsize=11, fontname="tiro", encoding=pymupdf.TEXT_ENCODING_LATIN
            )

    [document] = read([drawn(tmp_path / "a.pdf", draw)], ReadOptions(workers=1), save_image=lambda webp: "0")
    assert isinstance(document, Document)
    [chunk] = document.chunks
    assert chunk.text == "The committee approved the new amortization schedule of the harbour last May."
    assert document.pages[0].text == chunk.text
    assert terms("amortization")[0] in terms(chunk.text)


def test_a_word_is_whole_where_a_column_or_page_parts_it() -> None:
    box = Box(0, 0, 9, 9)

    def page(number: int, *texts: tuple[Kind, str]) -> Page:
        elements = [Element(n, kind, box, text, (Line(text, box),)) for n, (kind, text) in enumerate(texts)]
        return Page(number, 595, 842, elements=tuple(elements), text=join_text(elements))

    first = page(0, (Kind.TEXT, "It fell to the dredging de-"), (Kind.FIGURE, "Map"), (Kind.PAGE_FOOTER, "1"))
    second = page(
        1, (Kind.TEXT, "partment, and a long-"), (Kind.TEXT, "term loan. See pre-"), (Kind.TEXT, "Then it rose.")
    )
    [above, below] = join_words([first, second])
    assert above.text == "It fell to the dredging department,\nMap"
    assert below.text == "and a long-term\nloan. See pre-\nThen it rose."
    assert [line.text for e in below.elements for line in e.lines] == below.text.split("\n")
