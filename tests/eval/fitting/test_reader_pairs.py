"""Pairs that the reader is fitted on, drawn from a small folder made here."""

from __future__ import annotations

import gzip
import json
import re
from typing import Any

import pytest

from octavo.eval.fitting.reader_data import find, held_out
from octavo.eval.fitting.reader_pairs import PairSampler
from octavo.eval.fitting.reader_tables import parse_table, write_table
from octavo.eval.fitting.reader_windows import LONGEST, Pair

TOWNS = [a + b for a in ("Ar", "Brem", "Cor", "Eid", "Fjell") for b in ("dal", "vik", "foss", "by", "sund")]


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> PairSampler:
    folder = tmp_path_factory.mktemp("train")
    passages: list[dict[str, Any]] = []
    questions: list[dict[str, Any]] = []
    for n, town in enumerate(TOWNS):
        doc = f"tatqa/{town}"
        about = f"The mayor of {town} is Ola {town}sen. The town hall of {town} was built in {1900 + n} by masons."
        other = f"Ferries leave {town} at seven. The museum shows nets and boats of the last century."
        table = f"2019 | 2018\nTaxes of {town} | {n}41.5 | {n}38.2\nRent | {n}12 | {n}11\nFees | {n}7.1 | {n}6.9"
        for key, text in (("1", about), ("2", other), ("table", table)):
            passages.append({"id": f"{doc}/{key}", "source": "tatqa", "doc": doc, "text": text})
        for question, answer, key in (
            (f"When was the town hall of {town} built?", json.dumps([str(1900 + n)]), "1"),
            ("What was the rent in 2018?", json.dumps([f"{n}11"]), "table"),
        ):
            questions.append(
                {
                    "source": "tatqa",
                    "question": question,
                    "doc": doc,
                    "positives": [f"{doc}/{key}"],
                    "answer": answer,
                    "language": "en",
                }
            )
    for name, rows in (("passages", passages), ("questions", questions)):
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    return PairSampler(folder)


def drawn(pairs: PairSampler) -> list[Pair]:
    return pairs.sample(400, seed=3)


def test_spans_are_answers_and_the_unanswered_have_none(pairs: PairSampler) -> None:
    answers = {question.question: set(question.answers) for question in pairs.material.questions}
    kinds = set()
    for pair in drawn(pairs):
        kinds.add(pair.kind)
        assert len(pair.passage) <= LONGEST + 200
        if not pair.answered:
            assert pair.spans == ()
        elif pair.kind == "text":
            assert {pair.passage[a:b] for a, b in pair.spans} == answers[pair.question]
    assert kinds >= {"text", "table", "lookup", "near miss", "same document", "other document", "table without answer"}


def test_a_near_miss_asks_for_what_the_window_lacks(pairs: PairSampler) -> None:
    misses = [pair for pair in drawn(pairs) if pair.kind == "near miss"]
    assert misses
    for pair in misses:
        assert any(word not in pair.passage for word in re.findall(r"(?<!^)\b[A-Z][a-z]+|\d{4}", pair.question))
        assert not pair.answered


def test_a_lookup_asks_for_the_cell_that_it_marks(pairs: PairSampler) -> None:
    lookups = [pair for pair in drawn(pairs) if pair.kind == "lookup" and "Rent" in pair.question]
    assert lookups
    for pair in lookups:
        ((start, end),) = pair.spans
        assert pair.passage[start:end].endswith("12" if "2019" in pair.question else "11")


def test_documents_that_are_held_out_are_not_drawn(pairs: PairSampler) -> None:
    kept = [town for town in TOWNS if held_out(f"tatqa/{town}")]
    assert 0 < len(kept) < len(TOWNS)
    assert not any(town in pair.passage for pair in drawn(pairs) for town in kept)


def test_the_same_seed_draws_the_same(pairs: PairSampler) -> None:
    assert pairs.sample(50, seed=1) == pairs.sample(50, seed=1)
    assert pairs.sample(50, seed=1) != pairs.sample(50, seed=2)


def test_an_answer_is_found_as_a_whole_number_and_across_lines() -> None:
    assert find("It cost 1,234.5 and 34.5.", "34.5") == [(20, 24)]
    assert find("in the new\n  Office today", "New office") == [(7, 19)]
    assert find("nothing of it", "something") == []


@pytest.mark.parametrize("style", ["cells", "lines", "markdown"])
def test_the_cells_of_a_written_table_stand_where_it_says(style: Any) -> None:
    table = parse_table("Harbours\nName | Ships | Since\nArdal | 7 | 1901\nDalen |  | 1904", titled=True)
    assert table is not None
    text, ranges = write_table(table, [0, 1], [0, 1, 2], style, table.title)
    assert text.startswith("Harbours\n")
    for (row, column), (start, end) in ranges.items():
        assert text[start:end] == table.rows[row][column]


def test_a_table_whose_columns_do_not_line_up_is_none() -> None:
    assert parse_table("Title\nA | B\nonly one", titled=True) is None
    assert parse_table("one line", titled=False) is None
