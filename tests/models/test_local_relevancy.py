"""Relevancy in process: cross-encoders and the logits of chat models, with tiny models of random weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from octavo.apps.cli.endpoints import findings
from octavo.ingest import OctavoError
from octavo.ingest.store.library import Library
from octavo.rag import Level, Pipeline, Settings
from octavo.rag.image_source import ImageSource
from octavo.rag.index import Index
from octavo.rag.query.question import parse_query
from octavo.rag.relevancy import make_scorer
from octavo.rag.relevancy.calibration import fit, store
from octavo.rag.relevancy.model_based import ModelScorer
from octavo.rag.relevancy.prompts import PROMPTS
from tests.conftest import make_pdf
from tests.models import tiny
from tests.models.test_live import PAGE, PAGES, passages, picture
from tests.models.tiny_late import modernvbert
from tests.rag.made import HashEmbedding

pytestmark = pytest.mark.models
transformers = pytest.importorskip("transformers", reason="the extra `transformers` is not installed")
QUESTION = parse_query("what was revenue in 1999?")
TEXTS = ["revenue in 1999", "query " * 60, "page 7", "yes", "no yes no"]
_BERT: dict[str, Any] = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
_BERT["initializer_range"] = 0.3


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Models by kind, each with its tokenizer or processor."""
    import torch

    torch.manual_seed(0)
    root = tmp_path_factory.mktemp("relevancy")
    words = tiny.tokenizer()
    words.model_max_length = 64
    for name, labels in (("one", 1), ("two", 2), ("three", 3)):
        config = transformers.BertConfig(
            **_BERT,
            vocab_size=len(words),
            max_position_embeddings=64,
            num_labels=labels,
            pad_token_id=words.pad_token_id,
        )
        transformers.BertForSequenceClassification(config).save_pretrained(root / name)
        words.save_pretrained(root / name)
    processor, config = modernvbert()
    config.num_labels = 1
    transformers.ModernVBertForSequenceClassification(config).save_pretrained(root / "sees")
    processor.save_pretrained(root / "sees")
    tiny.save(root / "chat")
    return {path.name: path for path in root.iterdir()}


@pytest.fixture
def index(tmp_path: Path) -> Any:
    with Library(tmp_path / "library") as library:
        opened = Index(library, HashEmbedding())
        yield opened
        opened.close()


def made(folder: Path, index: Index, **options: Any) -> ModelScorer:
    chosen = {"kind": "transformers", "model": str(folder), "dtype": "float32", "max_pixels": 10_000, **options}
    found = make_scorer(Settings(relevancy=chosen), index)
    assert isinstance(found, ModelScorer)
    return found


@pytest.mark.parametrize(
    ("kind", "asks"), [("one", "rerank"), ("two", "rerank"), ("sees", "rerank"), ("chat", "yes-no")]
)
def test_scores_are_the_same_alone_and_in_a_batch(folders: Any, index: Index, kind: str, asks: str) -> None:
    entries = passages(*TEXTS)
    together = made(folders[kind], index, asks=asks, batch=5).raw(QUESTION, entries)
    assert all(0 < score < 1 for score in together)
    assert len({round(score, 7) for score in together}) == 5
    assert made(folders[kind], index, asks=asks, batch=1).raw(QUESTION, entries) == pytest.approx(together, abs=1e-3)
    assert made(folders[kind], index, asks=asks, batch=2).raw(QUESTION, entries) == pytest.approx(together, abs=1e-3)


def test_a_cross_encoder_is_its_sigmoid_or_its_second_label(folders: Any, index: Index) -> None:
    import torch

    for name in ("one", "two"):
        model = transformers.AutoModelForSequenceClassification.from_pretrained(folders[name]).eval()
        words = transformers.AutoTokenizer.from_pretrained(folders[name])
        with torch.inference_mode():
            logits = model(**words(QUESTION.text, TEXTS[2], return_tensors="pt")).logits[0]
        expected = logits.sigmoid()[0] if name == "one" else logits.softmax(0)[1]
        (score,) = made(folders[name], index).raw(QUESTION, passages(TEXTS[2]))
        assert score == pytest.approx(float(expected), abs=1e-5)


def test_yes_and_no_are_the_logits_of_the_last_token(folders: Any, index: Index) -> None:
    import torch

    model = transformers.AutoModelForImageTextToText.from_pretrained(folders["chat"]).eval()
    processor = transformers.AutoProcessor.from_pretrained(folders["chat"])
    words = processor.tokenizer
    prompt = PROMPTS["relevance"]
    said = "\n".join(["<part>", TEXTS[2], "</part>"]) + prompt.after.replace("{question}", QUESTION.text)
    text = f"system:{prompt.system}<end>\nuser:{said}<end>\nassistant:"
    with torch.inference_mode():
        logits = model(**words(text, add_special_tokens=False, return_tensors="pt")).logits[0, -1]
    ids = [
        [
            found[0]
            for form in (word, f" {word}", word.lower(), word.upper())
            if len(found := words(form).input_ids) == 1
        ]
        for word in prompt.words
    ]
    yes, no = (logits[sorted(set(some))].exp().sum() for some in ids)
    (score,) = made(folders["chat"], index, asks="yes-no").raw(QUESTION, passages(TEXTS[2]))
    assert score == pytest.approx(float(yes / (yes + no)), abs=1e-4)


@pytest.mark.parametrize(("kind", "asks"), [("sees", "rerank"), ("chat", "yes-no")])
def test_pages_are_seen_and_so_is_the_questions_picture(folders: Any, index: Index, kind: str, asks: str) -> None:
    own = made(folders[kind], index, asks=asks)
    seen, said = own.judge(QUESTION, [PAGE, *passages("revenue")], ImageSource(PAGES))
    (again,) = own.judge(QUESTION, [PAGE], ImageSource(PAGES))
    assert seen == pytest.approx(again, abs=1e-6)
    assert seen != said
    pictured = replace(QUESTION, picture=picture("red"), words="red")
    assert own.raw(pictured, passages("revenue")) != [said]
    blind = made(folders[kind], index, asks=asks, sees=False)
    assert blind.raw(pictured, passages("revenue")) == pytest.approx([said], abs=1e-4)


@pytest.mark.parametrize("prompt", sorted(PROMPTS))
def test_each_prompt_gives_a_probability(folders: Any, index: Index, prompt: str) -> None:
    if prompt == "assert":
        with pytest.raises(OctavoError, match="has no token for True"):
            made(folders["chat"], index, asks="yes-no", prompt=prompt)
    else:
        (score,) = made(folders["chat"], index, asks="yes-no", prompt=prompt).raw(QUESTION, passages("page 7"))
        assert 0 < score < 1


def test_long_inputs_are_shortened(folders: Any, index: Index) -> None:
    for kind, asks in (("one", "rerank"), ("chat", "yes-no"), ("sees", "rerank")):
        (score,) = made(folders[kind], index, asks=asks, max_tokens=160).raw(QUESTION, passages("revenue 1999 " * 900))
        assert np.isfinite(score)


def test_a_model_that_is_no_cross_encoder_is_refused(folders: Any, index: Index, tmp_path: Path) -> None:
    with pytest.raises(OctavoError, match="tells 3 classes apart"):
        made(folders["three"], index)
    with pytest.raises(OctavoError, match=r"cannot be loaded in process.*OCTAVO_RELEVANCY__MODEL"):
        made(folders["chat"], index)
    with pytest.raises(OctavoError, match=r"cannot be loaded in process.*OCTAVO_RELEVANCY__MODEL"):
        made(tmp_path, index)
    bert = transformers.BertConfig(**_BERT, vocab_size=600, num_labels=1)
    transformers.BertModel(bert).save_pretrained(tmp_path / "bare")
    tiny.tokenizer().save_pretrained(tmp_path / "bare")
    with pytest.raises(OctavoError, match="lacks weights"):
        made(tmp_path / "bare", index)


def test_the_shortlist_is_judged_and_a_calibration_applied(folders: Any, tmp_path: Path) -> None:
    make_pdf(tmp_path / "report.pdf")
    chosen: Any = {"kind": "transformers", "model": str(folders["one"]), "dtype": "float32", "shortlist": 2}
    settings = Settings(library=tmp_path / "library", relevancy=chosen)
    with Pipeline(settings) as pipeline:
        pipeline.ingest(tmp_path / "report.pdf")
        before = pipeline.search("What was capital expenditure in 2018?", k=3)
        assert len(before) == 3
        rises = fit([0.1, 0.9] * 20, [False, True] * 20, "logistic")
        store(pipeline.library, pipeline.scorer.name, Level.PAGE, rises)
        after = pipeline.search("What was capital expenditure in 2018?", k=3)
        assert [hit.id for hit in after[:2]] == [hit.id for hit in before[:2]]
        assert after[0].score == pytest.approx(float(rises([before[0].score])[0]), abs=1e-6)
    ((name, ok, said),) = findings(settings)
    assert (name, ok) == ("relevancy", True), said
