"""Relevancy scores of served models: what they are shown, how they are read, calibrated, and what goes wrong."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from PIL import Image

from octavo.ingest import OctavoError
from octavo.ingest.store.library import Library
from octavo.rag import Level, Pipeline, Settings
from octavo.rag.clients.errors import EndpointError
from octavo.rag.images import encode_image
from octavo.rag.index import Index
from octavo.rag.query.question import Query, parse_query
from octavo.rag.relevancy import MatchScorer, make_scorer
from octavo.rag.relevancy.calibration import fit, load, store
from octavo.rag.relevancy.model_based import ModelScorer
from tests.rag.embedding_server import PoolingServer, pooling

QUESTION = parse_query("What was capital expenditure in 2018?")


def made(server: PoolingServer, index: Index, kind: str, **options: Any) -> ModelScorer:
    found = make_scorer(Settings(relevancy={"kind": kind, "url": server.url, "model": "tiny", **options}), index)
    assert isinstance(found, ModelScorer)
    return found


def pages(pipeline: Pipeline) -> list[Any]:
    document = pipeline.library.find("report.pdf").id
    return pipeline.index.entries([f"{document}/p{n}" for n in range(3)])


def chat(yes: float, no: float, first: str = "Yes") -> dict[str, Any]:
    rows = [{"token": "Yes", "logprob": yes}, {"token": " no", "logprob": no}, {"token": "Maybe", "logprob": -0.1}]
    return {"choices": [{"logprobs": {"content": [{"token": first, "top_logprobs": rows}]}}]}


def judge(path: str, body: dict[str, Any]) -> tuple[int, Any]:
    """Tokens for words without a space; P(Yes) of .8 where the text names the year, else of .2."""
    if path == "/tokenize":
        return 200, {"tokens": [len(body["prompt"])] if body["prompt"].strip() == body["prompt"] else [1, 2]}
    if path == "/v1/rerank":
        return 200, {"results": [{"index": 0, "relevance_score": 0.9 if "2018" in str(body["documents"]) else 0.1}]}
    return 200, chat(*(math.log(p) for p in ((0.4, 0.1) if "2018 was" in str(body) else (0.1, 0.4))))


def test_yes_and_no_of_the_first_token_are_a_probability(pipeline: Pipeline) -> None:
    with pooling(respond=judge) as server:
        model = made(server, pipeline.index, "yes-no", sees=False)
        assert model.scores(QUESTION, pages(pipeline)) == pytest.approx([0.2, 0.8, 0.2])
        requests = [body for path, body in server.requests if path == "/v1/chat/completions"]
        assert len(requests) == 3
        for body in requests:
            assert (body["max_tokens"], body["temperature"], body["logprobs"]) == (1, 0, True)
            assert body["logprob_token_ids"] == [3, 2], "forms of a word that are one token, each once"
            assert body["messages"][1]["content"][-1]["text"].startswith(f"Query: {QUESTION.text}")
        server.requests.clear()
        model.scores(QUESTION, pages(pipeline))
        assert len(server.requests) == 3, "tokens are asked for once"


def test_a_picture_of_the_question_is_shown_where_the_model_sees(pipeline: Pipeline) -> None:
    picture = encode_image(Image.new("RGB", (60, 40), "red"), lossless=True)
    question = replace(QUESTION, picture=picture, words="red")
    alone = Query(text="", terms=(), picture=picture, words="2018 was")
    with pooling(respond=judge) as server:
        made(server, pipeline.index, "rerank").raw(question, pages(pipeline)[:1])
        query = server.requests[-1][1]["query"]["content"]
        assert [part["type"] for part in query] == ["image_url", "text"]
        made(server, pipeline.index, "yes-no").raw(question, pages(pipeline)[:1])
        content = server.requests[-1][1]["messages"][1]["content"]
        assert [part["type"] for part in content] == ["text", "image_url", "text", "image_url", "text"]
        made(server, pipeline.index, "rerank", sees=False).raw(question, pages(pipeline)[:1])
        assert server.requests[-1][1]["query"] == QUESTION.text
        made(server, pipeline.index, "rerank", sees=False).raw(alone, pages(pipeline)[:1])
        assert server.requests[-1][1]["query"] == "2018 was", "its words stand for it"


def test_the_prompt_of_qwen3_vl_reranker(pipeline: Pipeline) -> None:
    with pooling(respond=judge) as server:
        made(server, pipeline.index, "yes-no", prompt="qwen3-reranker").raw(QUESTION, pages(pipeline)[:1])
        system, user = server.requests[-1][1]["messages"]
    assert system["content"].startswith("Judge whether the Document meets the requirements")
    (before, picture) = user["content"]
    assert before["text"].endswith(f"<Query>:{QUESTION.text}\n<Document>:")
    assert picture["type"] == "image_url"


def test_a_server_that_tells_no_tokens_gives_its_twenty_likeliest(pipeline: Pipeline) -> None:
    def plain(path: str, body: dict[str, Any]) -> tuple[int, Any]:
        return (404, {"error": {"message": "no such path"}}) if path == "/tokenize" else judge(path, body)

    with pooling(respond=plain) as server:
        assert made(server, pipeline.index, "yes-no", sees=False).scores(QUESTION, pages(pipeline))[1] == 0.8
        assert server.requests[-1][1]["top_logprobs"] == 20


@pytest.mark.parametrize("kind", ["yes-no", "rerank"])
def test_pages_are_shown_as_pictures_and_chunks_as_text(pipeline: Pipeline, kind: str) -> None:
    document = pipeline.library.find("report.pdf").id
    with pooling(respond=judge) as server:
        model = made(server, pipeline.index, kind, max_pixels=90_000)
        model.raw(QUESTION, pages(pipeline)[:1])
        shown = str(server.requests[-1][1])
        assert shown.count("data:image/jpeg;base64,") == 1
        assert "observatory" not in shown
        model.raw(QUESTION, pipeline.index.entries([f"{document}/c0"]))
        assert "observatory" in str(server.requests[-1][1])
        assert "data:image" not in str(server.requests[-1][1])


def test_a_reranker_scores_and_the_best_are_kept(pipeline: Pipeline) -> None:
    with pooling(respond=judge) as server:
        model = made(server, pipeline.index, "rerank", sees=False)
        assert model.scores(QUESTION, pages(pipeline)) == [0.1, 0.9, 0.1]
        assert model.scores(QUESTION, []) == []
        assert all(isinstance(body["documents"], list) for _, body in server.requests)
        settings = Settings(library=pipeline.library.folder, relevancy={**RERANK, "url": server.url})
        with Pipeline(settings) as whole:
            (hit,) = whole.search(QUESTION.text, threshold=0.5)
            assert (hit.page, hit.score) == (1, 0.9)


RERANK = {"kind": "rerank", "model": "tiny", "sees": False}


def test_only_the_shortlist_is_judged_and_the_rest_stays_below(pipeline: Pipeline) -> None:
    entries = pages(pipeline)
    with pooling(respond=judge) as server:
        scores = made(server, pipeline.index, "rerank", sees=False, shortlist=1).scores(QUESTION, entries)
        assert len(server.requests) == 1
    first = MatchScorer(pipeline.index).scores(QUESTION, entries)
    best = int(np.argmax(first))
    assert scores[best] == 0.9
    assert [s for n, s in enumerate(scores) if n != best] == [min(s, 0.9) for n, s in enumerate(first) if n != best]


@pytest.mark.parametrize(
    ("kind", "answer", "match"),
    [
        ("rerank", {"results": [{"index": 0, "relevance_score": 0.501}]}, "about 0.5.*start it with those"),
        ("rerank", {"results": [{"index": 0, "relevance_score": -0.3}]}, "embedding model and no cross-encoder"),
        ("rerank", {"results": [{"index": 0, "relevance_score": 4.0}]}, "embedding model and no cross-encoder"),
        ("rerank", {"results": [{"index": 0, "relevance_score": float("nan")}]}, "not finite"),
        ("rerank", {"results": []}, "no score"),
        ("yes-no", {"choices": [{"logprobs": None}]}, "no log probabilities"),
        ("yes-no", chat(float("nan"), -1.0), "no probability"),
        ("yes-no", {"choices": [{"logprobs": {"content": [{"token": "<think>", "top_logprobs": []}]}}]}, "<think>"),
    ],
)
def test_a_server_that_is_not_what_it_should_be(pipeline: Pipeline, kind: str, answer: Any, match: str) -> None:
    with (
        pooling(respond=lambda path, body: (200, answer if path != "/tokenize" else {"tokens": [1]})) as server,
        pytest.raises(EndpointError, match=match) as raised,
    ):
        made(server, pipeline.index, kind, sees=False).scores(QUESTION, pages(pipeline))
    assert server.url in str(raised.value)


def test_a_key_that_is_refused_is_told_at_once(pipeline: Pipeline) -> None:
    with (
        pooling(respond=lambda path, body: (401, {})) as server,
        pytest.raises(EndpointError, match="OCTAVO_RELEVANCY__KEY"),
    ):
        made(server, pipeline.index, "yes-no", sees=False).scores(QUESTION, pages(pipeline))


def test_a_calibration_is_stored_with_the_library_and_applied(pipeline: Pipeline, tmp_path: Any) -> None:
    with Library(tmp_path / "library") as library, pooling(respond=judge) as server:
        source = made(server, pipeline.index, "rerank", sees=False)
        calibration = fit([0.1, 0.9] * 20, [False, True] * 15 + [False, False] * 5, "isotonic")
        store(library, source.name, Level.PAGE, calibration)
        assert load(library, source.name, Level.PAGE) == calibration
        assert load(library, source.name, Level.CHUNK) is None
        assert calibration([0.1, 0.9]).tolist() == [0.0, 0.75]
        assert calibration.error[1] < calibration.error[0]


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=40, max_size=80),
    st.sampled_from(["logistic", "isotonic"]),
)
def test_calibrations_rise_and_are_probabilities(pairs: list[tuple[float, bool]], kind: Any) -> None:
    labels = [label for _, label in pairs]
    if min(sum(labels), len(labels) - sum(labels)) < 10:
        with pytest.raises(OctavoError, match="label more questions"):
            fit([score for score, _ in pairs], labels, kind)
        return
    found = fit([score for score, _ in pairs], labels, kind)(np.linspace(0, 1, 101))
    assert (np.diff(found) >= -1e-12).all()
    assert ((found >= 0) & (found <= 1)).all()


def test_isotonic_is_the_least_squares_rise() -> None:
    from scipy.optimize import isotonic_regression

    source = np.random.default_rng(3)
    scores = np.sort(source.random(200))
    labels = source.random(200) < scores
    expected = isotonic_regression(labels.astype(float)).x
    assert np.allclose(fit(scores.tolist(), labels.tolist(), "isotonic")(scores), expected)


def test_logistic_finds_the_line_that_made_the_labels() -> None:
    source = np.random.default_rng(5)
    scores = source.random(20_000)
    odds = np.log(scores / (1 - scores))
    true = 1 / (1 + np.exp(-(0.5 * odds - 1)))
    made_of = fit(scores.tolist(), (source.random(20_000) < true).tolist(), "logistic")
    assert np.abs(made_of(scores) - true).max() < 0.02
    assert made_of.error[1] < 0.01 < made_of.error[0]
