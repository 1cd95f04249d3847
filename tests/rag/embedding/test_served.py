"""Embedding over HTTP: what the model is sent, how many at a time, in which order, and what goes wrong."""

from __future__ import annotations

import base64
import threading
from io import BytesIO
from typing import Any

import jinja2
import numpy as np
import pytest
from PIL import Image

from octavo.ingest import Box, Kind, OctavoError, Region
from octavo.ingest.store.library import Library
from octavo.rag import Entry, Level, Pipeline, Settings
from octavo.rag.clients.errors import EndpointError
from octavo.rag.clients.http import Endpoint, SettingNames
from octavo.rag.embedding import make_embedder
from octavo.rag.embedding.inputs import EmbeddingInput, InputRole, messages
from octavo.rag.embedding.served import ServedEmbedder
from octavo.rag.image_source import ImageSource
from octavo.rag.images import fit_image
from octavo.rag.index import Index, reembed
from octavo.rag.model_cards import EMBEDDERS, TEMPLATES, ModelCard, card
from tests.conftest import make_pdf
from tests.rag.embedding_server import TINY, PoolingServer, pooling, vector
from tests.rag.made import HashEmbedding, check, document
from tests.rag.model_server import closed_port, serving

PNG = BytesIO()
Image.new("RGB", (60, 40), "red").save(PNG, "PNG")


def served(server: PoolingServer, **options: Any) -> ServedEmbedder:
    made = make_embedder(
        Settings(embedding={"kind": "served", "url": server.url, "model": "tiny", "card": TINY, **options})
    )
    assert isinstance(made, ServedEmbedder)
    return made


class Screen:
    """Pages on blue screenshots."""

    def page(self, document: str, number: int) -> Any:
        from tests.rag.made import page

        return page(number, "x", "hash")

    def image(self, image: str) -> bytes:
        out = BytesIO()
        Image.new("RGB", (600, 800), "blue").save(out, "WEBP")
        return out.getvalue()


def unit(row: Any) -> Any:
    return row / np.linalg.norm(row)


def test_vectors_come_in_order_and_many_requests_are_under_way_at_once() -> None:
    texts = [f"text {n}" for n in range(40)]
    with pooling(wait=0.02) as server:
        rows = served(server, concurrency=8).embed_texts(texts)
        assert 2 < server.most_at_once <= 8
    assert rows.shape == (40, 8)
    for text, row in zip(texts, rows, strict=True):
        assert np.allclose(row, unit(vector(f"image/png|say: {text}")), atol=1e-6)


def test_questions_texts_and_pictures_have_their_own_prompts() -> None:
    with pooling() as server:
        model = served(server)
        assert np.allclose(model.embed_question("who?"), unit(vector("image/png|ask: who?")), atol=1e-6)
        both = model.embed_query("who?", BytesIO(PNG.getvalue()))
        assert np.allclose(both, unit(vector("image/png|both: who?")), atol=1e-6)
        alone = model.embed_image(BytesIO(PNG.getvalue()))
        assert np.allclose(alone, unit(vector("image/png|what is shown?")), atol=1e-6)
        assert not model.embed_texts([" \n"]).any(), "a text without words is not asked about"
        assert len(server.requests) == 3
        assert model.embed_texts([]).shape == (0, 8)


def test_a_model_that_takes_either_gets_the_mean_for_both() -> None:
    with pooling() as server:
        model = served(server, card=TINY.model_copy(update={"together": False, "blank": 0}))
        both = model.embed_query("who?", BytesIO(PNG.getvalue()))
        assert server.texts() == ["what is shown?", "ask: who?"]
    expected = unit(unit(vector("ask: who?")) + unit(vector("image/png|what is shown?")))
    assert np.allclose(both, expected, atol=1e-6)


def test_pages_go_as_screenshots_figures_as_crops_and_all_else_as_text() -> None:
    regions = (Region(0, Box(50, 300, 550, 500), 2),)
    entries = [
        Entry("d/p0", Level.PAGE, "d", 0, 0, None, "H", "words", ()),
        Entry("d/p0/e2", Level.ELEMENT, "d", 0, 2, Kind.TABLE, "H", "words", regions),
        Entry("d/p0/e1", Level.ELEMENT, "d", 0, 1, Kind.TEXT, "H", "words", regions),
        Entry("d/c0", Level.CHUNK, "d", 0, 0, None, "", "words", regions),
    ]
    with pooling() as server:
        rows = served(server, card=TINY.model_copy(update={"max_pixels": 600 * 800})).embed_entries(
            entries, ImageSource(Screen())
        )
        kinds = [part["type"] for _, body in server.requests for part in body["messages"][0]["content"]]
    keys = ["image/webp|what is shown?", "image/png|what is shown?", "image/png|say: H\nwords", "image/png|say: words"]
    assert np.allclose(rows, [unit(vector(key)) for key in keys], atol=1e-6)
    assert kinds == ["image_url", "text"] * 4


def test_an_interleaved_chunk_is_one_input_of_its_text_and_its_pictures() -> None:
    regions = (
        Region(0, Box(50, 60, 550, 80), 1),
        Region(0, Box(50, 300, 550, 500), 2),
        Region(1, Box(0, 0, 90, 90), 2),
    )
    entries = [
        Entry("d/c0", Level.CHUNK, "d", 0, 0, None, "H", "words", regions),
        Entry("d/c1", Level.CHUNK, "d", 0, 1, None, "H", "words", regions[:1]),
    ]
    known = TINY.model_copy(update={"max_pixels": 0, "blank": 0})
    with pooling() as server:
        model = served(server, interleaved=True, concurrency=1, card=known)
        rows = model.embed_entries(entries, ImageSource(Screen()))
        (picture, text), (alone,) = (body["messages"][0]["content"] for _, body in server.requests)
        assert served(server, card=known).model_name == "tiny over vLLM"
    assert (text["text"], alone["text"]) == ("say: H\nwords", "say: H\nwords")
    with Image.open(BytesIO(base64.b64decode(picture["image_url"]["url"].split(",")[1]))) as image:
        assert image.size == (500, 200 + 90), "the table, and under it the one on the next page"
    assert np.allclose(rows, [unit(vector(key)) for key in ("image/png|say: H\nwords", "say: H\nwords")], atol=1e-6)
    assert model.model_name == "tiny over vLLM, interleaved"


@pytest.mark.parametrize("missing", [{"together": False}, {"sees": False}])
def test_a_model_that_takes_no_text_with_a_picture_refuses_interleaved_chunks(missing: dict[str, bool]) -> None:
    with pooling() as server, pytest.raises(OctavoError, match="tiny takes no text together with a picture"):
        served(server, interleaved=True, card=TINY.model_copy(update=missing))


@pytest.mark.parametrize(
    ("size", "limits", "shape"),
    [
        ((600, 800), {"max_pixels": 120_000}, (300, 400)),
        ((600, 800), {"square": 112}, (112, 112)),
        ((3000, 4), {}, (3000, 30)),
        ((5, 5), {}, (28, 28)),
    ],
)
def test_pictures_are_fitted_to_the_resolution_of_the_model(
    size: tuple[int, int], limits: dict[str, int], shape: tuple[int, int]
) -> None:
    out = BytesIO()
    Image.new("RGB", size, "green").save(out, "WEBP")
    data, media_type = fit_image(out.getvalue(), **limits)
    assert media_type == "image/jpeg"
    with Image.open(BytesIO(data)) as image:
        assert image.size == shape


def test_a_picture_that_fits_is_passed_on_untouched() -> None:
    assert fit_image(PNG.getvalue(), TINY.max_pixels) == (PNG.getvalue(), "image/png")


@pytest.mark.parametrize("known", EMBEDDERS, ids=lambda known: known.name)
def test_every_card_says_how_its_model_is_asked(known: ModelCard) -> None:
    assert card(known.name) is known
    assert "{text}" in known.question
    assert "{text}" in known.passage
    asked = messages(EmbeddingInput(InputRole.QUESTION, "Who {text} is it?"), known)
    assert sum("Who {text} is it?" in str(message) for message in asked) == 1, "braces in a question are its own"
    if known.sees:
        content = messages(EmbeddingInput(InputRole.ENTRY, "", PNG.getvalue()), known)[1 if known.system else 0][
            "content"
        ]
        assert content[0]["type"] == "image_url"
    assert known.check(0) == known.dimension


def test_a_picture_is_the_mean_of_its_own_tokens_where_the_card_leaves_some_out() -> None:
    rows = np.arange(12 * 8, dtype=np.float32).reshape(12, 8)[::-1] ** 0.5
    jina = TINY.model_copy(update={"pooling": "mean", "beside": (3, 6), "blank": 0, "together": False})

    def tokens(path: str, body: dict[str, Any]) -> tuple[int, Any]:
        assert path == "/pooling"
        return 200, {"data": [{"index": 0, "data": base64.b64encode(rows.tobytes()).decode()}]}

    with pooling(respond=tokens) as server:
        model = served(server, card=jina)
        assert np.allclose(model.embed_image(BytesIO(PNG.getvalue())), unit(rows[3:6].mean(axis=0)), atol=1e-6)
        assert np.allclose(model.embed_question("who?"), unit(rows.mean(axis=0)), atol=1e-6)
        assert [body.get("input") for _, body in server.requests] == [None, "ask: who?"]


def test_jinas_template_writes_pictures_as_published_and_texts_plainly() -> None:
    jina = card("jina-embeddings-v4-vllm-retrieval")
    template = jinja2.Template((TEMPLATES / jina.template).read_text())
    asked = messages(EmbeddingInput(InputRole.QUESTION, "Who?"), jina)
    assert template.render(messages=asked) == "Query: Who?"
    shown = messages(EmbeddingInput(InputRole.ENTRY, "", PNG.getvalue()), jina)
    assert template.render(messages=shown) == (
        "<|im_start|>user\n<|vision_start|><|image_pad|><|vision_end|>Describe the image.<|im_end|>\n"
    )


def test_dimensions_are_cut_and_made_unit_again() -> None:
    with pooling() as server:
        row = served(server, dimensions=3).embed_question("who?")
        assert np.allclose(row, unit(vector("image/png|ask: who?")[:3]), atol=1e-6)
        for wrong, match in ((1, "to 1"), (9, "to 9")):
            with pytest.raises(OctavoError, match=match):
                served(server, dimensions=wrong)
        with pytest.raises(OctavoError, match="no Matryoshka model"):
            served(server, dimensions=4, card=TINY.model_copy(update={"matryoshka": 0}))


def test_a_busy_server_is_asked_again_and_one_that_stays_busy_is_an_error(pauses: list[float]) -> None:
    seen = threading.Event()

    def once(path: str, body: dict[str, Any]) -> tuple[int, Any] | None:
        if seen.is_set():
            return None
        seen.set()
        return 503, {"error": {"message": "loading"}}

    with pooling(respond=once) as server:
        assert served(server).embed_question("who?").any()
        assert len(server.requests) == 2
        server.respond = lambda path, body: (429, {"error": {"message": "slow down"}})
        pauses.clear()
        with pytest.raises(EndpointError, match=rf"{server.url} is busy or broken \(429: slow down\).*EMBEDDING__URL"):
            served(server).embed_question("who?")
        assert pauses == [0.5, 1.0, 2.0]
        assert len(server.requests) == 6


def test_inputs_that_exceed_the_context_are_halved() -> None:
    too_long = {"error": {"message": "This model's maximum context length is 2048 tokens."}}

    def strict(path: str, body: dict[str, Any]) -> tuple[int, Any] | None:
        (part,) = (p for p in body["messages"][0]["content"] if p["type"] == "text")
        return (400, too_long) if len(part["text"]) > 40 else None

    with pooling(respond=strict) as server:
        assert served(server).embed_texts(["word " * 20]).any()
        assert [len(text) for text in server.texts()] == [105, 55, 30]
        with pytest.raises(EndpointError, match="maximum context length"):
            served(server).embed_texts(["word " * 1_000])
        assert len(server.requests) == 3 + 5


@pytest.mark.parametrize(
    ("answer", "match"),
    [
        ((400, {"error": {"message": "bad picture"}}), "refuses the request for tiny .*bad picture"),
        ((200, {"data": []}), "no embedding"),
        ((200, b"<html>"), "no JSON"),
        ((200, {"data": [{"embedding": "AAAAAAAA"}]}), "gives vectors of 1|no embedding|of 2 dimensions"),
        ((401, {"error": {"message": "who are you?"}}), "without an API key.*OCTAVO_EMBEDDING__KEY"),
    ],
)
def test_an_answer_that_cannot_be_used_is_one_sentence(answer: tuple[int, Any], match: str) -> None:
    with pooling(respond=lambda path, body: answer) as server:
        with pytest.raises(EndpointError, match=match) as raised:
            served(server).embed_question("who?")
        assert server.url in str(raised.value)
        assert "\n" not in str(raised.value)
        assert len(server.requests) == 1


def test_vectors_that_are_not_finite_are_refused() -> None:
    import base64

    row = np.array([np.nan] * 8, dtype=np.float32)
    data = {"data": [{"embedding": base64.b64encode(row.tobytes()).decode()}]}
    with pooling(respond=lambda path, body: (200, data)) as server, pytest.raises(EndpointError, match="not finite"):
        served(server).embed_question("who?")


def test_a_wrong_model_a_wrong_kind_of_model_and_no_server() -> None:
    with pooling() as server:
        with pytest.raises(EndpointError, match=r"'nope', only tiny: set OCTAVO_EMBEDDING__MODEL"):
            served(server, model="nope").embed_question("who?")
        server.respond = lambda path, body: (404, {"detail": "Not Found"})
        with pytest.raises(EndpointError, match="serves tiny, but not for this kind of request"):
            served(server).embed_question("who?")
        server.wait = 1.0
        with pytest.raises(EndpointError, match=r"no answer within 0.2 seconds: raise OCTAVO_EMBEDDING__TIMEOUT"):
            served(server, timeout=0.2).embed_question("who?")
    server.url = f"http://127.0.0.1:{closed_port()}/v1"
    with pytest.raises(EndpointError, match="cannot be reached"):
        served(server).embed_texts(["a", "b"])


def test_a_server_that_still_loads_is_busy_and_not_something_else() -> None:
    with serving(models_status=503) as server, pytest.raises(EndpointError, match=r"busy or broken \(503.*try again"):
        Endpoint(server.url, SettingNames.under("X_")).models()


def test_an_error_ends_a_batch_soon() -> None:
    def refuse(path: str, body: dict[str, Any]) -> tuple[int, Any] | None:
        return (400, {"error": {"message": "no"}}) if "text 10" in str(body) else None

    with pooling(respond=refuse) as server:
        with pytest.raises(EndpointError, match="refuses"):
            served(server, concurrency=4).embed_texts([f"text {n}" for n in range(1_000, 1_900)])
        assert len(server.requests) < 450


def test_settings_name_the_model_and_unknown_ones_are_refused_with_a_way_out() -> None:
    with pytest.raises(OctavoError, match="OCTAVO_EMBEDDING__CARD"):
        make_embedder(Settings(embedding={"kind": "served", "url": "http://x/v1", "model": "my-model"}))
    with pytest.raises(OctavoError, match="model"):
        Settings(embedding={"kind": "served", "url": "http://x/v1"})
    options = {"kind": "served", "url": "u", "model": "m", "card": "siglip2-base-patch16-224"}
    made = make_embedder(Settings(embedding=options))
    assert (made.model_name, made.dimension) == ("google/siglip2-base-patch16-224 over vLLM", 768)


def test_pictures_that_are_none_are_refused() -> None:
    with pooling() as server:
        for image in ("/no/such.png", b"no picture", BytesIO(b"")):
            with pytest.raises(OctavoError, match=r"There is no picture|cannot be read as a picture"):
                served(server).embed_query("who?", image)  # type: ignore[arg-type]
        assert not server.requests


def test_a_library_is_embedded_anew_and_goes_on_where_it_was_stopped(tmp_path: Any) -> None:
    with Library(tmp_path / "library") as library:
        old = Index(library, HashEmbedding())
        documents = []
        for n in range(3):
            documents.append(document(library, f"{n}.pdf", f"the odd one {n}", "more"))
            old.add(documents[n], documents[n].path)
        with pooling() as server:
            new = served(server)
            with pytest.raises(OctavoError, match=r"hashed.*tiny over vLLM.*embed the library again"):
                Index(library, new)
            refused = "the odd one 1"

            def refuse(path: str, body: dict[str, Any]) -> tuple[int, Any] | None:
                return (400, {"error": {"message": "stopped"}}) if refused in str(body) else None

            server.respond = refuse
            text_only = new.model_copy(update={"card": TINY.model_copy(update={"sees": False})})
            with pytest.raises(EndpointError, match="stopped"):
                reembed(library, text_only)
            check(old, documents)
            server.respond = lambda path, body: None
            server.requests.clear()
            steps: list[tuple[int, int]] = []
            made = reembed(library, text_only, lambda done, of: steps.append((done, of)))
            assert made in (1, 2), "what was finished before is kept"
            assert steps[-1] == (3, 3)
            with pytest.raises(OctavoError, match="embed the library again"):
                old.vectors(old.embedding.embed_question("x"), Level.PAGE, 3)
            old.close()
            index = Index(library, text_only)
            check(index, documents)
            assert reembed(library, text_only) == 3, "asked for again, all is made again"
            check(index, documents)
            index.close()


def test_a_picture_goes_with_a_question_from_the_command_to_the_model(tmp_path: Any) -> None:
    make_pdf(tmp_path / "report.pdf")
    (tmp_path / "red.png").write_bytes(PNG.getvalue())
    with pooling() as server:
        served_here = {"kind": "served", "url": server.url, "model": "tiny", "card": TINY}
        with Pipeline(Settings(library=tmp_path / "library", embedding=served_here)) as pipeline:
            pipeline.ingest(tmp_path / "report.pdf")
            server.requests.clear()
            assert pipeline.search("What is red?", picture=tmp_path / "red.png")
            assert "both: What is red?" in server.texts()
            with pytest.raises(OctavoError, match=r"There is no picture .*none\.png"):
                pipeline.search("What is red?", picture=tmp_path / "none.png")


@pytest.mark.parametrize("model", ["bge-of-ours", "intfloat/e5-of-ours"])
def test_a_text_model_without_a_card_is_probed_and_asked_by_input(model: str) -> None:
    def answer(path: str, body: dict[str, Any]) -> tuple[int, Any]:
        assert path == "/v1/embeddings"
        assert "messages" not in body
        row = [3.0, 4.0, 0.0] if "tower" in body["input"] else [0.0, 0.0, 2.0]
        return 200, {"data": [{"embedding": row}]}

    with pooling(respond=answer) as server:
        made = make_embedder(Settings(embedding={"kind": "served", "url": server.url, "model": model}))
        assert (made.model_name, made.dimension, made.supports_images) == (f"{model} over an endpoint", 3, False)
        assert made.embed_question("tower") == pytest.approx([0.6, 0.8, 0.0])
        assert made.embed_texts(["tower", "sea"]) == pytest.approx(np.array([[0.6, 0.8, 0.0], [0.0, 0.0, 1.0]]))
        said = sorted(body["input"] for _, body in server.requests[1:])
    prompts = ["passage: sea", "passage: tower", "query: tower"] if "e5" in model else ["sea", "tower", "tower"]
    assert said == prompts
    assert len(server.requests) == 4


@pytest.mark.parametrize("row", [[], [[1.0]], ["one"], {}, None])
def test_a_probe_that_gives_no_numbers_is_one_sentence(row: Any) -> None:
    with (
        pooling(respond=lambda path, body: (200, {"data": [{"embedding": row}]})) as server,
        pytest.raises(OctavoError, match=r"could not be asked for its dimensions.*no embedding"),
    ):
        make_embedder(Settings(embedding={"kind": "served", "url": server.url, "model": "bge-of-ours"}))
