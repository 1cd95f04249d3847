"""A model as a judge: any OpenAI-compatible endpoint, asked with retries, a pace and a cache."""

from __future__ import annotations

import json
import random
import threading
import time
from dataclasses import dataclass
from typing import Generic

from pydantic import BaseModel, ConfigDict, Field

from octavo.eval.judges.store.replies import CachedReply, ReplyCache
from octavo.eval.judges.task import MalformedReply, S, Task, schema_of
from octavo.ingest import OctavoError
from octavo.rag import Settings
from octavo.rag.answering.endpoint import endpoint, model
from octavo.rag.clients.chat import ChatClient
from octavo.rag.clients.errors import EndpointError
from octavo.rag.clients.http import SettingNames
from octavo.rag.clients.messages import Message
from octavo.rag.clients.replies import LONGEST_WAIT

_SAMPLING = 0.7


def settings_at(place: str) -> SettingNames:
    """Returns names of a judge's settings at a place of a run's file.

    >>> settings_at("judge.panel").url
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
class JudgeReply(Generic[S]):
    """A model's reply, and its cost; `cached` replies cost nothing now."""

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
        self._names = names or settings_at("judge")
        self._settings = Settings(
            llm_url=options.url,
            llm_model=options.model,
            llm_key=options.key,
            llm_context=0,
            llm_max_tokens=options.max_tokens,
            llm_timeout=options.timeout,
        )
        self._model, context = model(self._settings, self._names)
        self.name = short_name(self._model)
        self._cache = ReplyCache() if cache is None else cache
        self._chat = ChatClient(
            endpoint(self._settings, self._names),
            self._model,
            context,
            waits=[_wait(options.wait, n) for n in range(options.tries - 1)],
            stubborn=True,
            before=_Pace(options.per_minute).wait,
        )

    def __enter__(self) -> JudgeModel:
        self._chat.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._chat.__exit__(*error)

    def ask(self, task: Task[S]) -> JudgeReply[S]:
        """Returns the model's reply, from the cache where the same was asked before."""
        key = task.key(f"{self.options.url} {self._model}", self.options.max_tokens)
        if cached := self._cache.get(key):
            return JudgeReply(
                task.read(cached.text), cached.prompt_tokens, cached.completion_tokens, cached.seconds, True
            )
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
        self._cache.put(key, CachedReply(text, used[0], used[1], seconds))
        return JudgeReply(value, used[0], used[1], seconds, False)

    def _send(self, task: Task[S], messages: list[Message]) -> tuple[str, int, int]:
        """Returns one request, sent again while the server fails: the text, and its tokens in and out."""
        tokens = min(self.options.max_tokens, self._chat.context // 2)
        sampling = {"temperature": _SAMPLING, "seed": task.sample} if task.sample else {}
        try:
            completion = self._chat.complete(messages, max_tokens=tokens, **sampling, response_format=_form(task))
        except EndpointError as error:
            if error.status in (401, 403, 404):
                raise
            reason = f"{error.status}, {error.reply}" if error.status else str(error).rstrip(".")
            times = f"{error.tries} time{'s' * (error.tries > 1)}"
            raise JudgeError(f"{self.name} at {self.options.url} failed {times}: {reason}.") from error
        return completion.text, completion.ending.prompt_tokens, completion.ending.completion_tokens


def _wait(first: float, n: int) -> float:
    """Returns seconds before the n-th retry, doubled each time, less up to half of them by chance."""
    return min(LONGEST_WAIT, first * 2.0**n) * random.uniform(0.5, 1.0)  # noqa: S311


def short_name(model: str) -> str:
    """Returns a model's name for people: of a path the last part, else as it is.

    >>> short_name("/weights/small-q4.gguf"), short_name("Qwen/Qwen3-VL-8B-Instruct")
    ('small-q4.gguf', 'Qwen/Qwen3-VL-8B-Instruct')
    """
    is_path = model.startswith(("/", "./", "../", "~")) or model.endswith(".gguf")
    return model.rstrip("/").rpartition("/")[2] if is_path else model


def _form(task: Task[S]) -> dict[str, object]:
    """Returns the request's `response_format`, which servers that can hold a model to."""
    spec = {"name": task.schema.__name__.strip("_"), "schema": json.loads(schema_of(task.schema))}
    return {"type": "json_schema", "json_schema": spec}


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
