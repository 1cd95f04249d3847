"""Late interaction in process, with tiny models of random weights of each family."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from octavo.ingest.store.library import Library
from octavo.rag import Level, Settings
from octavo.rag.embedding import MultiVectorEmbedder, make_embedder
from octavo.rag.image_source import ImageSource
from octavo.rag.index import Index
from octavo.rag.model_cards import ModelCard
from tests.models import tiny_late
from tests.models.test_live import PAGE, PAGES, passages, picture
from tests.rag.made import document

pytestmark = pytest.mark.models
pytest.importorskip("transformers", reason="the extra `transformers` is not installed")
DIMENSION = 16
FAMILIES = ["colpali", "colqwen2", "colnomic", "colmodernvbert"]
TEXT_FAMILIES = {"colbert": tiny_late.colbert, "colbert_xm": tiny_late.colbert_xm}
CARD = ModelCard(
    name="tiny", dimension=DIMENSION, licence="none", pooling="tokens", together=False, max_pixels=40_000, matryoshka=4
)
TEXTS = ["revenue", "what was revenue in 1999 and in 2001, and why? ", "page 7", "mirror"]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Gives the folder of a family's model, which is made when first asked for."""
    folder = tmp_path_factory.mktemp("late")

    def get(family: str) -> Path:
        path = folder / family
        if path.exists():
            return path
        if family in TEXT_FAMILIES:
            return TEXT_FAMILIES[family](path, DIMENSION)
        try:
            return tiny_late.save(path, family, DIMENSION)
        except ImportError as error:
            pytest.skip(f"{family} needs more than is installed: {str(error).strip().splitlines()[0]}")

    return get


def model(folder: Path, **options: Any) -> MultiVectorEmbedder:
    chosen = {"kind": "transformers", "model": str(folder), "card": CARD, "dtype": "float32", **options}
    found = make_embedder(Settings(embedding=chosen))
    assert isinstance(found, MultiVectorEmbedder)
    return found


def alike(one: list[Any], other: list[Any]) -> bool:
    return all(a.shape == b.shape and np.allclose(a, b, atol=1e-3) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("family", [*FAMILIES, *TEXT_FAMILIES])
def test_matrices_are_the_same_alone_and_in_a_batch(made: Any, family: str) -> None:
    entries = passages(*TEXTS, " ")
    whole = model(made(family), batch=4)
    rows = whole.token_matrices(entries)
    assert [len(matrix) > 0 for matrix in rows] == [True] * 4 + [False]
    assert all(np.allclose(np.linalg.norm(matrix, axis=1), 1, atol=1e-4) for matrix in rows)
    assert alike(model(made(family), batch=1).token_matrices(entries), rows)
    question = whole.question_tokens("what was revenue?")
    assert question.shape[1] == DIMENSION
    assert np.allclose(whole.embed_question("what was revenue?") @ question.mean(axis=0) > 0, True)
    cut = model(made(family), dimensions=8).question_tokens("what was revenue?")
    shorter = question[:, :8] / np.linalg.norm(question[:, :8], axis=1, keepdims=True)
    assert np.allclose(cut, shorter, atol=1e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_pages_are_seen(made: Any, family: str) -> None:
    own = model(made(family), batch=2)
    seen, said, other = own.token_matrices([PAGE, *passages("revenue"), PAGE], ImageSource(PAGES))
    assert alike([seen], [other])
    assert len(seen) > len(said)
    pooled = model(made(family), token_pooling=2).token_matrices([PAGE], ImageSource(PAGES))[0]
    assert len(pooled) == (len(seen) + 1) // 2
    red, blue = (own.question_tokens("", BytesIO(picture(color))) for color in ("red", "blue"))
    assert red.shape == blue.shape
    assert np.abs(red - blue).max() > 1e-4
    both = own.question_tokens("which revenue?", BytesIO(picture("red")))
    assert len(both) == len(red) + len(own.question_tokens("which revenue?"))


def test_colbert_fills_questions_with_masks_and_leaves_out_punctuation(made: Any) -> None:
    own = model(made("colbert"))
    assert len(own.question_tokens("revenue")) == len(own.question_tokens("revenue of the mirror")) == 32
    plain, marked = own.token_matrices(passages("mirror polished", "mirror, polished."))
    assert len(plain) == len(marked) == 5, "[CLS], the marker, two words, [SEP]"
    assert len(own.token_matrices(passages("revenue " * 3_000))[0]) == 512


def test_colbert_xm_takes_the_adapter_of_each_texts_language(made: Any) -> None:
    import torch
    import transformers

    from octavo.rag.embedding.colbert import colbert_class

    folder = made("colbert_xm")
    plain = colbert_class(transformers, DIMENSION, "xmod").from_pretrained(folder).eval()
    words = transformers.AutoTokenizer.from_pretrained(folder)
    german, english = "was steht auf der seite", "what is on the page"
    rows = model(folder, batch=2).token_matrices(passages(german, english))
    for text, language, row in zip((german, english), ("de_DE", "en_XX"), rows, strict=True):
        plain.set_default_language(language)
        ids = [
            words.cls_token_id,
            words.unk_token_id,
            *words.encode(text, add_special_tokens=False),
            words.sep_token_id,
        ]
        with torch.inference_mode():
            expected = plain(input_ids=torch.tensor([ids]), attention_mask=torch.ones(1, len(ids))).embeddings[0]
        assert np.abs(row - torch.nn.functional.normalize(expected, dim=-1).numpy()).max() < 1e-4, text
    assert len(model(folder).question_tokens(german)) == 32


@pytest.mark.parametrize("family", ["colmodernvbert", "colbert", "colbert_xm"])
def test_a_library_keeps_them_as_served_ones(made: Any, family: str, tmp_path: Path) -> None:
    own = model(made(family))
    with Library(tmp_path / "library") as library:
        index = Index(library, own)
        one = document(library, "a.pdf", "revenue grew", "the mirror was polished")
        with index.writing():
            index.add(one, one.path)
        question = own.question_tokens("mirror polished")
        chunks = list(index.entries([f"{one.id}/c{n}" for n in range(3)]))
        exact = [(question @ m.T).max(axis=1).mean() for m in own.token_matrices(chunks, ImageSource(library))]
        found = dict(index.nearest("mirror polished", Level.CHUNK, 3))
        assert [found[f"{one.id}/c{n}"] for n in range(3)] == pytest.approx(exact, abs=0.01)
        index.close()
