"""Relevancy by models in this process, through transformers: cross-encoders, and the logits of chat models."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from octavo.ingest import OctavoError
from octavo.rag.clients.in_process import Choose, load, to_device, tokenizer_of
from octavo.rag.entry import Entry
from octavo.rag.image_source import ImageSource
from octavo.rag.images import decode_image, fit_image
from octavo.rag.index import Index
from octavo.rag.query.question import Query
from octavo.rag.relevancy.model_based import PREFIX, EntryView, ModelScorer
from octavo.rag.relevancy.prompts import PROMPTS, forms
from octavo.rag.settings import LocalRelevancyOptions

_LEAST_LETTERS = 16


class LocalScorer(ModelScorer):
    """Loads a model; texts are judged in batches, entries with pictures one by one."""

    def __init__(self, index: Index, options: LocalRelevancyOptions, name: str, choose: Choose) -> None:
        super().__init__(index, options, f"{name} in process")
        self.place = f"{options.model} in process"
        self._options = options
        self._model, self._processor = load(
            options.model,
            options.device,
            options.dtype,
            PREFIX,
            choose,
            whole=True,
            remote_code=options.remote_code,
        )
        self._tokenizer = tokenizer_of(self._processor)
        self._sees = options.sees and hasattr(self._processor, "image_processor")

    def judge(self, question: Query, entries: Sequence[Entry], images: ImageSource) -> list[float]:
        candidates = [self._view(entry, images) for entry in entries]
        texts = [n for n, candidate in enumerate(candidates) if not candidate.pictures]
        size = self._options.batch
        groups = [texts[at : at + size] for at in range(0, len(texts), size)]
        groups += [[n] for n, candidate in enumerate(candidates) if candidate.pictures]
        result: dict[int, float] = {}
        for group in groups:
            result |= zip(group, self._judge(question, [candidates[n] for n in group]), strict=True)
        return [result[n] for n in range(len(candidates))]

    def _judge(self, question: Query, candidates: Sequence[EntryView]) -> list[float]:
        import torch

        inputs = self._inputs(question, candidates)
        while inputs["input_ids"].shape[1] > self._options.max_tokens and any(map(_is_long, candidates)):
            candidates = [candidate.shorter() for candidate in candidates]
            inputs = self._inputs(question, candidates)
        with torch.inference_mode():
            logits = self._model(**to_device(inputs, self._model)).logits.float()
        scores: list[float] = self._scores_of(logits).tolist()
        return scores

    @abstractmethod
    def _inputs(self, question: Query, candidates: Sequence[EntryView]) -> Any:
        """Returns the inputs of the model for a question and several entries."""

    @abstractmethod
    def _scores_of(self, logits: Any) -> Any:
        """Scores in [0, 1], shape (entries,)."""

    def _chat(self, contents: Sequence[Sequence[str | bytes]], system: str = "") -> Any:
        """Returns inputs of messages, each of texts and pictures, in the model's own chat template."""
        texts: list[str] = []
        images: list[list[Any]] = []
        for content in contents:
            parts = [{"type": "text", "text": c} if isinstance(c, str) else {"type": "image"} for c in content]
            messages: list[dict[str, Any]] = [{"role": "user", "content": parts}]
            if system:
                messages.insert(0, {"role": "system", "content": [{"type": "text", "text": system}]})
            pixels = self._options.max_pixels
            images.append([decode_image(fit_image(c, pixels)[0]) for c in content if isinstance(c, bytes)])
            if not hasattr(self._processor, "image_processor"):  # templates of text models take plain strings
                for message in messages:
                    message["content"] = "\n".join(part["text"] for part in message["content"])
            texts.append(self._processor.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))
        more = {"images": images} if any(images) else {}
        return self._processor(text=texts, padding=True, return_tensors="pt", add_special_tokens=False, **more)


class LocalRerankScorer(LocalScorer):
    """A cross-encoder of transformers' sequence classification: one label through a sigmoid, or P(second) of two.

    Of a model of texts, question and entry are its two texts; one that sees is given them in its chat template.
    """

    def __init__(self, index: Index, options: LocalRelevancyOptions) -> None:
        super().__init__(index, options, "rerank", lambda package, _: package.AutoModelForSequenceClassification)
        labels = self._model.config.num_labels
        if labels > 2:
            raise OctavoError(
                f"{self.place} tells {labels} classes apart, so it is no cross-encoder: set another {PREFIX}MODEL."
            )

    def _inputs(self, question: Query, candidates: Sequence[EntryView]) -> Any:
        if hasattr(self._processor, "image_processor"):
            own: list[str | bytes] = [question.picture] if question.picture else []
            contents = [[*own, question.text, *candidate.pictures, candidate.text] for candidate in candidates]
            return self._chat([[part for part in content if part] for content in contents])
        texts = [candidate.text for candidate in candidates]
        longest = min(self._options.max_tokens, self._tokenizer.model_max_length)
        return self._tokenizer(
            [question.text] * len(texts),
            texts,
            padding=True,
            truncation="only_second",
            max_length=longest,
            return_tensors="pt",
        )

    def _scores_of(self, logits: Any) -> Any:
        return logits.softmax(-1)[:, 1] if logits.shape[1] == 2 else logits[:, 0].sigmoid()


class LocalYesNoScorer(LocalScorer):
    """RAG-Check's relevancy score (arXiv 2501.03995) as a zero-shot prompt, from the logits of the first token.

    The same prompts as over an endpoint; with `qwen3-reranker` it runs Qwen3-VL-Reranker.
    """

    def __init__(self, index: Index, options: LocalRelevancyOptions) -> None:
        super().__init__(index, options, f"yes-no/{options.prompt}", _chat_model)
        self._prompt = PROMPTS[options.prompt]
        self._tokenizer.padding_side = "left"  # so that the last token of each is the one before its reply
        self._ids = [self._tokens(word) for word in self._prompt.words]

    def _tokens(self, word: str) -> list[int]:
        results = [self._tokenizer(form, add_special_tokens=False).input_ids for form in forms(word)]
        tokens = sorted({ids[0] for ids in results if len(ids) == 1})
        if not tokens:
            raise OctavoError(f"{self.place} has no token for {word}: set another {PREFIX}MODEL, or {PREFIX}PROMPT.")
        return tokens

    def _inputs(self, question: Query, candidates: Sequence[EntryView]) -> Any:
        contents = [self._prompt.content(question, candidate.text, candidate.pictures) for candidate in candidates]
        return self._chat(contents, self._prompt.system)

    def _scores_of(self, logits: Any) -> Any:
        yes, no = (logits[:, -1, ids].logsumexp(-1) for ids in self._ids)
        return (yes - no).sigmoid()


def _chat_model(package: Any, config: Any) -> Any:
    sees = hasattr(config, "vision_config")
    return package.AutoModelForImageTextToText if sees else package.AutoModelForCausalLM


def _is_long(candidate: EntryView) -> bool:
    return bool(candidate.pictures) or len(candidate.text) > _LEAST_LETTERS
