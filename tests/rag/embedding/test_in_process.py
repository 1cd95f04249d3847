"""Models in process, as far as that needs no model: what is put together, and what is said without the extra."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, strategies as st

from octavo.ingest import MissingToolError
from octavo.rag import Settings
from octavo.rag.embedding import Vectors, make_embedder
from octavo.rag.embedding.in_process import batches
from octavo.rag.embedding.inputs import EmbeddingInput, InputRole

THINGS = st.lists(st.sampled_from(["text", "picture", "nothing"]), max_size=60)


@given(kinds=THINGS, size=st.integers(1, 7))
def test_rows_come_in_order_from_batches_of_one_kind(kinds: list[str], size: int) -> None:
    def ask(item: tuple[int, str]) -> EmbeddingInput:
        number, kind = item
        text = str(number) if kind == "text" else ""
        return EmbeddingInput(InputRole.ENTRY, text, str(number).encode() if kind == "picture" else None)

    def embed(asked: Sequence[EmbeddingInput]) -> Sequence[Vectors]:
        assert 1 <= len(asked) <= size
        assert len({one.picture is None for one in asked}) == 1
        return [np.array([float(one.text or (one.picture or b"").decode())], dtype=np.float32) for one in asked]

    rows = list(batches(enumerate(kinds), ask, size, embed, np.array([-1], dtype=np.float32)))
    assert [row[0] for row in rows] == [-1 if kind == "nothing" else n for n, kind in enumerate(kinds)]


@pytest.mark.parametrize("model", ["Qwen/Qwen3-VL-Embedding-2B", "vidore/colpali-v1.3-hf"])
def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch, model: str) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    settings = Settings(embedding={"kind": "transformers", "model": model})  # type: ignore[arg-type]
    with pytest.raises(MissingToolError, match=r'pip install "octavo\[transformers\]"'):
        make_embedder(settings)
