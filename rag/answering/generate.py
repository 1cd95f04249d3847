"""Answers written by a model behind any OpenAI-compatible endpoint, over LlamaIndex's `LLM`."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, nullcontext
from dataclasses import replace
from itertools import groupby

import httpx
import openai
from llama_index.core.llms import LLM
from openai.types.chat import ChatCompletionChunk

from octavo.rag.answering.base import Answerer, AnswerError
from octavo.rag.answering.citations import cited, without_citations
from octavo.rag.answering.draft import Draft
from octavo.rag.answering.endpoint import client, explain, model
from octavo.rag.answering.prompt import Budget, Order, Prompt, prompt
from octavo.rag.clients.http import is_too_long, message
from octavo.rag.evidence import Answer, Delta, Evidence, Finished
from octavo.rag.image_source import PageStore
from octavo.rag.settings import Settings

_WAITS = (0.5, 1.0)
"""Seconds before a server that is busy or broken is asked again."""
_RESERVE = 64
_NO_IMAGES = re.compile(r"image|multi-?modal|vision|mmproj", re.I)
_ERRORS = (openai.OpenAIError, httpx.HTTPError, json.JSONDecodeError)


class ModelAnswerer(Answerer):
    """A model writes the answer from text and pictures of the evidence; its citations are checked as they stream.

    `llm` is any LlamaIndex model; without one, the endpoint of the settings. Raises `AnswerError`, one sentence that
    names the endpoint and the setting, when the model cannot be asked. An answer that breaks off is kept, with the
    problem noted. The pieces of a stream make up the answer's text, except where the model abstains.
    """

    def __init__(self, pages: PageStore, settings: Settings, llm: LLM | None = None) -> None:
        self._pages, self._settings = pages, settings
        self._llm = llm
        if llm is None:
            self.model, self._context = model(settings)
        else:
            self.model = llm.metadata.model_name
            self._context = settings.llm_context or llm.metadata.context_window

    def stream(
        self, question: str, evidence: Sequence[Evidence], picture: bytes | None = None
    ) -> Iterator[Delta | Finished]:
        problems: list[str] = []
        sent, pieces = self._start(question, evidence, picture, problems)
        held = tuple(evidence[:sent])
        draft = Draft(sent)
        with closing(pieces):
            try:
                for piece in pieces:
                    if shown := draft.feed(piece):
                        yield Delta(shown)
            except _ERRORS as error:
                problems.append(f"The model broke off, so the answer may be incomplete ({message(error)}).")
        if shown := draft.close():
            yield Delta(shown)
        yield Finished(self._answer(question, held, draft, problems))

    def _answer(self, question: str, evidence: tuple[Evidence, ...], draft: Draft, problems: list[str]) -> Answer:
        if draft.abstains:
            text = draft.text or _abstention(evidence, draft.reason)
            return Answer(question, text, (), evidence, evidence, True, self.model, tuple(problems))
        if not draft.text:
            raise AnswerError(
                f"{self.model} at {self._settings.llm_url or 'its endpoint'} wrote no text: raise "
                "OCTAVO_LLM_MAX_TOKENS if it thinks first, or set another --llm-model or OCTAVO_LLM_MODEL."
            )
        if draft.invented:
            listed = ", ".join(f"[{number}]" for number in dict.fromkeys(draft.invented))
            problems.append(f"The model cited evidence that does not exist, {listed[:100]}; that was taken out.")
        citations = cited(draft.text, evidence, self._pages)
        if not citations:
            problems.append("The model cited nothing; no claim of this answer could be checked.")
        return Answer(question, draft.text, citations, evidence, model=self.model, problems=tuple(problems))

    def _start(
        self, question: str, evidence: Sequence[Evidence], picture: bytes | None, problems: list[str]
    ) -> tuple[int, Generator[str, None, None]]:
        """Asks until text comes: again when the server is busy, once without pictures, once with half the evidence.

        Returns how many pieces of evidence the model was given, and what it says.
        """
        budget = self._budget()
        order = Order(self._settings.llm_image_order, self._settings.llm_question_order)
        waits = iter(_WAITS)
        halved = False
        while True:
            asked = prompt(question, evidence, self._pages, budget, order, picture)
            if not asked.sent:
                raise AnswerError(
                    f"The context of {self.model}, {self._context} tokens, has no room for evidence: "
                    "set OCTAVO_LLM_CONTEXT or a model with a longer context."
                )
            pieces = self._pieces(asked, problems)
            try:
                first = next(pieces, "")
                break
            except _ERRORS as error:
                if not halved and _is_too_long(error):
                    halved = True
                    budget = replace(budget, tokens=asked.tokens - asked.evidence_tokens // 2)
                    problems.append(f"The evidence was too long for {self.model}; it was given half of it.")
                elif asked.images and _refuses_images(error):
                    budget = replace(budget, images=0)
                    problems.append(f"{self.model} took no pictures ({message(error)}); it was given text only.")
                elif _is_busy(error) and (wait := next(waits, 0)):
                    time.sleep(wait)
                else:
                    raise explain(error, self._settings, self.model) from error
        if asked.sent < len(evidence) and not halved:
            problems.append(f"Only {asked.sent} of {len(evidence)} pieces of evidence fit into the model's context.")
        return asked.sent, _resumed(first, pieces)

    def _pieces(self, asked: Prompt, problems: list[str]) -> Generator[str, None, None]:
        """What the model says in pieces, none of them empty."""
        finish: str | None = ""
        with nullcontext(self._llm) if self._llm else client(self._settings, self.model, self._context) as llm:
            for response in llm.stream_chat(asked.messages):
                if response.delta:
                    yield response.delta
                if isinstance(response.raw, ChatCompletionChunk) and response.raw.choices:
                    finish = response.raw.choices[0].finish_reason
        if finish is None:
            problems.append("The model server ended the stream early, so the answer may be incomplete.")
        elif finish == "length":
            problems.append("The answer was cut off at its longest length: raise OCTAVO_LLM_MAX_TOKENS.")

    def _budget(self) -> Budget:
        answer = min(self._settings.llm_max_tokens, self._context // 2)
        return Budget(self._context - answer - _RESERVE, self._settings.llm_images, self._settings.llm_image_side)


def _resumed(first: str, rest: Generator[str, None, None]) -> Generator[str, None, None]:
    with closing(rest):
        yield first
        yield from rest


def _abstention(evidence: Sequence[Evidence], reason: str) -> str:
    """Why there is no answer, and where the model looked."""
    said = f": {without_citations(reason)[:300].rstrip('.')}" if reason else ""
    places = sorted({(e.name, region.page + 1) for e in evidence for region in e.regions})
    looked = [f"{name}, page {', '.join(str(n) for _, n in pages)}" for name, pages in groupby(places, lambda p: p[0])]
    return f"The evidence does not hold the answer{said}. The model looked at {'; '.join(looked)}."


def _status(error: Exception) -> int:
    return error.status_code if isinstance(error, openai.APIStatusError) else 0


def _is_too_long(error: Exception) -> bool:
    return is_too_long(_status(error), str(error))


def _refuses_images(error: Exception) -> bool:
    return _status(error) in (400, 415, 422) or (_status(error) >= 500 and bool(_NO_IMAGES.search(str(error))))


def _is_busy(error: Exception) -> bool:
    return _status(error) == 429 or _status(error) >= 500
