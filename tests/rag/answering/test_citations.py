"""Citations are checked while text streams, and lead to the lines that a claim rests on."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import example, given, settings, strategies as st

from octavo.ingest import Box, Element, Kind, Line, Page, Region
from octavo.ingest.table import Cell, Table
from octavo.rag import Evidence, Level
from octavo.rag.answering.citation_marks import CitationFilter, without_citations
from octavo.rag.answering.citations import cite_claims, cite_text, find_claims
from octavo.rag.answering.draft import Draft
from tests.rag.model_server import MemoryPages


def checked(text: str, count: int = 3) -> str:
    check = CitationFilter(count)
    return check.feed(text) + check.close()


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("It grew [1].", "It grew [1]."),
        ("It grew[2].", "It grew[2]."),
        ("It grew [1, 2] and [1-3].", "It grew [1][2] and [1][2][3]."),
        ("It grew [1][2].", "It grew [1][2]."),
        ("It grew [1 and 3], [1; 2], [2 to 3].", "It grew [1][3], [1][2], [2][3]."),
        ("It grew 【1】 and ［2］.", "It grew [1] and [2]."),
        ("It grew 【2†L1-L4】.", "It grew [2]."),
        ("It grew [Evidence 1], [source: 2], [evidence 1, evidence 3].", "It grew [1], [2], [1][3]."),
        ("It grew [1, page 7] and [2, p. 3].", "It grew [1] and [2]."),
        ("It grew [^1] [#2].", "It grew [1] [2]."),
        ("It grew [^1^] and \\[2\\].", "It grew [1] and [2]."),
        ("It grew [1](report.pdf), [2](#2).", "It grew [1], [2]."),
        ("It grew (Evidence 1), (source: 2), (evidence 1 and 3, page 2).", "It grew [1], [2], [1][3]."),
        ("It grew by 5 percent<sup>1</sup>, then<sup>[2, 3]</sup>.", "It grew by 5 percent[1], then[2][3]."),
        ("It grew $^{[1]}$.", "It grew [1]."),
        ("It grew **[1]**.", "It grew **[1]**."),
        ("It grew [4].", "It grew."),
        ("It grew [0], by half  [9] [8] or more.", "It grew, by half or more."),
        ("It grew [1, 9].", "It grew [1]."),
        ("It grew [2-99999999999999999999].", "It grew [2][3]."),
        (f"It grew [{'9' * 250}].", "It grew."),
        (f"It grew [{'9' * 5000}].", f"It grew {'9' * 5000}]."),
        ("[[9]7]", ""),
        ("[ev[9]idence 7]", ""),
    ],
)
def test_a_citation_has_one_form_and_an_invented_one_goes(said: str, shown: str) -> None:
    assert checked(said) == shown


@pytest.mark.parametrize(
    "text",
    [
        "He wrote “teh” [sic].",
        "array[i] = other[i, j]",
        "see [the report](https://example.org/a_(b))",
        "see [page 3]",
        "an empty [] pair, an open [",
        "an open [1",
        "- [ ] to do\n- [x] done",
        "1] 2]",
        "10<sup>2</sup> km<sup>2</sup> x<sup>3</sup> sums<sup>9</sup>",
        "(see page 2) (2) (Evidence 9) (evidence of 2) (source: 2019)",
        "$5 and $^2$ and $^{2}$",
        "a \\ b < c <s>d</s>",
        "f[1](x)(y)",
    ],
)
def test_other_brackets_stay(text: str) -> None:
    assert checked(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        " " * 100_000,
        "[1 " * 30_000,
        "[[9]" * 30_000,
        "(evidence " * 20_000,
        "[p" * 9 + "p" * 90_000,
        "<sup>1" * 20_000,
        "[1](" * 30_000,
        "[1]" * 30_000 + "[9]" * 30_000,
        "\\[" * 40_000,
    ],
)
def test_the_time_grows_with_the_length(text: str) -> None:
    check = CitationFilter(3)
    by_letter = "".join(check.feed(letter) for letter in text[:5_000]) + check.close()
    assert by_letter == checked(text[:5_000])
    assert len(checked(text)) <= len(text)


def test_text_is_not_held_back_longer_than_it_may_become_a_citation() -> None:
    check = CitationFilter(2)
    assert check.feed("It grew") == "It grew"
    assert check.feed(" [") == ""
    assert check.feed("1") == ""
    assert check.feed("] a") == " [1] a"
    assert check.feed(" [see ") == " [see"


PIECES = st.sampled_from(
    [
        *"[]［］【】 ,;-–0123456789.\n†",
        "evidence ",
        "Source",
        " and ",
        "to",
        "p. ",
        "sic",
        "grew",
        " [1]",
        "[12]",
        "](x)",
        "١",
        "é",
        "(Evidence 1)",
        "(",
        "<sup>",
        "</sup>",
        "$^{[2]}$",
        "\\",
        "](a.b)",
    ]
)
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=4)), max_size=40).map("".join)


@settings(max_examples=100)
@given(text=TEXTS, count=st.integers(0, 12), data=st.data())
@example(text="[[9]7]", count=3, data=None)
@example(text="[1 [9]0]", count=3, data=None)
def test_any_cutting_gives_the_same_and_nothing_invented(text: str, count: int, data: st.DataObject | None) -> None:
    whole = checked(text, count)
    assert {int(n) for n in re.findall(r"\[(\d+)\]", whole)} <= set(range(1, count + 1))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8))) if data else range(len(text))
    check = CitationFilter(count)
    edges = [0, *cuts, len(text)]
    assert "".join(check.feed(text[a:b]) for a, b in pairwise(edges)) + check.close() == whole
    assert checked(whole, count) == whole or "[" in whole


@given(st.text(st.characters(exclude_characters="[]［］【】"), max_size=80))
def test_text_without_brackets_is_unchanged(text: str) -> None:
    assert checked(text) == text


@settings(max_examples=100)
@given(text=TEXTS.map(lambda t: "<think>[7] hm</think>" + t), data=st.data())
def test_a_draft_shows_the_same_however_it_is_cut(text: str, data: st.DataObject) -> None:
    whole = Draft(3)
    shown = whole.feed(text) + whole.close()
    assert shown == whole.text == shown.strip()
    parts = Draft(3)
    edges = [0, *sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8))), len(text)]
    assert "".join(parts.feed(text[a:b]) for a, b in pairwise(edges)) + parts.close() == shown
    assert parts.abstains == whole.abstains


@pytest.mark.parametrize(
    "said", ["NOT FOUND", " not found.\n", "**NOT FOUND**: only revenue is given", "NOT FOUND\n\nSorry."]
)
def test_a_draft_that_finds_nothing_shows_nothing(said: str) -> None:
    draft = Draft(2)
    assert "".join(draft.feed(char) for char in said) + draft.close() == ""
    assert draft.abstains


@pytest.mark.parametrize(
    "said", ["No", "Not", "NO [1]", "Not found in 2019 were 3 of 5 ships [1].", "Nothing was lost [2]."]
)
def test_an_answer_that_begins_like_not_found_is_an_answer(said: str) -> None:
    draft = Draft(2)
    assert "".join(draft.feed(char) for char in said) + draft.close() == said
    assert not draft.abstains


def test_not_found_after_some_words_counts_where_nothing_is_cited() -> None:
    for said, abstains in (
        ("The report does not say.\nNOT FOUND", True),
        ("The amounts are NOT FOUND.", True),
        ("It was not found in time.", False),
        ("Revenue was 5 [1].\nNOT FOUND", False),
    ):
        draft = Draft(2)
        draft.feed(said)
        draft.close()
        assert draft.abstains is abstains


REPORT = MemoryPages(
    [
        (Kind.SECTION_HEADER, ["Staff"]),
        (
            Kind.TEXT,
            ["The observatory employed 312 people in 2019. Of these,", "58 worked on the night shift. Nobody left."],
        ),
        (Kind.TABLE, ["(millions) | 2018 | 2017", "Revenue | 4,210 | 3,900", "Capital expenditure | 1,577 | 1,373"]),
        (Kind.FIGURE, []),
        (Kind.TEXT, ["The dome opened to visitors in"]),
    ],
    [(Kind.PAGE_HEADER, ["Annual report"]), (Kind.TEXT, ["the spring of 2017, after years of work. It is white."])],
)


def test_a_citation_leads_to_the_lines_of_the_claim() -> None:
    page = REPORT.on_page(0)
    (citation,) = cite_text("Of the staff, 58 worked on the night shift [1].", [page], REPORT)
    lines = REPORT.lines(0)
    assert [lines[box] for box in citation.boxes] == [
        "The observatory employed 312 people in 2019. Of these,",
        "58 worked on the night shift. Nobody left.",
    ]
    assert (citation.number, citation.page, citation.evidence) == (1, 0, "d/p0")
    assert citation.quote == "Of these,\n58 worked on the night shift."


def test_a_claim_about_a_table_leads_to_its_row_and_the_header() -> None:
    text = "Everyone was busy. Capital expenditure came to 1,577 million in 2018. [1]"
    (citation,) = cite_text(text, [REPORT.on_page(0)], REPORT)
    assert citation.quote.splitlines() == ["(millions) | 2018 | 2017", "Capital expenditure | 1,577 | 1,373"]


def test_a_sentence_over_two_pages_has_a_citation_on_each() -> None:
    chunk = REPORT.chunk((0, 4), (1, 1))
    found = cite_text("Visitors could enter the dome from spring 2017 [1].", [chunk], REPORT)
    assert [(c.page, c.quote) for c in found] == [
        (0, "The dome opened to visitors in"),
        (1, "the spring of 2017, after years of work."),
    ]


def test_a_claim_from_a_picture_leads_to_the_region() -> None:
    figure = REPORT.of_element(0, 3)
    (citation,) = cite_text("The bars fall from left to right [1].", [figure], REPORT)
    assert citation.boxes == (figure.regions[0].box,)
    assert citation.quote == ""


def cited(claim: str, question: str) -> list[str]:
    """The regions or lines of `STALLS` that a claim is cited at."""
    evidence = STALLS.chunk((0, 0), (0, 1), (0, 2))
    (citation,) = cite_claims(find_claims(f"{claim} [1].", [evidence], STALLS, question), STALLS)
    regions = dict(zip((region.box for region in evidence.regions), ("prose", "table", "chart"), strict=True))
    return [regions.get(box) or STALLS.lines(0)[box] for box in citation.boxes]


STALLS = MemoryPages(
    [
        (Kind.TEXT, ["The market has 4 gates. In winter it closes early, and all the", "fishmongers leave by noon."]),
        (Kind.TABLE, ["Stall | Fish kinds", "Anna Bell | 4", "Cory Dunn | 17"]),
        (Kind.CHART, []),
    ]
)


def test_words_of_the_question_tell_which_of_several_numbers_is_meant() -> None:
    assert cited("4", "")[0].startswith("The market has 4 gates")
    assert "Anna Bell | 4" in cited("4", "How many kinds of fish has the stall of Anna Bell?")
    assert cited("4", "How many gates has the market, which closes in winter?")[0].startswith("The market has 4")


def test_a_claim_whose_words_stand_nowhere_is_cited_at_the_region_that_its_question_points_to() -> None:
    assert len(cited("Nobody", "")) == 3
    assert cited("Nobody", "Which stall has no fish kinds?") == ["table"]
    assert cited("Nobody", "Why do fishmongers leave by noon, early in winter, when the market closes?") == ["prose"]
    assert len(cited("Nobody", "Which zebra won?")) == 3


def test_each_claim_keeps_its_own_evidence() -> None:
    evidence = [REPORT.of_element(0, 1), REPORT.of_element(0, 2)]
    text = "It employed 312 people [1] and took in 4,210 million in 2018 [2]. In 2019, 58 worked at night [1]."
    people, night, revenue = cite_text(text, evidence, REPORT)
    assert (people.number, night.number, revenue.number) == (1, 1, 2)
    assert "312" in people.quote
    assert "58 worked" in night.quote
    assert people.boxes != night.boxes
    assert "Revenue | 4,210" in revenue.quote
    assert "1,577" not in revenue.quote
    assert cite_text("Nothing is cited here.", evidence, REPORT) == ()


def test_a_citation_without_a_claim_leads_to_all_of_its_evidence() -> None:
    evidence = REPORT.of_element(0, 1)
    (citation,) = cite_text("[1]", [evidence], REPORT)
    assert citation.boxes == (evidence.regions[0].box,)
    assert citation.quote.startswith("The observatory employed 312 people in 2019.")


MIRRORS = MemoryPages([(Kind.TEXT, ["Copper mirrors shine. Nobody left the harbour.", "It rained."])])


@pytest.mark.parametrize(
    ("claim", "fits"),
    [
        ("Copper mirrors shine and reflect gladly every morning", False),  # .24 of its weight
        ("Copper mirrors shine and reflect gladly", True),  # .38
        ("Copper mirrors shine", True),
        ("Copper mirrors shine 777", True),  # a number that is missing counts as two words
        ("Copper 777", False),
    ],
)
def test_a_passage_fits_that_holds_three_tenths_of_a_claim(claim: str, fits: bool) -> None:
    evidence = MIRRORS.of_element(0, 0)
    (citation,) = cite_text(f"{claim} [1].", [evidence], MIRRORS)
    assert (citation.quote == "Copper mirrors shine.") is fits


@pytest.mark.parametrize(
    ("short", "longer"),
    [
        ("Copper mirrors shine lately.", False),  # the longer passage holds 1.48 times the weight
        ("Copper mirrors shine brightly.", True),  # 1.36 times
    ],
)
def test_a_longer_passage_has_to_hold_more_of_a_claim(short: str, longer: bool) -> None:
    filler = " ".join(f"{a}{b}aro" for a in "bdfgklm" for b in "aeiou")
    names = "Copper mirrors shine" + (" brightly" if longer else "")
    rest = filler.split()[: 35 - longer]
    pages = MemoryPages([(Kind.TEXT, [short]), (Kind.TEXT, [f"{names} harbours {' '.join(rest)}."])])
    chunk = pages.chunk((0, 0), (0, 1))
    (citation,) = cite_text(f"{names} harbours gladly [1].", [chunk], pages)
    assert citation.quote.startswith(short) is longer


def test_all_citations_are_taken_out_of_a_text() -> None:
    assert without_citations("It grew [1], [2] and fell [12].") == "It grew, and fell."


@pytest.mark.parametrize(("spaces", "shown"), [(1, "It grew [1][2]."), (2, f"It grew {'1,' * 19}  2].")])
def test_a_citation_taken_out_makes_another_within_forty_letters(spaces: int, shown: str) -> None:
    assert checked(f"It grew [{'1,' * 19}{' ' * spaces}[9]2].") == shown


def test_a_claim_rests_on_three_passages_at_most() -> None:
    numbers = (111, 222, 333, 444, 555)
    pages = MemoryPages([(Kind.TEXT, [f"The hall holds {number}."]) for number in numbers])
    chunk = pages.chunk(*((0, n) for n in range(len(numbers))))
    (citation,) = cite_text(f"There are {', '.join(map(str, numbers))} [1].", [chunk], pages)
    assert len(citation.boxes) == 3


def test_the_beginning_of_all_evidence_is_quoted_up_to_three_hundred_letters() -> None:
    pages = MemoryPages([(Kind.TEXT, [" ".join(f"Word{n:03}" for n in range(100)) + "."])])
    (citation,) = cite_text("[1]", [pages.of_element(0, 0)], pages)
    assert 290 < len(citation.quote) <= 300
    assert citation.quote.endswith(" …")


def test_text_that_is_undecided_for_three_hundred_letters_is_no_citation() -> None:
    assert CitationFilter(3).feed("[" + "1, " * 99) == ""
    assert CitationFilter(3).feed("[" + "1, " * 101).startswith("1, 1, 1")


class TablePages:
    """One page with a table whose cells are known."""

    def __init__(self) -> None:
        rows = [["", "2018", "2017"], ["Revenue", "4,210", "3,900"], ["Costs", "1,577", "1,373"]]
        cells = [
            Cell(r, c, text, Box(100.0 * c, 20.0 * r, 100.0 * c + 90, 20.0 * r + 15))
            for r, row in enumerate(rows)
            for c, text in enumerate(row)
            if text
        ]
        lines = tuple(Line(" | ".join(row), Box(0, 20.0 * r, 290, 20.0 * r + 15)) for r, row in enumerate(rows))
        table = Table(tuple(cells), header_rows=1)
        element = Element(0, Kind.TABLE, Box(0, 0, 290, 55), "\n".join(line.text for line in lines), lines, table=table)
        self._page = Page(0, 300, 100, "", 0, 0, text=element.text, elements=(element,))

    def page(self, document: str, number: int) -> Page:
        return self._page

    def image(self, image: str) -> bytes:
        raise AssertionError("nothing is shown")

    @property
    def evidence(self) -> Evidence:
        regions = (Region(0, Box(0, 0, 290, 55), 0),)
        return Evidence("d/p0/e0", Level.ELEMENT, "d", "a.pdf", "A", 0, "", self._page.text, regions, 0.9, Kind.TABLE)


def test_a_number_of_a_table_is_boxed_by_its_cell_its_label_and_its_column() -> None:
    pages = TablePages()
    text = "Costs were 1,577 [1]. Costs were 1,373 the year before [1]. Costs are in the table [1]."
    now, before, row = cite_text(text, [pages.evidence], pages)
    label, column = Box(0, 40, 90, 55), 40.0
    assert set(now.boxes) == {Box(100, 0, 190, 15), label, Box(100, column, 190, 55)}
    assert set(before.boxes) == {Box(200, 0, 290, 15), label, Box(200, column, 290, 55)}
    assert Box(0, column, 290, 55) in row.boxes
    assert now.quote == before.quote == row.quote
