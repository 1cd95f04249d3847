"""Text encoders in process: plain prompts, pooling, instructions, and models that bring code of their own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from octavo.ingest import OctavoError
from octavo.rag import Settings
from octavo.rag.embedding import make_embedder
from octavo.rag.model_cards import ModelCard
from tests.models.tiny import tokenizer

pytestmark = pytest.mark.models
transformers = pytest.importorskip("transformers", reason="the extra `transformers` is not installed")
CARD = ModelCard(name="tiny bert", dimension=32, licence="none", pooling="mean", question="query: {text}", sees=False)
TEXTS = ["revenue", "what was revenue in 1999 and in 2001, and why? " * 4, "page 7"]


@pytest.fixture(scope="session")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch

    folder = tmp_path_factory.mktemp("tiny") / "bert"
    words = tokenizer()
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    torch.manual_seed(0)
    config = transformers.BertConfig(vocab_size=len(words), pad_token_id=words.pad_token_id, **sizes)
    transformers.BertModel(config).save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


def local(folder: Path, card: Any, **options: Any) -> Any:
    chosen = {"kind": "transformers", "model": str(folder), "card": card, "dtype": "float32", **options}
    return make_embedder(Settings(embedding=chosen))


@pytest.mark.parametrize("pooling", ["mean", "cls", "last"])
def test_a_text_encoder_is_given_plain_prompts(bert: Path, pooling: Any) -> None:
    import torch

    card = CARD.model_copy(update={"pooling": pooling})
    model = transformers.BertModel.from_pretrained(bert).eval()
    words = transformers.AutoTokenizer.from_pretrained(bert)
    embedder = local(bert, card, batch=3)
    for text, prompt, vector in [
        *((t, t, v) for t, v in zip(TEXTS, embedder.embed_texts(TEXTS), strict=True)),
        ("page", "query: page", embedder.embed_query("page")),
    ]:
        with torch.inference_mode():
            states = model(**words(prompt, return_tensors="pt")).last_hidden_state[0].numpy()
        expected = {"mean": states.mean(0), "cls": states[0], "last": states[-1]}[pooling]
        assert np.abs(vector - expected / np.linalg.norm(expected)).max() < 1e-4, text


def test_a_long_text_is_cut_as_sentence_transformers_cuts_it(bert: Path, tmp_path: Path) -> None:
    long = "what was revenue in 1999? " * 400
    whole = local(bert, CARD).embed_texts([long, "revenue"])
    assert np.allclose(np.linalg.norm(whole, axis=1), 1, atol=1e-5)
    sentences = pytest.importorskip("sentence_transformers", reason="sentence-transformers is not installed")
    parts = sentences.sentence_transformer.modules
    made = sentences.SentenceTransformer(
        modules=[parts.Transformer(str(bert), max_seq_length=40), parts.Pooling(32, pooling_mode="mean")], device="cpu"
    )
    made.save(str(tmp_path / "own"))
    texts = [*TEXTS, long]
    expected = made.encode(texts, normalize_embeddings=True)
    assert np.abs(local(tmp_path / "own", "", batch=4).embed_texts(texts) - expected).max() < 1e-4


def test_an_instruction_takes_the_place_of_the_cards(bert: Path) -> None:
    card = CARD.model_copy(update={"question": "{instruction}: {text}", "instruction": "Find pages"})
    own, set_to = local(bert, card), local(bert, card, instruction="Find clauses")
    plain = local(bert, CARD.model_copy(update={"question": "{text}"}))
    assert np.allclose(own.embed_query("page 7"), plain.embed_query("Find pages: page 7"), atol=1e-5)
    assert np.allclose(set_to.embed_query("page 7"), plain.embed_query("Find clauses: page 7"), atol=1e-5)
    assert own.model_name == set_to.model_name
    with pytest.raises(OctavoError, match="takes no instruction: leave out OCTAVO_EMBEDDING__INSTRUCTION"):
        local(bert, CARD, instruction="Find clauses")


def test_loading_prints_nothing(bert: Path, capfd: pytest.CaptureFixture[str]) -> None:
    local(bert, CARD)
    assert capfd.readouterr() == ("", "")


def test_a_model_without_a_chat_template_is_shown_no_picture(bert: Path) -> None:
    from tests.models.test_local import picture

    with pytest.raises(OctavoError, match=r'has no chat template .* "sees": false'):
        local(bert, CARD.model_copy(update={"sees": True})).embed_image(picture("red"))


def test_code_that_comes_with_a_model_needs_consent(bert: Path, tmp_path: Path) -> None:
    for file in bert.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    config = json.loads((bert / "config.json").read_text())
    own = {"auto_map": {"AutoConfig": "own.OwnConfig", "AutoModel": "own.OwnModel"}, "model_type": "own"}
    (tmp_path / "config.json").write_text(json.dumps(config | own))
    (tmp_path / "own.py").write_text(
        "from transformers import BertConfig, BertModel\n"
        "class OwnConfig(BertConfig):\n    model_type = 'own'\n"
        "class OwnModel(BertModel):\n    config_class = OwnConfig\n"
    )
    with pytest.raises(OctavoError, match=r"code of its own .* OCTAVO_EMBEDDING__REMOTE_CODE=true"):
        local(tmp_path, CARD)
    allowed = local(tmp_path, CARD, remote_code=True)
    assert np.allclose(allowed.embed_query("revenue"), local(bert, CARD).embed_query("revenue"), atol=1e-5)


def test_a_model_without_a_card_is_read_from_its_own_files(bert: Path, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    shutil.copytree(bert, folder)
    with pytest.raises(OctavoError, match="There is no model card"):
        local(folder, "")
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(
        '{"word_embedding_dimension": 32, "pooling_mode_mean_tokens": true}'
    )
    made = local(folder, "")
    assert (made.model_name, made.dimension) == ("own in process", 32)
    assert np.allclose(made.embed_texts(TEXTS), local(bert, CARD).embed_texts(TEXTS), atol=1e-5)
