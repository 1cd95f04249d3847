"""Interleaved chunks: what they hold, where they end, what they point at."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Sequence
from itertools import count, pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from octavo.ingest import Box, Chunk, Element, Kind, Line, Page, Region
from octavo.ingest.chunking.chunker import chunk
from tests.work import calls

PICTURES = {Kind.FIGURE, Kind.CHART, Kind.TABLE}
HEADINGS = {Kind.TITLE, Kind.SECTION_HEADER}
RUNNING = {Kind.PAGE_HEADER, Kind.PAGE_FOOTER}
LINE = 12.0


def element(kind: Kind, text: str, top: float = 0, **more: Any) -> Element:
    """An element whose text stands in lines of up to ten words, one below the other."""
    words = text.split(" ")
    texts = [" ".join(words[n : n + 10]) for n in range(0, len(words), 10)] if text else []
    lines = tuple(Line(t, Box(50, top + n * LINE, 550, top + (n + 1) * LINE)) for n, t in enumerate(texts))
    box = Box(50, top, 550, top + max(1, len(lines)) * LINE)
    return Element(0, kind, box, text, lines, **more)


def table(rows: Sequence[Sequence[str]], top: float = 0) -> Element:
    lines = tuple(
        Line(" | ".join(row), Box(50, top + n * LINE, 550, top + (n + 1) * LINE)) for n, row in enumerate(rows)
    )
    texts = ["| " + " | ".join(row) + " |" for row in rows]
    markdown = "\n".join([texts[0], "|" + "---|" * len(rows[0]), *texts[1:]])
    box = Box(50, top, 550, top + len(rows) * LINE)
    return Element(0, Kind.TABLE, box, "\n".join(line.text for line in lines), lines, markdown)


def page(number: int, *elements: Element, width: float = 600, height: float = 800, **more: Any) -> Page:
    numbered = tuple(Element(n, e.kind, e.box, e.text, e.lines, e.markdown, e.about) for n, e in enumerate(elements))
    return Page(number, width, height, elements=numbered, **more)


def slide(number: int, *elements: Element, **more: Any) -> Page:
    return page(number, *elements, width=960, height=540, **more)


def sentences(n: int, words: int = 10, name: str = "Word") -> str:
    return " ".join(f"{name}{k} " + " ".join(["more"] * (words - 2)) + " end." for k in range(n))


def texts(chunks: Sequence[Chunk]) -> list[str]:
    return [c.text for c in chunks]


# what chunks hold


def test_no_pages_and_empty_pages_have_no_chunks() -> None:
    assert chunk([]) == ()
    assert chunk([page(0), page(1, element(Kind.TEXT, "  "), element(Kind.FIGURE, ""))]) == ()


def test_running_headers_and_footers_are_left_out() -> None:
    pages = [
        page(
            n,
            element(Kind.PAGE_HEADER, "Annual report"),
            element(Kind.TEXT, "Sales rose."),
            element(Kind.PAGE_FOOTER, "7"),
        )
        for n in range(2)
    ]
    assert texts(chunk(pages)) == ["Sales rose.\n\nSales rose."]


def test_a_figure_stands_in_its_place_with_its_captions_and_the_words_in_it() -> None:
    [made] = chunk(
        [
            page(
                0,
                element(Kind.TEXT, "Before it.", 0),
                element(Kind.CAPTION, "Figure 1: Sales by year.", 30, about=3),
                element(Kind.TEXT, "After it.", 200),
                element(Kind.CHART, "2018 2019 41 58", 60),
                element(Kind.CAPTION, "Source: own count.", 160, about=3),
            )
        ]
    )
    assert made.text == (
        "Before it.\n\nAfter it.\n\nFigure 1: Sales by year.\nSource: own count.\nChart: 2018 2019 41 58"
    )
    assert [region.element for region in made.regions] == [0, 2, 1, 4, 3]


def test_a_picture_that_says_nothing_is_left_out_unless_it_has_a_caption() -> None:
    said = element(Kind.TEXT, "Said.")
    [plain] = chunk([page(0, said, element(Kind.FIGURE, "", 100))])
    [captioned] = chunk([page(0, said, element(Kind.FIGURE, "", 100), element(Kind.CAPTION, "A dome.", 200, about=1))])
    assert [r.element for r in plain.regions] == [0]
    assert (captioned.text, [r.element for r in captioned.regions]) == ("Said.\n\nA dome.", [0, 2, 1])


def test_a_caption_about_nothing_that_is_there_is_text() -> None:
    [made] = chunk([page(0, element(Kind.CAPTION, "Figure 9: Lost.", about=7), element(Kind.CAPTION, "Alone.", 50))])
    assert made.text == "Figure 9: Lost.\n\nAlone."


def test_footnotes_come_at_the_end_of_their_page() -> None:
    pages = [
        page(0, element(Kind.FOOTNOTE, "1 Audited."), element(Kind.TEXT, "Right column.")),
        page(1, element(Kind.TEXT, "Next page.")),
    ]
    assert texts(chunk(pages)) == ["Right column.\n\n1 Audited.\n\nNext page."]


def test_notes_end_the_chunk_of_their_slide_and_point_at_the_whole_of_it() -> None:
    [made] = chunk([slide(0, element(Kind.TITLE, "Plan"), element(Kind.LIST, "One", 50), notes="Say it slowly.")])
    assert made.text == "Plan\n\nOne\n\nSpeaker notes: Say it slowly."
    assert made.regions[-1] == Region(0, Box(0, 0, 960, 540), None)


def test_long_notes_say_in_each_chunk_that_they_are_notes() -> None:
    made = chunk([slide(0, element(Kind.TITLE, "Plan"), notes=sentences(30))], words=100)
    assert len(made) > 2
    assert all("Speaker notes: Word" in c.text and c.section == "Plan" for c in made)


# paragraphs that go on


def test_a_paragraph_goes_on_across_a_page_break_past_footnotes_and_figures() -> None:
    pages = [
        page(
            0,
            element(Kind.TEXT, "The dome was", 700),
            element(Kind.FOOTNOTE, "1 In crowns.", 760),
            element(Kind.PAGE_FOOTER, "1", 780),
        ),
        page(
            1,
            element(Kind.PAGE_HEADER, "Report", 0),
            element(Kind.CHART, "41 58", 20),
            element(Kind.TEXT, "opened in spring.", 100),
        ),
    ]
    [made] = chunk(pages)
    assert made.text == "The dome was opened in spring.\n\n1 In crowns.\n\nChart: 41 58"
    assert [(r.page, r.element) for r in made.regions] == [(0, 0), (1, 2), (0, 1), (1, 1)]


def test_a_word_that_a_page_break_parts_is_joined() -> None:
    pages = [page(0, element(Kind.TEXT, "It was construc-")), page(1, element(Kind.TEXT, "ted in spring."))]
    assert texts(chunk(pages)) == ["It was constructed in spring."]


def test_a_paragraph_goes_on_in_the_next_column() -> None:
    left = Element(0, Kind.TEXT, Box(50, 400, 280, 420), "It was opened")
    right = Element(0, Kind.TEXT, Box(320, 50, 550, 70), "in spring.")
    assert texts(chunk([page(0, left, right)])) == ["It was opened in spring."]


@pytest.mark.parametrize(
    ("last", "between", "following"),
    [
        ("It ended.", (), "lower case."),
        ("It goes on", (), "Upper case."),
        ("It goes on", (element(Kind.SECTION_HEADER, "Next"),), "lower case."),
        ("It goes on", (element(Kind.LIST, "• An item"),), "lower case."),
    ],
)
def test_a_paragraph_ends_where_nothing_says_that_it_goes_on(
    last: str, between: tuple[Element, ...], following: str
) -> None:
    pages = [page(0, element(Kind.TEXT, last), *between), page(1, element(Kind.TEXT, following))]
    assert f"{last} {following}" not in "".join(texts(chunk(pages)))


def test_a_footnote_taken_for_text_does_not_come_between_a_paragraph_and_its_rest() -> None:
    pages = [
        page(0, element(Kind.TEXT, "It was opened"), element(Kind.TEXT, "2https://octavo.example/domes", 700)),
        page(1, element(Kind.TEXT, "in spring.")),
    ]
    assert texts(chunk(pages)) == ["It was opened in spring.\n\n2https://octavo.example/domes"]


# sections and sizes


def test_small_sections_are_joined_under_the_headings_they_share() -> None:
    [made] = chunk(
        [
            page(
                0,
                element(Kind.TITLE, "Report"),
                element(Kind.SECTION_HEADER, "1 Sales", 20),
                element(Kind.TEXT, "They rose.", 40),
                element(Kind.SECTION_HEADER, "2 Staff", 60),
                element(Kind.TEXT, "It grew.", 80),
            )
        ]
    )
    assert made.section == "Report"
    assert made.text == "Report\n\n1 Sales\n\nThey rose.\n\n2 Staff\n\nIt grew."


def test_larger_sections_stay_apart_each_with_its_heading() -> None:
    body = sentences(12)
    made = chunk(
        [
            page(
                0,
                element(Kind.TITLE, "Report"),
                element(Kind.SECTION_HEADER, "1 Sales", 20),
                element(Kind.TEXT, body, 40),
                element(Kind.SECTION_HEADER, "2 Staff", 60),
                element(Kind.TEXT, body, 80),
            )
        ]
    )
    assert [c.section for c in made] == ["Report › 1 Sales", "Report › 2 Staff"]
    assert made[1].text == f"2 Staff\n\n{body}"


def test_a_heading_stays_with_what_follows_it_even_if_a_long_sentence_must_be_cut() -> None:
    before, after = element(Kind.TEXT, sentences(3)), element(Kind.TEXT, sentences(1, words=100, name="After"))
    made = chunk([page(0, before, element(Kind.SECTION_HEADER, "Staff"), after)], words=100)
    assert [c.text.startswith("Staff\n\nAfter0") for c in made] == [False, True, False]


def test_a_long_paragraph_is_cut_at_sentence_ends_into_chunks_of_like_size_with_boxes_of_their_lines() -> None:
    made = chunk([page(0, element(Kind.TEXT, sentences(30), 100))], words=160)
    assert [len(c.text.split()) for c in made] == [150, 150]
    assert all(c.text.startswith("Word") and c.text.endswith("end.") for c in made)
    assert [c.regions for c in made] == [
        (Region(0, Box(50, 100, 550, 100 + 15 * LINE), 0),),
        (Region(0, Box(50, 100 + 15 * LINE, 550, 100 + 30 * LINE), 0),),
    ]


def test_abbreviations_end_no_sentence() -> None:
    text = " ".join(["Costs fell, e.g. in May and in Fig. 3 of No. 5 by Dr. Who."] * 10)
    for c in chunk([page(0, element(Kind.TEXT, text))], words=40):
        assert c.text.startswith("Costs fell, e.g. in May")
        assert c.text.endswith("Who.")


def test_chunks_end_between_paragraphs_rather_than_at_sentences_of_like_size() -> None:
    first, second = sentences(6, name="First"), sentences(8, name="Second")
    made = chunk([page(0, element(Kind.TEXT, first), element(Kind.TEXT, second, 200))], words=100)
    assert texts(made) == [first, second]


def test_the_number_of_an_item_is_no_sentence() -> None:
    items = [f"{n}. " + "Word " * 37 + "end." for n in range(1, 9)]
    assert texts(chunk([page(0, element(Kind.TEXT, " ".join(items)))], words=40)) == items


def test_text_without_spaces_is_measured_and_cut() -> None:
    text = "营业收入在二〇一八年增长。" * 30
    made = chunk([page(0, Element(0, Kind.TEXT, Box(0, 0, 500, 90), text))], words=100)
    assert "".join(texts(made)) == text
    assert all(c.text.endswith("。") and len(c.text) <= 110 for c in made)


def test_a_page_of_text_without_sentences_is_cut_by_size() -> None:
    made = chunk([page(0, element(Kind.TEXT, " ".join(f"w{n}" for n in range(500))))], words=100)
    assert " ".join(texts(made)).split() == [f"w{n}" for n in range(500)]
    assert max(len(c.text.split()) for c in made) <= 100


# tables


def test_a_long_table_is_cut_between_rows_and_says_its_caption_and_header_again() -> None:
    rows = [["", "2018", "2017"], ["", "crowns", "crowns"], *([f"Item{n}", str(n), str(2 * n)] for n in range(60))]
    caption = element(Kind.CAPTION, "Table 1: Costs.", 0, about=1)
    made = chunk([page(0, caption, table(rows, top=20))], words=100)
    top = "Table 1: Costs.\n|  | 2018 | 2017 |\n|---|---|---|\n|  | crowns | crowns |\n| Item"
    assert len(made) == 2
    assert all(c.text.startswith(top) for c in made)
    body = [line for c in made for line in c.text.splitlines() if line.startswith("| Item")]
    assert body == ["| " + " | ".join(row) + " |" for row in rows[2:]]


def test_a_part_of_a_table_points_at_its_caption_its_header_and_its_own_rows() -> None:
    rows = [["Item", "2018"], *([f"Item{n}", str(n)] for n in range(20))]
    caption = element(Kind.CAPTION, "Table 1: Costs.", 0, about=1)
    last = chunk([page(0, caption, table(rows, top=20))], words=40)[-1]
    n = sum(line.startswith("| Item") for line in last.text.splitlines()) - 1
    assert last.regions == (
        Region(0, Box(50, 0, 550, LINE), 0),
        Region(0, Box(50, 20, 550, 20 + LINE), 1),
        Region(0, Box(50, 20 + (21 - n) * LINE, 550, 20 + 21 * LINE), 1),
    )


def test_a_whole_table_points_at_the_whole_element() -> None:
    [made] = chunk([page(0, table([["Item", "2018"], ["Cost", "7"]]))])
    assert made.text == "| Item | 2018 |\n|---|---|\n| Cost | 7 |"
    assert made.regions == (Region(0, Box(50, 0, 550, 2 * LINE), 0),)


def test_a_table_without_columns_is_cut_between_its_lines() -> None:
    lines = tuple(Line(f"Row {n} of many words", Box(0, n, 9, n + 1)) for n in range(30))
    e = Element(0, Kind.TABLE, Box(0, 0, 9, 30), "\n".join(line.text for line in lines), lines)
    made = chunk([page(0, e)], words=60)
    assert "\n".join(texts(made)) == e.text


# slides


def test_each_slide_is_a_chunk() -> None:
    deck = [slide(n, element(Kind.TITLE, f"Topic {n}"), element(Kind.LIST, sentences(2), 60)) for n in range(4)]
    made = chunk(deck)
    assert [c.pages for c in made] == [(0,), (1,), (2,), (3,)]
    assert [c.section for c in made] == ["Topic 0", "Topic 1", "Topic 2", "Topic 3"]


def test_tiny_slides_are_joined_only_under_one_heading() -> None:
    alike = [slide(n, element(Kind.TITLE, "Agenda"), element(Kind.TEXT, f"Point {n}.", 60)) for n in range(2)]
    unlike = [slide(n, element(Kind.TITLE, f"Topic {n}"), element(Kind.TEXT, f"Point {n}.", 60)) for n in range(2)]
    assert [c.pages for c in chunk(alike)] == [(0, 1)]
    assert [c.pages for c in chunk(unlike)] == [(0,), (1,)]


def test_a_slide_without_a_heading_is_under_the_title_before_it_and_not_under_what_is_below_that() -> None:
    first = slide(
        0, element(Kind.TITLE, "Plan"), element(Kind.SECTION_HEADER, "Step 1"), element(Kind.TEXT, sentences(9))
    )
    made = chunk([first, slide(1, element(Kind.TEXT, sentences(9)))])
    assert [c.section for c in made] == ["Plan › Step 1", "Plan"]


def test_many_tiny_slides_make_no_chunk_as_large_as_a_page_of_text() -> None:
    deck = [slide(n, element(Kind.TITLE, "Agenda"), element(Kind.TEXT, sentences(1), 60)) for n in range(20)]
    assert max(len(c.pages) for c in chunk(deck)) <= 6


# properties, over pages in which every word is a code that stands once: "qabc" or "Qabc"

PROPERTY = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
CODE = re.compile(r"q[a-p]{4}", re.I)
KINDS = [*Kind]


def codes() -> Iterator[str]:
    return ("q" + "".join(string.ascii_lowercase[n >> shift & 15] for shift in (12, 8, 4, 0)) for n in count())


@st.composite
def documents(draw: st.DrawFn, *, flowing: bool = False) -> list[Page]:
    """Up to three pages, portrait or landscape, of any elements; `flowing` ones may have paragraphs that go on."""
    code = codes()

    def say(words: int) -> str:
        said = [next(code) for _ in range(words)]
        if not flowing or draw(st.booleans()):
            said[0] = said[0].capitalize()
        ends = draw(st.sampled_from(["", "."] + ["-"] * flowing))
        stops = draw(st.integers(3, 30))
        return " ".join(w + "." * (n % stops == stops - 1) for n, w in enumerate(said)) + ends

    def rows() -> list[list[str]]:
        columns = draw(st.integers(2, 4))
        wide = draw(st.sampled_from([1, 1, 15]))
        return [
            [" ".join(next(code) for _ in range(wide)) for _ in range(columns)] for _ in range(draw(st.integers(2, 15)))
        ]

    pages = []
    for number in range(draw(st.integers(1, 3))):
        elements: list[Element] = []
        for kind in draw(st.lists(st.sampled_from(KINDS), max_size=6)):
            if kind is Kind.TABLE:
                elements.append(table(rows()))
            else:
                words = draw(st.integers(1, 8 if kind in HEADINGS else 90))
                about = draw(st.none() | st.integers(0, 5)) if kind is Kind.CAPTION else None
                elements.append(element(kind, say(words), about=about))
        notes = say(draw(st.integers(1, 120))) if draw(st.booleans()) else ""
        width, height = draw(st.sampled_from([(600, 2000), (2600, 2000)]))
        pages.append(page(number, *elements, width=width, height=height, notes=notes))
    return pages


def attached(p: Page, e: Element) -> bool:
    return e.kind is Kind.CAPTION and any(o.index == e.about and o.kind in PICTURES for o in p.elements)


def in_order(p: Page) -> list[str]:
    """The codes of a page as they are to be read."""
    body = [e for e in p.elements if e.kind not in RUNNING and not attached(p, e)]
    said: list[str] = []
    for e in [e for e in body if e.kind is not Kind.FOOTNOTE] + [e for e in body if e.kind is Kind.FOOTNOTE]:
        said += [o.text for o in p.elements if attached(p, o) and o.about == e.index]
        said.append(e.text)
    return CODE.findall(" ".join([*said, p.notes]))


def said_once(chunks: Sequence[Chunk]) -> list[str]:
    """The codes of chunks, each where it stands first."""
    return list(dict.fromkeys(CODE.findall(" ".join(texts(chunks)))))


sizes = st.sampled_from([40, 60, 220])


@PROPERTY
@given(documents(), sizes)
def test_everything_is_said_in_reading_order_and_running_headers_are_not(pages: list[Page], words: int) -> None:
    assert said_once(chunk(pages, words)) == [code for p in pages for code in in_order(p)]


@PROPERTY
@given(documents(flowing=True), sizes)
def test_paragraphs_over_page_ends_are_kept_whole(pages: list[Page], words: int) -> None:
    said = said_once(chunk(pages, words))
    assert sorted(said) == sorted(code for p in pages for code in in_order(p))
    for p in pages:
        for e in p.elements:
            own = [code for code in said if code in e.text]
            assert e.kind in RUNNING or own == CODE.findall(e.text)


@PROPERTY
@given(documents(flowing=True), sizes)
def test_rows_are_whole_and_stand_below_their_header(pages: list[Page], words: int) -> None:
    made = chunk(pages, words)
    lines = [c.text.splitlines() for c in made]
    for e in (e for p in pages for e in p.elements if e.kind is Kind.TABLE):
        header, _, *rows = e.markdown.splitlines()
        short = len(CODE.findall(header)) <= words // 2
        for row in rows:
            assert sum(row in own for own in lines) == 1
            assert any(row in own and (header in own or not short) for own in lines)


@PROPERTY
@given(documents(flowing=True), sizes)
def test_regions_are_boxes_of_the_elements_that_are_said(pages: list[Page], words: int) -> None:
    for c in chunk(pages, words):
        assert c.regions
        assert len(set(c.regions)) == len(c.regions)
        said = set(CODE.findall(c.text))
        for region in c.regions:
            p = pages[region.page]
            if region.element is None:
                assert region.box == p.box
                assert said & set(CODE.findall(p.notes))
            else:
                e = p.elements[region.element]
                assert region.box.coverage(e.box) == pytest.approx(1)
                assert said & set(CODE.findall(e.text))
        elements = [pages[r.page].elements[r.element].text for r in c.regions if r.element is not None]
        assert said <= set(CODE.findall(" ".join([*elements, *(pages[n].notes for n in c.pages)])))


@PROPERTY
@given(documents(flowing=True), sizes)
def test_only_a_row_or_a_figure_makes_a_chunk_larger_than_asked(pages: list[Page], words: int) -> None:
    for c in chunk(pages, words):
        if sum(any(map(str.isalnum, word)) for word in c.text.split()) > words:
            found = {(r.page, r.element) for r in c.regions if r.element is not None}
            elements = [pages[number].elements[index] for number, index in found]
            [picture] = [e for e in elements if e.kind in PICTURES]
            assert {e.kind for e in elements} <= {*HEADINGS, Kind.CAPTION, picture.kind}
            if picture.kind is Kind.TABLE:
                assert sum(row in c.text for row in picture.markdown.splitlines()[2:]) == 1


@PROPERTY
@given(documents(flowing=True))
def test_a_heading_stands_above_what_follows_it_on_its_page(pages: list[Page]) -> None:
    for c, following in pairwise(chunk(pages)):
        last, first = c.regions[-1], following.regions[0]
        if last.page == first.page and last.element is not None:
            assert pages[last.page].elements[last.element].kind not in HEADINGS


@PROPERTY
@given(documents(flowing=True), sizes)
def test_the_same_pages_give_the_same_numbered_chunks(pages: list[Page], words: int) -> None:
    made = chunk(pages, words)
    assert made == chunk(list(pages), words)
    assert [c.index for c in made] == list(range(len(made)))


def test_work_grows_with_the_length_of_the_document() -> None:
    pages = [page(n, element(Kind.TEXT, sentences(40))) for n in range(64)]
    assert sum(len(c.text.split()) for c in chunk(pages)) == 400 * len(pages)
    assert calls(lambda: chunk(pages)) < 6 * calls(lambda: chunk(pages[:16]))
