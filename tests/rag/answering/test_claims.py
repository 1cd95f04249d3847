"""Numbers and names of a model's answer are looked up in what it cites."""

from __future__ import annotations

import pytest

from octavo.ingest import Kind
from octavo.rag import Answer, Settings
from octavo.rag.answering import make_answerer
from octavo.rag.answering.claims import ClaimChecker, EvidenceSources
from octavo.rag.settings import AnsweringOptions
from tests.rag.model_server import MemoryPages, Reply, finished, serving

PAGES = MemoryPages(
    [(Kind.TEXT, ["Capital expenditure in 2018 was 1,577 million crowns.", "The North Dome opened."])],
    [
        (
            Kind.TABLE,
            ["(millions) | 2018 | 2017", "Gross profit | 17,846 | 16,000", "Cost | 577 | 560", "Margin | 12.47% | 11%"],
        )
    ],
)
EVIDENCE = [PAGES.on_page(0), PAGES.on_page(1)]
QUESTION = "What was gross profit in 2018?"


def checked(said: str) -> tuple[str, list[str], int]:
    found = ClaimChecker(QUESTION, EVIDENCE, EvidenceSources(PAGES)).check(said)
    assert all(found.text[u.start : u.end] == u.text for u in found.unsupported)
    return found.text, [u.text for u in found.unsupported], len(found.moved)


@pytest.mark.parametrize(
    ("said", "text", "unsupported", "moved"),
    [
        ("It was 17,846 [2].", "It was 17,846 [2].", [], 0),
        ("It was 17,846 [1].", "It was 17,846 [2].", [], 1),
        ("[1] 17,846", "[2] 17,846", [], 1),
        ("It was 17,846. [1] Capital expenditure was 1,577 [1].",
         "It was 17,846. [2] Capital expenditure was 1,577 [1].", [], 1),
        ("It was 17,846 after 1,577 [1].", "It was 17,846 after 1,577 [1][2].", [], 1),
        ("It was 99,123 [2].", "It was 99,123 [2].", ["99,123"], 0),
        ("It was 17.8 billion, or 17.846 billion [2].", "It was 17.8 billion, or 17.846 billion [2].", [], 0),
        ("The margin was 12.5 % [2].", "The margin was 12.5 % [2].", [], 0),
        ("In 2018 it was opened by Jane Smith [1].", "In 2018 it was opened by Jane Smith [1].", ["Jane Smith"], 0),
        ("It is in the North Dome [1].", "It is in the North Dome [1].", [], 0),
        ("1. It was 17,846 [2].\n2. It was 42 [2].", "1. It was 17,846 [2].\n2. It was 42 [2].", ["42"], 0),
        ("It was 17,846 (report.pdf, page 2) [2].", "It was 17,846 (report.pdf, page 2) [2].", [], 0),
        ("Nothing to check.", "Nothing to check.", [], 0),
    ],
)  # fmt: skip
def test_citations_go_where_the_numbers_stand(said: str, text: str, unsupported: list[str], moved: int) -> None:
    assert checked(said) == (text, unsupported, moved)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("Gross profit was 16,000 in 2018 [2].", "stands under 2017, not 2018"),
        ("Gross profit was 16,000 [2].", "stands under 2017, not 2018"),
        ("Gross profit was 16,000 in 2017 [2].", None),
        ("Gross profit rose from 16,000 to 17,846 [2].", None),
        ("2018: 17,846; 2017: 17,846 [2].", "stands under 2018, not 2017"),
        ("The cost was 577 billion crowns [2].", "stands in millions, not billions"),
        ("The cost was 577 million crowns, or 0.577 billion [2].", None),
        ("Gross profit was 17,846 % [2].", "is no percentage"),
        ("The margin was $12.47 million [2].", "is a percentage"),
    ],
)
def test_a_number_under_another_year_unit_or_scale_is_marked(said: str, reason: str | None) -> None:
    unsupported = ClaimChecker(QUESTION, EVIDENCE, EvidenceSources(PAGES)).check(said).unsupported
    assert [u.reason for u in unsupported] == ([] if reason is None else [reason])
    assert all(said[u.start : u.end] == u.text for u in unsupported)


def test_a_year_is_told_in_the_answer() -> None:
    answer = ask("Gross profit was 16,000 in 2018 [2].")
    assert answer.problems == ("In the evidence “16,000” stands under 2017, not 2018. Check this on the pages.",)


def test_claims_are_left_as_they_are_where_checking_is_off() -> None:
    with serving(Reply(["Gross profit was 17,846 [1], and 4,321 were sold [2]."])) as server:
        settings = Settings(llm_url=server.url, answering=AnsweringOptions(check="off"))
        answer = finished(make_answerer(settings, PAGES).stream(QUESTION, EVIDENCE))[1]
    assert answer.text == "Gross profit was 17,846 [1], and 4,321 were sold [2]."
    assert (answer.unsupported, answer.problems) == ((), ())


def test_each_claim_with_the_same_number_has_its_own_box() -> None:
    answer = ask("Gross profit was 17,846 [2]. The margin was 12.47% [2]. Gross profit was 17,846 million [2].")
    quotes = [(c.number, c.quote.splitlines()[-1]) for c in answer.citations]
    assert quotes == [(2, "Gross profit | 17,846 | 16,000"), (2, "Margin | 12.47% | 11%")]


def ask(*pieces: str) -> Answer:
    with serving(Reply(list(pieces))) as server:
        return finished(make_answerer(Settings(llm_url=server.url), PAGES).stream(QUESTION, EVIDENCE))[1]


def test_an_answer_tells_what_was_moved_and_what_stands_nowhere() -> None:
    answer = ask("Gross profit was 17,846 [1], and 4,321 were sold [2].")
    assert answer.text == "Gross profit was 17,846 [2], and 4,321 were sold [2]."
    assert [u.text for u in answer.unsupported] == ["4,321"]
    assert answer.problems[-1] == "Not found in the text of the evidence: “4,321”. Check this on the pages."


def test_a_moved_citation_opens_the_row_that_holds_the_number() -> None:
    answer = ask("Gross profit was 17,846 [1].")
    assert [(c.number, c.page) for c in answer.citations] == [(2, 1)]
    assert "Gross profit | 17,846" in answer.citations[0].quote
    assert "Margin" not in answer.citations[0].quote
    assert answer.problems == ("A citation was corrected: [1] became [2], where “17,846” stands.",)


def test_an_answer_of_citations_alone_gives_way_to_quotes() -> None:
    answer = ask("[1] [2]")
    assert answer.model == ""
    assert "wrote citations and no words" in answer.problems[0]


def test_a_claim_in_another_language_is_boxed_by_its_number() -> None:
    answer = ask("Bruttogewinn: 17,846 [2].")
    assert "Margin" not in answer.citations[0].quote
