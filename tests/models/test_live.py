"""The clients against real vLLM servers: what is asked is understood, and every error is one sentence."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from octavo.apps.cli.endpoints import findings
from octavo.ingest import Kind
from octavo.ingest.store.library import Library
from octavo.rag import Entry, Finished, Level, Settings
from octavo.rag.answering import AnswerError, make_answerer
from octavo.rag.answering.citations import find_claims
from octavo.rag.answering.endpoint import connect, model
from octavo.rag.answering.grounding import ClaimGrounder
from octavo.rag.answering.prompt import Budget, prompt
from octavo.rag.clients.errors import EndpointError
from octavo.rag.clients.http import Endpoint, SettingNames
from octavo.rag.embedding import MultiVectorEmbedder, make_embedder
from octavo.rag.embedding.served import ServedEmbedder
from octavo.rag.image_source import ImageSource
from octavo.rag.images import encode_image
from octavo.rag.index import Index
from octavo.rag.model_cards import EMBEDDERS, ModelCard
from octavo.rag.query.question import parse_query
from octavo.rag.relevancy import make_scorer
from octavo.rag.relevancy.model_based import ModelScorer
from octavo.rag.settings import AnsweringOptions
from tests.conftest import make_pdf
from tests.models.conftest import Live
from tests.rag.made import HashEmbedding
from tests.rag.model_server import MemoryPages

pytestmark = pytest.mark.models
Servers = Callable[[str], Live]
PAGES = MemoryPages([(Kind.TEXT, ["Capital expenditure in 2018 was 1,577 million crowns."])], [(Kind.FIGURE, [])])


PAGE = Entry("d/p0", Level.PAGE, "d", 0, 0, None, "", "", ())


def picture(color: str, size: tuple[int, int] = (320, 240)) -> bytes:
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).ellipse((20, 20, size[0] - 20, size[1] - 20), fill=color)
    return encode_image(image, lossless=True)


def embedder(server: Live, known: ModelCard = EMBEDDERS[0], **options: Any) -> ServedEmbedder:
    """The tiny model, asked in the way of a known one."""
    card = known.model_copy(update={"name": "tiny", "dimension": 128, "matryoshka": 16, "max_pixels": 262_144})
    served = {"kind": "served", "url": server.url, "model": server.model, "card": card, **options}
    made = make_embedder(Settings(embedding=served))
    assert isinstance(made, ServedEmbedder)
    return made


def judge(server: Live, index: Index, kind: str, **options: Any) -> ModelScorer:
    relevancy = {"kind": kind, "url": server.url, "model": server.model, "max_pixels": 65_536, **options}
    made = make_scorer(Settings(relevancy=relevancy), index)
    assert isinstance(made, ModelScorer)
    return made


@pytest.fixture
def index(tmp_path: Any) -> Any:
    with Library(tmp_path / "library") as library:
        opened = Index(library, HashEmbedding())
        yield opened
        opened.close()


def passages(*texts: str) -> list[Entry]:
    return [Entry(f"d/c{n}", Level.CHUNK, "d", 0, n, None, "", text, ()) for n, text in enumerate(texts)]


# chat


def test_an_answer_from_pictures_is_streamed(live: Servers) -> None:
    settings = Settings(llm_url=live("chat").url, llm_max_tokens=24)
    evidence = [PAGES.on_page(0), PAGES.of_element(1, 0)]
    asked = prompt("What is shown?", evidence, PAGES, Budget(tokens=2_000, images=2, image_side=300))
    assert asked.images == 2
    assert model(settings) == ("tiny", 2048)
    pieces = list(connect(settings).stream(asked.messages, max_tokens=24))
    assert len(pieces) > 10


@pytest.mark.parametrize("pointing", ["marks", "boxes"])
def test_a_model_is_asked_where_a_claim_stands(live: Servers, pointing: str) -> None:
    answering = AnsweringOptions.model_validate({"grounding": "model", "pointing": pointing})
    settings = Settings(llm_url=live("chat").url, llm_image_side=300, answering=answering)
    claims = find_claims("It was 1,577 million crowns [1].", [PAGES.on_page(0)], PAGES)
    grounding = ClaimGrounder(connect(settings), PAGES, settings).ground(claims)
    assert len(grounding.places) == 1
    assert all("named no places" in problem for problem in grounding.problems)  # of random weights


def test_evidence_that_does_not_fit_is_halved(live: Servers) -> None:
    long = replace(PAGES.on_page(0), text="import os.path " * 500)
    settings = Settings(
        llm_url=live("chat").url, llm_context=60_000, llm_max_tokens=16, llm_images=0, llm_fallback=False
    )
    try:
        *_, last = make_answerer(settings, PAGES).stream("What is shown?", [PAGES.on_page(0), long])
    except AnswerError as error:
        assert "wrote no text" in str(error), error  # noqa: PT017 - random weights may write blanks only
    else:
        assert isinstance(last, Finished)
        assert any("it was given half" in problem for problem in last.answer.problems)


def test_a_wrong_model_and_a_wrong_kind_of_server(live: Servers) -> None:
    with pytest.raises(AnswerError, match="'nope', only tiny: set OCTAVO_LLM_MODEL"):
        list(
            make_answerer(Settings(llm_url=live("chat").url, llm_model="nope", llm_fallback=False), PAGES).stream(
                "?", [PAGES.on_page(0)]
            )
        )
    with pytest.raises(AnswerError, match="serves tiny, but not for this kind of request"):
        list(
            make_answerer(Settings(llm_url=live("embedding").url, llm_fallback=False), PAGES).stream(
                "?", [PAGES.on_page(0)]
            )
        )


# embedding


@pytest.mark.parametrize("known", [c for c in EMBEDDERS if c.pooling == "last" and c.served], ids=lambda c: c.name)
def test_texts_pictures_and_both_are_embedded(live: Servers, known: ModelCard) -> None:
    model = embedder(live("embedding"), known)
    texts = [f"Revenue grew by {n} percent." for n in range(12)]
    rows = model.embed_texts(texts)
    assert rows.shape == (12, 128)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-4)
    again = np.stack([model.embed_texts([text])[0] for text in texts])
    assert np.abs(rows - again).max() < 0.02, "alone or among others, within what bfloat16 batches differ by"
    assert (np.argmax(rows @ again.T, axis=1) == np.arange(12)).all(), "in the order they were asked for"
    red, blue = model.embed_image(BytesIO(picture("red"))), model.embed_image(BytesIO(picture("blue")))
    both = model.embed_query("Which colour?", BytesIO(picture("red")))
    alone = model.embed_question("Which colour?")
    vectors = [red, blue, both, alone, rows[0]]
    assert all(a @ b < 0.9999 for n, a in enumerate(vectors) for b in vectors[:n]), "each is another vector"
    cut = embedder(live("embedding"), known, dimensions=32).embed_question("Which colour?")
    assert np.allclose(cut, alone[:32] / np.linalg.norm(alone[:32]), atol=0.02)


def test_long_inputs_are_shortened_and_embedded(live: Servers) -> None:
    model = embedder(live("embedding"))
    assert np.isclose(np.linalg.norm(model.embed_texts(["import os " * 4_000])[0]), 1, atol=1e-4)
    with pytest.raises(EndpointError, match=r"refuses the request for tiny \(400"):
        model.embed_texts(["import os " * 400_000])


def test_refusals_of_an_embedding_server(live: Servers, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server = live("embedding")
    with pytest.raises(EndpointError, match="'nope', only tiny: set OCTAVO_EMBEDDING__MODEL"):
        embedder(server, model="nope").embed_question("?")
    wrong = EMBEDDERS[0].model_copy(update={"dimension": 64})
    with pytest.raises(EndpointError, match=r"vectors of 128 dimensions, and .* has 64"):
        embedder(server, card=wrong).embed_question("?")
    with pytest.raises(EndpointError, match=r"serves tiny, but not for this kind of request.*OCTAVO_EMBEDDING__URL"):
        embedder(live("chat")).embed_question("?")
    endpoint = Endpoint(server.url, SettingNames.under("X_"))
    broken = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    body = {"model": "tiny", "messages": [{"role": "user", "content": [broken]}]}
    with endpoint.open() as http, pytest.raises(EndpointError, match=r"\(400: .*cannot identify image"):
        endpoint.post(http, "embeddings", body)
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    with pytest.raises(EndpointError, match=r"no answer within 0\.001 seconds"):
        embedder(server, timeout=0.001).embed_question("?")
    assert not waits


def test_token_vectors_and_their_maxsim(live: Servers) -> None:
    known = next(c for c in EMBEDDERS if c.pooling == "tokens" and c.sees)
    card = known.model_copy(update={"name": "tiny", "dimension": 128, "max_pixels": 65_536})
    server = live("tokens")
    served = {"kind": "served", "url": server.url, "model": "tiny", "card": card}
    model = make_embedder(Settings(embedding=served))
    assert isinstance(model, MultiVectorEmbedder)
    question = model.question_tokens("What was capital expenditure?")
    passage = "Capital expenditure was 1,577."
    seen, said = model.token_matrices([PAGE, *passages(passage)], ImageSource(PAGES))
    assert question.shape[1] == seen.shape[1] == said.shape[1] == 128
    assert len(seen) > len(said) > 3
    assert np.allclose(np.linalg.norm(seen, axis=1), 1, atol=1e-3)
    body = {"model": "tiny", "query": "What was capital expenditure?", "documents": [passage]}
    endpoint = Endpoint(server.url, SettingNames.under("X_"))
    with endpoint.open() as http:
        (row,) = endpoint.post(http, "rerank", body)["results"]
    own = float((question @ said.T).max(axis=1).sum())
    assert own == pytest.approx(row["relevance_score"], rel=0.01), "vLLM's own late interaction"
    half = make_embedder(Settings(embedding={**served, "token_pooling": 2}))
    assert isinstance(half, MultiVectorEmbedder)
    assert len(half.token_matrices([PAGE], ImageSource(PAGES))[0]) == (len(seen) + 1) // 2
    with pytest.raises(EndpointError, match="501"):
        embedder(server).embed_question("?")


# relevancy


@pytest.mark.parametrize("prompt", ["relevance", "assert"])
def test_yes_and_no_have_probabilities(live: Servers, index: Index, prompt: str) -> None:
    model = judge(live("chat"), index, "yes-no", prompt=prompt)
    entries = passages("Capital expenditure was 1,577.", "Boil the lentils.", "os.path.join")
    scores = model.raw(parse_query("What was capital expenditure?"), entries)
    assert all(0 < score < 1 and math.isfinite(score) for score in scores)
    assert len({round(score, 6) for score in scores}) == 3
    assert model.raw(parse_query("What was capital expenditure?"), entries) == pytest.approx(scores, abs=0.02)


def test_pages_are_judged_by_their_screenshots(live: Servers, tmp_path: Any) -> None:
    from octavo.rag import Pipeline

    make_pdf(tmp_path / "report.pdf")
    for kind, server in (("yes-no", live("chat")), ("rerank", live("reranker"))):
        relevancy = {"kind": kind, "url": server.url, "model": "tiny", "max_pixels": 65_536}
        with Pipeline(Settings(library=tmp_path / "library", relevancy=relevancy)) as pipeline:
            pipeline.ingest(tmp_path / "report.pdf")
            hits = pipeline.search("What was capital expenditure in 2018?", k=3)
            assert len(hits) == 3
            assert len({hit.score for hit in hits}) == 3


def test_a_reranker_scores_each_entry_as_its_own_document(live: Servers, index: Index) -> None:
    server = live("reranker")
    model = judge(server, index, "rerank")
    texts = ["Capital expenditure was 1,577.", "Boil the lentils.", "import os", "the year 2018"]
    scores = model.judge(parse_query("capital expenditure"), passages(*texts), ImageSource(PAGES))
    endpoint = Endpoint(server.url, SettingNames.under("X_"))
    with endpoint.open() as http:
        body = {"model": "tiny", "query": "capital expenditure", "documents": texts}
        results = endpoint.post(http, "rerank", body)["results"]
    assert [row["relevance_score"] for row in results] == sorted((r["relevance_score"] for r in results), reverse=True)
    together = {row["index"]: row["relevance_score"] for row in results}
    assert scores == pytest.approx([together[n] for n in range(4)], abs=0.02)


def test_an_embedding_model_is_no_reranker(live: Servers, index: Index) -> None:
    model = judge(live("embedding"), index, "rerank")
    entries = passages("dog", "a cat sat", "import os sys path", "café", "zebra 77 %", "the", "x = [1, 2]")
    with pytest.raises(EndpointError, match="embedding model and no cross-encoder"):
        model.judge(parse_query("a cat"), entries, ImageSource(PAGES))
    with pytest.raises(EndpointError, match="serves tiny, but not for this kind of request"):
        judge(live("chat"), index, "rerank").judge(parse_query("a cat"), entries, ImageSource(PAGES))


# the doctor


def test_the_doctor_asks_all_three(live: Servers, tmp_path: Any) -> None:
    card = EMBEDDERS[0].model_copy(update={"name": "tiny", "dimension": 128, "max_pixels": 65_536})
    settings = Settings(
        library=tmp_path / "none",
        llm_url=live("chat").url,
        llm_max_tokens=16,
        embedding={"kind": "served", "url": live("embedding").url, "model": "tiny", "card": card},
        relevancy={"kind": "rerank", "url": live("reranker").url, "model": "tiny", "max_pixels": 65_536},
    )
    found = {name: (ok, text) for name, ok, text in findings(settings)}
    assert "did not read the picture" in found["model"][1] or "wrote no text" in found["model"][1], "random weights"
    assert found["embedding"][0], found
    assert found["relevancy"][0], found
