"""Models in process, as far as that needs no model: what is put together, and what is said without the extra."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from octavo.ingest import MissingToolError, OctavoError
from octavo.rag import Settings
from octavo.rag.embedding import Vectors, make_embedder
from octavo.rag.embedding.in_process import batches
from octavo.rag.embedding.inputs import EmbeddingInput, InputRole
from octavo.rag.model_cards.probed import card_of_weights

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


def _weights(folder: Path, **files: Any) -> Path:
    for name, value in files.items():
        path = folder / {"pooling": "1_Pooling/config.json", "prompts": "config_sentence_transformers.json"}.get(
            name, "config.json"
        )
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(value))
    return folder


@pytest.mark.parametrize("mode", ["mean_tokens", "cls_token", "lasttoken"])
def test_a_card_is_made_of_a_models_own_files(tmp_path: Path, mode: str) -> None:
    folder = _weights(
        tmp_path,
        config={"model_type": "bert", "hidden_size": 24},
        pooling={"word_embedding_dimension": 24, f"pooling_mode_{mode}": True, "pooling_mode_max_tokens": False},
        prompts={"prompts": {"query": "find: ", "document": "text: "}},
    )
    made = card_of_weights(folder)
    assert made is not None
    assert (made.name, made.dimension, made.sees) == (tmp_path.name, 24, False)
    assert (made.pooling, made.question, made.passage) == (mode.split("_")[0].removesuffix("token"), *_PROMPTS)


@pytest.mark.parametrize("mode", ["mean", "cls", "lasttoken"])
def test_a_card_is_made_of_the_files_of_sentence_transformers_6(tmp_path: Path, mode: str) -> None:
    folder = _weights(
        tmp_path,
        config={"model_type": "bert", "hidden_size": 48},
        pooling={"embedding_dimension": 24, "pooling_mode": mode, "include_prompt": True},
    )
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 256}')
    made = card_of_weights(folder)
    assert made is not None
    assert (made.dimension, made.pooling, made.max_tokens) == (24, mode.removesuffix("token"), 256)


_PROMPTS = ("find: {text}", "text: {text}")


def test_two_towers_are_known_and_what_has_no_vectors_is_refused(tmp_path: Path) -> None:
    align = card_of_weights(_weights(tmp_path, config={"model_type": "align", "projection_dim": 640}))
    assert align is not None
    assert (align.pooling, align.dimension, align.sees, align.together) == ("own", 640, True, False)
    bridge = card_of_weights(_weights(tmp_path, config={"model_type": "bridgetower", "contrastive_hidden_size": 512}))
    assert bridge is not None
    assert (bridge.dimension, bridge.blank) == (512, 56)
    assert card_of_weights(_weights(tmp_path, config={"model_type": "bert", "hidden_size": 24})) is None
    with pytest.raises(OctavoError, match="LXMERT takes regions that another network found"):
        card_of_weights(_weights(tmp_path, config={"model_type": "lxmert"}))
