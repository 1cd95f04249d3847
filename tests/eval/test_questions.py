"""Questions with keys: the rules of the keys, the set of questions itself, and what today's answers reach."""

import json
from collections import Counter
from pathlib import Path

import pytest

from examples import questions
from examples.questions.make import DOCUMENTS, documents_of, make
from octavo.eval.questions import AnswerKey, Report, evaluate, load, plain, table
from octavo.ingest import OctavoError
from octavo.rag.query.followups import condense

SET = Path(questions.__file__).parent
FEW = ("lease-harbour-street.pdf", "price-list.pdf", "invoice-0317.pdf", "heron-runbook.md", "handover.txt")
UNREAD = {"stations.csv", "budget.xlsx", "order-change.eml"}
PARAPHRASES = {"paraphrase", "near-miss-paraphrase"}


def rows(name: str) -> list[dict]:
    return [json.loads(line) for line in (SET / name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    ("key", "text", "cited", "fits"),
    [
        ({"all": ["418", "frozen"]}, "Frozen meals: 418.", [], True),
        ({"all": ["418", "frozen"]}, "Frozen meals.", [], False),
        ({"any": ["yes", "raised"]}, "It was raised.", [], True),
        ({"any": ["yes", "raised"]}, "No.", [], False),
        ({"all": ["5"], "none": ["five days"]}, "5 pages, five days", [], False),
        ({"least": [2, ["a1", "b2", "c3"]]}, "A1 and C3", [], True),
        ({"least": [2, ["a1", "b2", "c3"]]}, "A1", [], False),
        ({"all": ["two words"]}, "two\n words [1]", [], True),
        ({"documents": ["a.pdf"]}, "", ["a.pdf"], True),
        ({"documents": ["a.pdf"]}, "It stands in a.pdf.", [], True),
        ({"documents": ["a.pdf"]}, "", ["a.pdf", "b.pdf"], False),
        ({"documents": ["a.pdf", "b.pdf"]}, "", ["a.pdf", "b.pdf", "c.pdf"], True),
        ({"documents": ["a.pdf", "b.pdf"]}, "", ["a.pdf"], False),
    ],
)
def test_a_key(key: dict, text: str, cited: list[str], fits: bool) -> None:
    assert AnswerKey.of(key).fits(text, cited) is fits


def test_citations_and_curly_quotes_do_not_count() -> None:
    assert plain("the Landlord’s [2] consent\n[10]") == "the Landlord's consent"


def test_the_set_is_whole() -> None:
    keyed, near, off = rows("queries.jsonl"), rows("unanswerable.jsonl"), rows("offtopic.jsonl")
    everything = keyed + near + off
    assert len({row["id"] for row in everything}) == len(everything)
    assert {Path(doc).name for row in everything for doc in documents_of(row)} == set(DOCUMENTS)
    assert len(keyed) >= 120
    assert len(near) >= 30
    assert (
        min(Counter(row["language"] for row in off)[tongue] for tongue in ("en", "de", "fr", "es", "it", "nl", "pt"))
        > 20
    )
    by_document: dict[str, set[str]] = {}
    for row in keyed:
        if len(documents_of(row)) == 1:
            by_document.setdefault(row["doc"], set()).add(row["split"])
    assert all(len(splits) == 1 for splits in by_document.values())
    assert not [row["id"] for row in keyed if AnswerKey.of(row["key"]).fits("Nothing of it.")]


def test_paraphrases_ask_of_every_document_that_is_read() -> None:
    for name, kind, least in (("queries.jsonl", "paraphrase", 100), ("unanswerable.jsonl", "near-miss-paraphrase", 30)):
        asked = [row for row in rows(name) if row["kind"] == kind]
        assert len(asked) >= least
        assert {Path(row["doc"]).name for row in asked} == set(DOCUMENTS) - UNREAD
        assert {row["split"] for row in asked} == {"tune", "report"}
    assert not [
        row["id"]
        for row in rows("queries.jsonl")
        if row["kind"] == "paraphrase" and not AnswerKey.of(row["key"]).fits(row["answer"])
    ]


def test_the_documents_are_the_same_each_time(tmp_path: Path) -> None:
    names = ("price-list.pdf", "water-cycle.pptx", "travel-policy.docx", "budget.xlsx")
    one, other = make(tmp_path / "one", names), make(tmp_path / "other", names)
    for name in names:
        assert (one / "documents" / name).read_bytes() == (other / "documents" / name).read_bytes()


def test_a_folder_without_keys_is_refused(tmp_path: Path) -> None:
    (tmp_path / "queries.jsonl").write_text('{"id": "1", "question": "Who?", "doc": "a.txt", "gold_pages": [0]}\n')
    with pytest.raises(OctavoError, match="key"):
        load(tmp_path)


def test_a_line_that_names_no_document_is_refused_with_its_place(tmp_path: Path) -> None:
    row = {"id": "1", "question": "Who?", "documents": ["a.txt"], "key": {"all": ["Ann"]}}
    (tmp_path / "queries.jsonl").write_text(json.dumps(row) + "\n")
    with pytest.raises(OctavoError, match=r"queries\.jsonl, line 1 has no 'doc'\."):
        load(tmp_path)


def share(report: Report, outcome: str, place: str, *, keyed: bool = True) -> float:
    counted = [
        row
        for row in report.rows
        if row.place == place and row.kind.startswith(("near", "off")) is not keyed and row.kind not in PARAPHRASES
    ]
    return sum(row.outcome == outcome for row in counted) / len(counted)


def test_questions_on_a_few_documents(tmp_path: Path) -> None:
    folder = make(tmp_path, FEW)
    for name, every in (("queries.jsonl", 6), ("unanswerable.jsonl", 6), ("offtopic.jsonl", 40)):
        lines = [
            line
            for line in (folder / name).read_text(encoding="utf-8").splitlines(keepends=True)
            if json.loads(line)["kind"] not in PARAPHRASES
        ]
        (folder / name).write_text("".join(lines[::every]), encoding="utf-8")
    report = evaluate(folder, reword=condense)
    assert not report.failed
    assert not report.skipped
    assert share(report, "right", "library") >= 0.5
    assert share(report, "wrong", "library") <= 0.5
    assert share(report, "wrong", "library", keyed=False) <= 0.3
    assert "off-topic, all" in table(report)


@pytest.mark.slow
def test_all_questions(tmp_path: Path) -> None:
    report = evaluate(make(tmp_path), reword=condense)
    assert share(report, "right", "library") >= 0.5
    assert share(report, "right", "document") >= 0.42
    assert share(report, "wrong", "library") <= 0.45
