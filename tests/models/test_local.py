"""Embedding in process, with a tiny model of random weights; and the same model over vLLM."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import processors

from octavo.ingest import OctavoError
from octavo.rag import Settings
from octavo.rag.embedding import make_embedder
from octavo.rag.embedding.inputs import EmbeddingInput, InputRole
from octavo.rag.model_cards import ModelCard
from tests.models.tiny import DIMENSION, save, tokenizer

pytestmark = pytest.mark.models
transformers = pytest.importorskip("transformers", reason="the extra `transformers` is not installed")
CARD = ModelCard(
    name="tiny",
    dimension=DIMENSION,
    licence="none",
    question="Query: {text}",
    page="What is shown?",
    matryoshka=8,
    max_pixels=40_000,
)
TEXTS = ["revenue", "what was revenue in 1999 and in 2001, and why? " * 6, "page 7", "yes", "no yes no", "query"]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("tiny") / "idefics3")


def local(folder: Path, card: ModelCard = CARD, **options: Any) -> Any:
    chosen = {"kind": "transformers", "model": str(folder), "card": card, "dtype": "float32", **options}
    return make_embedder(Settings(embedding=chosen))


def picture(color: str, size: tuple[int, int] = (120, 90)) -> BytesIO:
    from tests.models.test_live import picture as drawn

    return BytesIO(drawn(color, size))


@pytest.mark.parametrize("padding", ["left", "right"])
@pytest.mark.parametrize("batch", [1, 3, 6])
def test_vectors_are_the_same_alone_and_in_a_batch(folder: Path, padding: Any, batch: int) -> None:
    card = CARD.model_copy(update={"padding": padding})
    rows = local(folder, card, batch=batch).embed_texts([*TEXTS, " "])
    assert rows.shape == (7, DIMENSION)
    assert np.allclose(np.linalg.norm(rows[:6], axis=1), 1, atol=1e-5)
    assert not rows[6].any()
    alone = np.stack([local(folder, card).embed_texts([text])[0] for text in TEXTS])
    assert np.abs(rows[:6] - alone).max() < 1e-3
    assert (np.argmax(rows[:6] @ alone.T, axis=1) == np.arange(6)).all()


def test_padding_stands_where_the_card_says(folder: Path) -> None:
    assert local(folder)._processor.tokenizer.padding_side == "left"
    right = local(folder, CARD.model_copy(update={"padding": "right"}))
    assert right._processor.tokenizer.padding_side == "right"


def test_pictures_and_questions_with_pictures(folder: Path) -> None:
    model = local(folder)
    vectors = [
        model.embed_image(picture("red")),
        model.embed_image(picture("blue", (300, 400))),
        model.embed_query("which revenue?", picture("red")),
        model.embed_query("revenue"),
        model.embed_texts(["revenue"])[0],
    ]
    assert all(np.isclose(np.linalg.norm(v), 1, atol=1e-5) for v in vectors)
    assert all(np.abs(a - b).max() > 1e-4 for n, a in enumerate(vectors) for b in vectors[:n])
    assert np.abs(model.embed_image(picture("red")) - vectors[0]).max() < 1e-5


def test_a_text_without_a_picture_gets_the_blank_one_of_its_card(folder: Path) -> None:
    plain, with_blank = local(folder), local(folder, CARD.model_copy(update={"blank": 32}))
    assert np.abs(plain.embed_query("revenue") - with_blank.embed_query("revenue")).max() > 1e-4


def test_long_inputs_are_shortened(folder: Path) -> None:
    model = local(folder, max_tokens=64)
    assert np.isclose(np.linalg.norm(model.embed_texts(["what was revenue in 1999? " * 500])[0]), 1, atol=1e-5)


def test_dimensions_are_cut_and_unit(folder: Path) -> None:
    whole, cut = local(folder).embed_query("revenue"), local(folder, dimensions=16).embed_query("revenue")
    assert np.allclose(cut, whole[:16] / np.linalg.norm(whole[:16]), atol=1e-5)


def test_a_model_that_cannot_be_loaded_is_an_error_of_one_sentence(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(OctavoError, match="cannot be loaded in process"):
        local(tmp_path)
    with pytest.raises(OctavoError, match="vectors of 128 dimensions, and tiny has 32"):
        local(folder, CARD.model_copy(update={"dimension": 32})).embed_query("revenue")
    with pytest.raises(OctavoError, match="vector for each token, and a model of the kind Idefics3"):
        local(folder, CARD.model_copy(update={"pooling": "tokens"}))


@pytest.mark.parametrize("family", ["clip", "siglip"])
def test_models_with_two_towers(tmp_path: Path, family: str) -> None:
    model = local(two_towers(tmp_path / family, family), TWO)
    rows = model.embed_texts(["revenue", "yes no"])
    seen = model.embed_image(picture("red"))
    assert rows.shape == (2, 32)
    assert np.allclose(np.linalg.norm([*rows, seen], axis=1), 1, atol=1e-5)
    both = model.embed_query("revenue", picture("red"))
    mean = model.embed_query("revenue") + seen
    assert np.allclose(both, mean / np.linalg.norm(mean), atol=1e-5)


@pytest.mark.parametrize("family", ["clip", "siglip"])
def test_a_picture_is_inverted_to_a_text_that_is_near_to_it(tmp_path: Path, family: str) -> None:
    model = local(two_towers(tmp_path / family, family), TWO)
    for color in ("red", "blue"):
        seen, inverted = model.embed_image(picture(color)), model.invert_image(picture(color))
        assert np.isclose(np.linalg.norm(inverted), 1, atol=1e-5)
        assert inverted @ seen > model.embed_query("a photo of x") @ seen + 0.05
        assert np.allclose(inverted, model.invert_image(picture(color)), atol=1e-4)


def test_a_model_of_one_tower_inverts_no_picture(folder: Path) -> None:
    with pytest.raises(OctavoError, match="OCTAVO_PICTURE_ROUTE=inverted needs"):
        local(folder).invert_image(picture("red"))


@pytest.mark.parametrize("padding", ["left", "right"])
def test_a_picture_is_the_mean_of_the_tokens_that_its_card_counts(folder: Path, padding: Any) -> None:
    import torch

    card = CARD.model_copy(update={"pooling": "mean", "beside": (2, 3), "padding": padding})
    embedder = local(folder, card, batch=2)
    pictures = [picture("red").getvalue(), picture("blue", (300, 60)).getvalue()]
    rows = embedder._batch([EmbeddingInput(InputRole.ENTRY, "", data) for data in pictures])
    for data, row in zip(pictures, rows, strict=True):
        inputs = embedder._inputs([EmbeddingInput(InputRole.ENTRY, "", data)])
        with torch.inference_mode():
            states = embedder._model(**inputs).last_hidden_state[0, 2:-3].mean(0).numpy()
        assert np.abs(row - states / np.linalg.norm(states)).max() < 1e-3


TWO = CARD.model_copy(update={"pooling": "own", "dimension": 32, "together": False, "question": "{text}", "page": ""})


def two_towers(folder: Path, family: str) -> Path:
    """A tiny CLIP or SigLIP."""
    size = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    words = tokenizer()
    words.model_max_length = 16
    words.eos_token = end = (
        "<end_of_utterance>"  # with the id 2, CLIP would take the token of the highest id for the end
    )
    words.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single=f"$A {end}", special_tokens=[(end, words.eos_token_id)]
    )
    text = {**size, "vocab_size": len(words), "max_position_embeddings": 16, "projection_size": 32}
    text |= {"eos_token_id": words.eos_token_id, "bos_token_id": words.bos_token_id, "pad_token_id": 0}
    vision = {**size, "image_size": 32, "patch_size": 16}
    if family == "clip":
        config = transformers.CLIPConfig(text_config=text, vision_config=vision, projection_dim=32)
        model, images = transformers.CLIPModel(config), transformers.CLIPImageProcessor(size=32, crop_size=32)
        processor = transformers.CLIPProcessor(images, words)
    else:
        config = transformers.SiglipConfig(text_config=text, vision_config=vision)
        edge = {"height": 32, "width": 32}
        model, images = transformers.SiglipModel(config), transformers.SiglipImageProcessor(size=edge)
        processor = transformers.SiglipProcessor(images, words)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def test_served_and_in_process_are_about_the_same(folder: Path, live: Any) -> None:
    server = live("embedding", folder)
    served = make_embedder(
        Settings(embedding={"kind": "served", "url": server.url, "model": server.model, "card": CARD})
    )
    own = local(folder)
    assert np.abs(own.embed_texts(TEXTS) - served.embed_texts(TEXTS)).max() < 0.02
    for color in ("red", "blue"):
        assert own.embed_image(picture(color)) @ served.embed_image(picture(color)) > 0.99
    assert own.model_name != served.model_name, "a library keeps to one of the two ways"
