"""A model as a judge: any OpenAI-compatible endpoint, asked with retries, a pace and a cache."""

from __future__ import annotations

import json
import random
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Generic

import httpx
import openai
from llama_index.core.base.llms.types import ChatMessage
from openai.types.chat import ChatCompletion
from pydantic import BaseModel, ConfigDict, Field

from octavo.eval.judges.cache import ReplyCache, Stored
from octavo.eval.judges.task import MalformedReply, S, Task, schema_of
from octavo.ingest import OctavoError
from octavo.rag import Settings
from octavo.rag.answering.endpoint import client, explain, model
from octavo.rag.clients.http import SettingNames, message

_UNREADABLE = (AttributeError, IndexError, TypeError, ValueError)
"""What reading a reply raises when it is not what OpenAI's API sends."""
_BUSY = (408, 409, 429)
_LONGEST_WAIT = 30.0
_SAMPLING = 0.7


def named(place: str) -> SettingNames:
    """What the settings of a judge are called at a place of a run's file.

    >>> named("judge.panel").url
    'judge.panel.url'
    """
    return SettingNames(*(f"{place}.{name}" for name in ("url", "key", "model", "timeout")))


class JudgeError(OctavoError):
    """A model gave no verdict; the text says why, in one sentence."""


class JudgeOptions(BaseModel):
    """The model that judges, and how it is asked.

    `tries` is how often one request is sent while the server fails, `repairs` how often a reply that cannot be read is
    sent back. `per_minute` requests at most are begun in a minute (0: as many as `concurrency` lets).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    url: str
    model: str = ""
    key: str = Field("", repr=False)
    concurrency: int = Field(8, ge=1, le=256)
    per_minute: int = Field(0, ge=0)
    tries: int = Field(6, ge=1, le=20)
    repairs: int = Field(2, ge=0, le=5)
    wait: float = Field(0.5, ge=0, description="seconds before the second try, doubled each time")
    max_tokens: int = Field(400, ge=16)
    timeout: float = Field(120, gt=0, description="seconds that the server may be silent")


@dataclass(frozen=True, slots=True)
class Reply(Generic[S]):
    """What a model said, and what that cost; `cached` replies cost nothing now."""

    value: S
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    cached: bool


class JudgeModel:
    """Asks one model, from many threads; use it as a context manager.

    `name` is the model's name for people. Raises `AnswerError` when the endpoint cannot be reached or
    refuses the key or the model, calling the settings as `names` does (else as in a run's file), and `JudgeError` when
    one task gets no reply that can be read.
    """

    def __init__(
        self, options: JudgeOptions, cache: ReplyCache | None = None, names: SettingNames | None = None
    ) -> None:
        self.options = options
        self._names = names or named("judge")
        self._settings = Settings(
            llm_url=options.url,
            llm_model=options.model,
            llm_key=options.key,
            llm_context=0,
            llm_max_tokens=options.max_tokens,
            llm_timeout=options.timeout,
        )
        self._model, self._context = model(self._settings, self._names)
        self.name = short_name(self._model)
        self._cache = ReplyCache() if cache is None else cache
        self._pace = _Pace(options.per_minute)
        self._structured = True
        self._open = ExitStack()
        self._llm = self._open.enter_context(client(self._settings, self._model, self._context))

    def __enter__(self) -> JudgeModel:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def ask(self, task: Task[S]) -> Reply[S]:
        """The model's reply, from the cache where the same was asked before."""
        key = task.key(f"{self.options.url} {self._model}", self.options.max_tokens)
        if held := self._cache.get(key):
            return Reply(task.read(held.text), held.prompt_tokens, held.completion_tokens, held.seconds, True)
        started = time.monotonic()
        repairs: list[tuple[str, str]] = []
        used = [0, 0]
        while True:
            text, prompt_tokens, completion_tokens = self._send(task, task.messages(repairs))
            used[0] += prompt_tokens
            used[1] += completion_tokens
            try:
                value = task.read(text)
                break
            except MalformedReply as error:
                if len(repairs) == self.options.repairs:
                    raise JudgeError(f"{self.name} gave no verdict that can be read: {error}.") from error
                repairs.append((text, str(error)))
        seconds = time.monotonic() - started
        self._cache.put(key, Stored(text, used[0], used[1], seconds))
        return Reply(value, used[0], used[1], seconds, False)

    def _send(self, task: Task[S], messages: list[ChatMessage]) -> tuple[str, int, int]:
        """One request, sent again while the server fails: the text, and its tokens in and out."""
        tried = 0
        while True:
            tried += 1
            self._pace.wait()
            structured = self._structured
            try:
                response = self._llm.chat(messages, **self._sampling(task.sample), **_form(task, structured))
            except openai.APIStatusError as error:
                if structured and error.status_code in (400, 422) and "response_format" in message(error):
                    self._structured, tried = False, tried - 1
                    continue
                if error.status_code in (401, 403, 404):
                    raise explain(error, self._settings, self._model, self._names) from error
                if tried == self.options.tries or (error.status_code < 500 and error.status_code not in _BUSY):
                    raise JudgeError(f"{self._after(tried)}: {error.status_code}, {message(error)}.") from error
                self._pause(tried, error.response.headers.get("retry-after", ""))
            except (openai.OpenAIError, httpx.HTTPError, *_UNREADABLE) as error:
                if tried == self.options.tries:
                    raise JudgeError(f"{self._after(tried)}: {message(error)}.") from error
                self._pause(tried, "")
            else:
                usage = response.raw.usage if isinstance(response.raw, ChatCompletion) else None
                return (
                    response.message.content or "",
                    usage.prompt_tokens if usage else 0,
                    usage.completion_tokens if usage else 0,
                )

    def _after(self, tried: int) -> str:
        return f"{self.name} at {self.options.url} failed {tried} time{'s' * (tried > 1)}"

    def _sampling(self, sample: int) -> dict[str, float | int]:
        return {"temperature": _SAMPLING, "seed": sample} if sample else {}

    def _pause(self, tried: int, told: str) -> None:
        wait = min(_LONGEST_WAIT, self.options.wait * 2.0 ** (tried - 1)) * random.uniform(0.5, 1.0)  # noqa: S311
        time.sleep(max(wait, min(float(told), _LONGEST_WAIT) if told.isdigit() else 0.0))


def short_name(model: str) -> str:
    """A model's name for people: of a path the last part, else as it is.

    >>> short_name("/weights/small-q4.gguf"), short_name("Qwen/Qwen3-VL-8B-Instruct")
    ('small-q4.gguf', 'Qwen/Qwen3-VL-8B-Instruct')
    """
    is_path = model.startswith(("/", "./", "../", "~")) or model.endswith(".gguf")
    return model.rstrip("/").rpartition("/")[2] if is_path else model


def _form(task: Task[S], structured: bool) -> dict[str, object]:
    """The request's `response_format`, which servers that can hold a model to."""
    if not structured:
        return {}
    spec = {"name": task.schema.__name__.strip("_"), "schema": json.loads(schema_of(task.schema))}
    return {"response_format": {"type": "json_schema", "json_schema": spec}}


class _Pace:
    """Lets one caller through at a time, `per_minute` in a minute."""

    def __init__(self, per_minute: int) -> None:
        self._gap = 60 / per_minute if per_minute else 0.0
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self) -> None:
        if not self._gap:
            return
        with self._lock:
            now = time.monotonic()
            start = max(now, self._next)
            self._next = start + self._gap
        time.sleep(start - now)
