"""Requests about evidence, made smaller until the model takes them: fewer pictures, once half of the evidence."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from octavo.rag.answering.base import AnswerError
from octavo.rag.answering.images import count_pictures
from octavo.rag.answering.prompt import ANSWER, Budget, Order, Prompt, prompt
from octavo.rag.clients.errors import EndpointError
from octavo.rag.clients.messages import ChatModel
from octavo.rag.evidence import Evidence
from octavo.rag.image_source import PageStore
from octavo.rag.settings import Settings

T = TypeVar("T")

_RESERVE = 64
_PICTURES = re.compile(r"image|picture|multi-?modal|vision|mmproj", re.I)
_NO_PICTURES = re.compile(
    r"not (?:a )?(?:multi-?modal|vision|support)|does ?n.t support|unsupported|mmproj|text.only", re.I
)
_AT_MOST = re.compile(
    r"(?:at most|up to|maximum(?: number)?(?: of)?|limit(?:ed)?(?: of| to| is)?|only)\D{0,20}(\d+)", re.I
)

_TOO_MANY = re.compile(
    r"(?:too many|at most|up to|maximum|limit)[^.]{0,40}\b(?:images?|pictures?)\b"
    r"|\b(?:images?|pictures?)\b[^.]{0,40}(?:too many|at most|up to|maximum|limit)",
    re.I,
)
_LENGTH = re.compile(r"token|context|length", re.I)


class EvidenceRequests:
    """Sends a model prompts about evidence.

    How many pictures the server takes is learned from its first refusal that tells it, and kept: `most_pictures`.
    Raises the endpoint's `EndpointError`, and `AnswerError` where the context has no room for evidence.
    """

    def __init__(self, pages: PageStore, settings: Settings, chat: ChatModel) -> None:
        self._pages, self._settings, self._chat = pages, settings, chat
        self._order = Order(settings.llm_image_order, settings.llm_question_order, settings.llm_evidence_order)
        self.most_pictures = settings.llm_images
        self._refusal = ""

    @property
    def max_tokens(self) -> int:
        """Tokens that a reply may have."""
        return min(self._settings.llm_max_tokens, self._chat.context // 2)

    def send(
        self,
        question: str,
        evidence: Sequence[Evidence],
        picture: bytes | None,
        transmit: Callable[[Prompt], T],
        problems: list[str],
        task: str = ANSWER,
    ) -> tuple[Prompt, T]:
        """Returns the prompt that was taken and what `transmit` returned; `problems` gains what was left out."""
        images, halved, refusal = self.most_pictures, False, self._refusal
        tokens = self._chat.context - self.max_tokens - _RESERVE
        while True:
            budget = Budget(tokens, images, self._settings.llm_image_side, self._settings.llm_image_budget)
            request = prompt(question, evidence, self._pages, budget, self._order, picture, task)
            if evidence and not request.sent:
                raise AnswerError(
                    f"The context of {self._chat.name}, {self._chat.context} tokens, has no room for evidence: "
                    "set OCTAVO_LLM_CONTEXT or a model with a longer context."
                )
            try:
                result = transmit(request)
                break
            except EndpointError as error:
                if not halved and error.too_long and not (request.images and _counts_pictures(error.reply)):
                    halved, tokens = True, request.tokens - request.evidence_tokens // 2
                    problems.append(f"The evidence was too long for {self._chat.name}; it was given half of it.")
                elif request.images and _refuses_pictures(error):
                    refusal = error.reply or str(error)
                    images = fewer_pictures(request.images, refusal)
                    self._learn(images, refusal)
                else:
                    raise
        if refusal:
            self._tell(request.images, evidence, picture, refusal, problems)
        if request.sent < len(evidence) and not halved:
            problems.append(f"Only {request.sent} of {len(evidence)} pieces of evidence fit into the model's context.")
        return request, result

    def _learn(self, images: int, refusal: str) -> None:
        if _PICTURES.search(refusal):
            self.most_pictures, self._refusal = images, refusal

    def _tell(
        self, count: int, evidence: Sequence[Evidence], picture: bytes | None, refusal: str, problems: list[str]
    ) -> None:
        expected = min(self._settings.llm_images, count_pictures(evidence, self._pages) + (picture is not None))
        if not count and expected:
            problems.append(f"{self._chat.name} took no pictures ({refusal}); it was given text only.")
        elif count < expected:
            problems.append(f"{self._chat.name} took {count} of {expected} pictures ({refusal}).")


def _counts_pictures(refusal: str) -> bool:
    return bool(_TOO_MANY.search(refusal)) and not _LENGTH.search(refusal)


def _refuses_pictures(error: EndpointError) -> bool:
    return error.status in (400, 413, 415, 422) or (error.status >= 500 and bool(_PICTURES.search(error.reply)))


def fewer_pictures(images: int, refusal: str) -> int:
    """Returns the number of pictures for a server that refused `images`: its own limit, else one less.

    It is 0 where the server sees none.

    >>> refusals = ("At most 2 image(s) may be provided", "too many images", "not a vision model")
    >>> [fewer_pictures(4, refusal) for refusal in refusals]
    [2, 3, 0]
    """
    if not _PICTURES.search(refusal):
        return 0
    limit = _AT_MOST.search(refusal)
    if limit and len(limit[1]) < 4:
        return min(int(limit[1]), images - 1)
    return 0 if _NO_PICTURES.search(refusal) else images - 1
