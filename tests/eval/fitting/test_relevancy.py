"""Fitting the relevancy score."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given, strategies as st

from octavo.eval.fitting.pairs import CandidateFeatures
from octavo.eval.fitting.relevancy import (
    LEAST,
    cascade_bias,
    differences,
    element_weights,
    fit_level,
    fit_parameters,
    hardest_weights,
    learning_weights,
)
from octavo.eval.protocol import load_protocol
from octavo.ingest import OctavoError
from octavo.rag import Level
from octavo.rag.relevancy.calibration import expected_calibration_error
from octavo.rag.relevancy.parameters import load_parameters
from tests.conftest import make_pdf

NAMES = ("coverage", "heading", "window", "margin", *LEAST)


def made(count: int, telling: str, noise: float, seed: int = 0) -> list[CandidateFeatures]:
    """Questions whose relevant entry has more of one feature, of 40 documents."""
    source = np.random.default_rng(seed)
    pairs = []
    for n in range(count):
        relevant = np.arange(6) == 0
        features = {name: source.normal(0, 1, 6) for name in NAMES}
        features |= {name: np.zeros(6) for name in LEAST}
        features[telling] = np.where(relevant, 2.0, 0.0) + source.normal(0, noise, 6)
        pairs.append(CandidateFeatures(f"d{n % 40}", features, relevant, np.zeros(6)))
    return pairs


def test_the_separating_feature_gets_the_weight() -> None:
    model, figures = fit_level(made(400, "coverage", 0.5), 0.0)
    assert figures.accuracy > 0.95
    assert figures.ece < 0.05
    assert max(model.weights, key=lambda name: model.weights[name] * (name not in LEAST)) == "coverage"
    assert all(weight > LEAST.get(name, 0) / 2 for name, weight in model.weights.items())
    assert figures.questions + figures.held_out_questions == 400


def test_a_feature_without_weight_leaves_the_model() -> None:
    pairs = made(400, "coverage", 0.5)
    for pair in pairs:
        pair.features["heading"] = -pair.features["coverage"]
    assert "heading" not in fit_level(pairs, 0.0)[0].weights


def test_the_floor_counts_in_the_calibration_only() -> None:
    pairs = made(400, "coverage", 0.5)
    (high, with_floor), (low, without) = fit_level(pairs, 0.1), fit_level(pairs, 0.0)
    assert (high.weights, high.bias) == (low.weights, low.bias)
    assert with_floor.ece > without.ece


def test_one_document_is_fitted_on_and_measured_where_there_is_no_other() -> None:
    held = next(f"d{n}" for n in range(99) if crc32(f"d{n}".encode()) % 5 == 0)
    pairs = [CandidateFeatures(held, p.features, p.relevant, p.logits) for p in made(40, "coverage", 0.5)]
    assert fit_level(pairs, 0.0)[1].questions == 40
    with pytest.raises(OctavoError, match="No question has"):
        fit_level([], 0.0)


def test_the_best_of_a_bad_lot_is_no_answer() -> None:
    """A feature that compares with other candidates is as high where none is relevant: then another one has to tell."""
    source, pairs = np.random.default_rng(0), []
    for n in range(600):
        relevant = (np.arange(6) == 0) & (n % 2 == 0)
        features = {
            "margin": np.where(np.arange(6) == 0, 0.0, -1.0),
            "window": np.where(relevant, 0.8, 0.2) + source.normal(0, 0.1, 6),
        }
        pairs.append(CandidateFeatures(f"d{n // 2 % 40}", features, relevant, np.zeros(6)))
    model, figures = fit_level(pairs, 0.1)
    odds = [sum(w * p.features[name][0] for name, w in model.weights.items()) for p in pairs[:2]]
    assert odds[0] - odds[1] > 1
    assert (figures.questions + figures.held_out_questions, figures.hard_accuracy) == (
        300,
        pytest.approx(1, abs=0.02),
    )


def test_a_feature_that_tells_nothing_gives_even_odds() -> None:
    assert fit_level(made(800, "coverage", 50.0), 0.1)[1].accuracy == pytest.approx(0.5, abs=0.12)


def test_the_weights_of_a_question_s_candidates() -> None:
    labels = np.array([False, True, False, False, False])
    assert learning_weights(labels).round(4).tolist() == [0.1354, 0.5, 0.1354, 0.1354, 0.0938]
    assert learning_weights(np.zeros(4, dtype=bool)).round(4).tolist() == [0.0333, 0.0333, 0.0333, 0.0]
    assert hardest_weights(labels, np.array([1.0, 2.0, 3.0, 0.0, 5.0])).tolist() == [0, 0.5, 0, 0, 0.5]
    assert element_weights(np.arange(9) == 8, np.arange(9.0)).round(4).tolist() == [0.125] * 2 + [0.0417] * 6 + [0.5]
    assert element_weights(np.arange(3) == 0, np.arange(3.0)).tolist() == [0.5, 0.25, 0.25]


def test_the_bias_of_the_cascade_makes_its_scores_probabilities() -> None:
    pairs = [
        CandidateFeatures("d", {}, np.array([True, False]), np.array([3.0 + n, 1.0 - n])) for n in (-0.5, 0.0, 0.5)
    ]
    assert cascade_bias(pairs, -1.5) == -3.5  # even odds half-way between the relevant and the irrelevant
    nothing = CandidateFeatures("d", {}, np.array([False, False]), np.array([9.0, 9.0]))
    assert cascade_bias([*pairs, nothing], -1.5) == -3.5


def test_only_the_sets_of_the_protocol_are_fitted_on(tmp_path: Path) -> None:
    with pytest.raises(OctavoError, match="train, ohr-bench"):
        fit_parameters([tmp_path])


def test_the_protocol_says_what_each_document_is_for() -> None:
    protocol = load_protocol()
    assert set(protocol.fit) == {"train", "ohr-bench"}
    assert {protocol.split_of("kg-rag-10q", "2023 Q1 AAPL.pdf"), protocol.split_of("own", "a.pdf")} == {"report"}
    assert protocol.split_of("mmdocir-slides", "pdfs/PWC_opportunity_of_lifetime.pdf") == "tune"
    assert not any(documents & protocol.fit["ohr-bench"].without for s, documents in protocol.tune.items() if "x" in s)


@pytest.mark.parametrize("text", ["", "[fit", "fit = 3", "[tune]\na = []"])
def test_a_file_that_is_no_protocol_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "own.toml").write_text(text)
    with pytest.raises(OctavoError, match=r"own\.toml is no protocol"):
        load_protocol(tmp_path / "own.toml")


def test_a_fit_from_sets_to_a_file_of_parameters(tmp_path: Path) -> None:
    """Small sets of both kinds: what comes out scores what answers above what does not, and says what it is from."""
    protocol = tmp_path / "protocol.toml"
    protocol.write_text("[fit.train]\nquestions = 20\n[fit.own]\n")
    train, own = tmp_path / "train", tmp_path / "own"
    train.mkdir()
    own.mkdir()
    topics = ("harbour", "orchard", "glacier", "library", "railway", "theatre", "foundry", "aqueduct")
    passages = [
        {"id": f"{doc}{n}", "source": "made", "doc": f"made/{doc}", "text": f"The {topic} of {doc} opened in 19{n}0."}
        for doc in ("Aston", "Brill", "Corby", "Derby")
        for n, topic in enumerate(topics)
    ]
    questions = [
        {"source": "made", "language": "en", "doc": p["doc"], "positives": [p["id"]]}
        | {"question": f"When was the {p['text'].split()[1]} opened?"}
        for p in passages
    ]
    for name, rows in (("passages", passages), ("questions", questions)):
        with gzip.open(train / f"{name}.jsonl.gz", "wt") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    make_pdf(own / "towns.pdf", tuple((f"The {t}", f"The {t} opened in 19{n}0.") for n, t in enumerate(topics)))
    rows = [
        {"id": str(n), "question": f"In which year opened the {t}?", "doc": "towns.pdf", "gold_pages": [n]}
        | {"evidence_text": f"The {t} opened in 19{n}0."}
        for n, t in enumerate(topics)
    ]
    (own / "queries.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    lines: list[str] = []
    made = fit_parameters([train, own], tmp_path / "libraries", lines.append, protocol)
    assert [line.split(":")[0] for line in lines] == ["page", "element", "cascade"]
    page = made.model(Level.PAGE)
    assert made.provenance.figures[Level.PAGE].accuracy > 0.8
    assert page.floor == load_parameters().model(Level.PAGE).floor
    assert [s.name for s in made.provenance.sets] == ["train", "own"]
    assert made.provenance.sets[1].questions == len(topics)
    assert "page.bias" in differences(load_parameters(), made)
    assert not differences(made, made)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=50))
def test_the_calibration_error_is_a_fraction(rows: list[tuple[float, bool]]) -> None:
    probability, labels = (np.array(column) for column in zip(*rows, strict=True))
    error = expected_calibration_error(probability, labels, np.ones(len(rows)))
    assert 0 <= error <= 1
    assert expected_calibration_error(labels.astype(float), labels, np.ones(len(rows))) == 0


def test_sets_of_ones_own_need_no_protocol_and_worse_weights_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "ours"
    folder.mkdir()
    rows = []
    for n in range(6):
        make_pdf(
            folder / f"note{n}.pdf", tuple((f"Part {p}", f"Crew {n} keeps station {p} of line {n}.") for p in range(3))
        )
        for p in range(3):
            question = {
                "id": f"{n}-{p}",
                "question": f"Who keeps station {p}?",
                "doc": f"note{n}.pdf",
                "gold_pages": [p],
            }
            rows.append(question)
    (folder / "queries.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    told: list[str] = []
    fitted = fit_parameters([folder], tmp_path / "libraries", told.append, own=True)
    page = next(line for line in told if line.startswith("page"))
    assert "so the present weights stay" in page or fitted.model(Level.PAGE) != load_parameters().model(Level.PAGE)
    assert any(line.startswith("element: there are too few documents") for line in told)
    assert fitted.model(Level.ELEMENT) == load_parameters().model(Level.ELEMENT)
    assert fitted.cascade == load_parameters().cascade
