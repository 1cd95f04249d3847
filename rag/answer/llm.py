"""Answers written by a model behind any OpenAI-compatible endpoint, over LlamaIndex's `LLM`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import httpx
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.llms import LLM
from openai import APIConnectionError, APIError, APIStatusError, APITimeoutError

from ..evidence import Answer, Delta, Evidence, Finished
from ..settings import Settings
from .base import Answerer, AnswerError, Pages
from .citations import CitationFilter, cited
from .prompt import NOT_FOUND, Budget, messages

_DEFAULT_CONTEXT = 8_192
_RETRIES = 2


class ModelAnswerer(Answerer):
    """A model writes the answer from text and pictures of the evidence; its citations are checked as they stream.

    Raises `AnswerError`, one sentence that names the endpoint and the setting, when the model cannot be asked.
    """

    def __init__(self, pages: Pages, settings: Settings, llm: LLM | None = None) -> None:
        self._pages, self._settings = pages, settings
        self._url = settings.llm_url.rstrip("/")
        self._context = settings.llm_context or _DEFAULT_CONTEXT
        self._images = settings.llm_images
        if llm is None:
            name, context = self._served()
            self._context = settings.llm_context or context or _DEFAULT_CONTEXT
            llm = _client(settings, name, self._context)
        self._llm = llm
        self.model = llm.metadata.model_name

    def stream(self, question: str, evidence: Sequence[Evidence]) -> Iterator[Delta | Finished]:
        check, problems = CitationFilter(len(evidence)), list[str]()
        said = ""
        decided = False
        for piece in self._pieces(question, evidence, problems):
            said += piece
            if not decided:
                start = said.strip().upper()
                if NOT_FOUND.startswith(start[: len(NOT_FOUND)]):
                    continue
                decided, piece = True, said.lstrip()
            if shown := check.feed(piece):
                yield Delta(shown)
        if not decided:
            yield Finished(self._abstained(question, evidence, problems))
            return
        rest = check.close()
        if rest:
            yield Delta(rest)
        text = _whole(said, len(evidence))
        if check.invented:
            problems.append(
                f"The model cited evidence that does not exist, {check.invented} times; that was taken out."
            )
        citations = cited(text, evidence, self._pages)
        if not citations:
            problems.append("The model cited nothing, so no claim of this answer was checked.")
        yield Finished(Answer(question, text, citations, tuple(evidence), model=self.model, problems=tuple(problems)))

    def _abstained(self, question: str, evidence: Sequence[Evidence], problems: Sequence[str]) -> Answer:
        first = evidence[0]
        text = (
            f"{self.model} found no answer in the {len(evidence)} passages that it was given, "
            f"the first of them {first.name}, page {first.page + 1}."
        )
        return Answer(question, text, (), tuple(evidence), abstained=True, model=self.model, problems=tuple(problems))

    def _pieces(self, question: str, evidence: Sequence[Evidence], problems: list[str]) -> Iterator[str]:
        """The model's own text in pieces. A prompt that is refused is tried once without pictures, once with half."""
        tries = [(self._images, self._context), (0, self._context), (0, self._context // 2)]
        tries = tries if self._images else tries[1:]
        for n, (images, context) in enumerate(tries):
            started = False
            prompt = messages(question, evidence, self._pages, self._budget(images, context))
            try:
                for response in self._llm.stream_chat(prompt):
                    if response.delta:
                        started = True
                        yield response.delta
                return
            except APIStatusError as error:
                if error.status_code != 400 or n + 1 == len(tries):
                    raise self._error(error) from error
                note = "without pictures" if images else "with half of the evidence"
                problems.append(f"The model refused the prompt ({_message(error)}); it was asked again {note}.")
            except (APIConnectionError, APIError, httpx.HTTPError) as error:
                if not started:
                    raise self._error(error) from error
                problems.append("The connection to the model broke off, so the answer may be cut short.")
                return

    def _budget(self, images: int, context: int) -> Budget:
        reserved = self._settings.llm_max_tokens + 64
        return Budget(max(512, context - reserved), images, self._settings.llm_image_side)

    def _served(self) -> tuple[str, int]:
        """The model to ask for and its context (tokens, 0 where the server does not tell)."""
        headers = {"Authorization": f"Bearer {self._settings.llm_key}"} if self._settings.llm_key else {}
        try:
            response = httpx.get(f"{self._url}/models", headers=headers, timeout=10)
            response.raise_for_status()
            served = {str(row["id"]): int(row.get("max_model_len") or 0) for row in response.json()["data"]}
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise AnswerError(
                f"No OpenAI-compatible model answers at {self._url} ({_message(error)}): check --llm-url or OCTAVO_LLM_URL."
            ) from error
        name = self._settings.llm_model or next(iter(served), "")
        if name not in served:
            raise AnswerError(
                f"{self._url} serves no model {name!r}, only {', '.join(served) or 'none'}: set --llm-model or OCTAVO_LLM_MODEL."
            )
        return name, served[name]

    def _error(self, error: Exception) -> AnswerError:
        where = self._url or self.model
        if isinstance(error, APITimeoutError):
            return AnswerError(
                f"{where} gave no answer within {self._settings.llm_timeout:.0f} s: raise OCTAVO_LLM_TIMEOUT."
            )
        if isinstance(error, APIStatusError) and error.status_code == 401:
            return AnswerError(f"{where} refuses the key: set OCTAVO_LLM_KEY.")
        return AnswerError(f"{where} cannot answer ({_message(error)}): check --llm-url, or leave it out for quotes.")


def _client(settings: Settings, name: str, context: int) -> LLM:
    from llama_index.llms.openai_like import OpenAILike

    return OpenAILike(
        model=name,
        api_base=settings.llm_url,
        api_key=settings.llm_key or "none",
        is_chat_model=True,
        context_window=context,
        max_tokens=settings.llm_max_tokens,
        temperature=0.0,
        timeout=settings.llm_timeout,
        max_retries=_RETRIES,
    )


def _whole(said: str, count: int) -> str:
    check = CitationFilter(count)
    return (check.feed(said.strip()) + check.close()).strip()


def _message(error: Any) -> str:
    text = str(getattr(error, "message", None) or error).strip().splitlines()
    return (text[0] if text else type(error).__name__)[:200].rstrip(".")
