"""Answers written by a model: its prompt, the answer from its text, and the problems that are reported."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from itertools import groupby

from octavo.rag.answering.base import Answerer, AnswerError, Lookup
from octavo.rag.answering.citation_marks import without_citations
from octavo.rag.answering.citations import cite_claims, find_claims
from octavo.rag.answering.claims import CheckedClaims, ClaimChecker, EvidenceSources
from octavo.rag.answering.draft import Draft
from octavo.rag.answering.endpoint import connect
from octavo.rag.answering.grounding import ClaimGrounder, Grounding
from octavo.rag.answering.prompt import Prompt
from octavo.rag.answering.requests import EvidenceRequests
from octavo.rag.answering.spans import score_spans
from octavo.rag.answering.steps import StepTaker
from octavo.rag.answering.support import SupportScorer
from octavo.rag.clients.errors import EndpointError
from octavo.rag.clients.messages import ChatModel, Ending, Pieces
from octavo.rag.evidence import Answer, Delta, Evidence, Finished, Span, Step, Unsupported
from octavo.rag.image_source import PageStore
from octavo.rag.settings import Settings


class ModelAnswerer(Answerer):
    """A model writes the answer from text and pictures of the evidence; its citations are checked as they stream.

    `chat` is the model; without one, the endpoint of the settings. Raises `AnswerError`, one sentence that names the
    endpoint and the setting, when the model cannot be asked. An answer that breaks off is kept, with the problem
    noted. The pieces of a stream make up the answer's text, except where the model abstains
    or a citation is moved to the evidence that holds its number.
    """

    def __init__(self, pages: PageStore, settings: Settings, chat: ChatModel | None = None) -> None:
        self._pages, self._settings = pages, settings
        self._chat = chat or connect(settings)
        self._sources = EvidenceSources(pages)
        self._requests = EvidenceRequests(pages, settings, self._chat)
        self._support = SupportScorer(self._chat, self._requests)
        self._steps = StepTaker(pages, self._chat, self._requests, settings)
        asks_where = settings.answering.grounding != "words" and settings.llm_images > 0
        self._grounder = ClaimGrounder(self._chat, pages, settings) if asks_where else None
        self.model = self._chat.name

    def gather(
        self, question: str, evidence: Sequence[Evidence], lookup: Lookup, picture: bytes | None = None
    ) -> Generator[Step, None, tuple[Evidence, ...]]:
        return (yield from self._steps.gather(question, evidence, lookup, picture))

    def stream(
        self, question: str, evidence: Sequence[Evidence], picture: bytes | None = None
    ) -> Iterator[Delta | Finished]:
        problems: list[str] = []
        sent_prompt, pieces = self._requests.send(question, evidence, picture, self._begin, problems)
        sent_evidence = tuple(evidence[: sent_prompt.sent])
        draft = Draft(sent_prompt.sent, thinks=self._chat.thinks)
        checks = self._settings.answering.check != "off"
        ending, checker = Ending(""), ClaimChecker(question, sent_evidence, self._sources)
        with closing(pieces):
            try:
                while True:
                    text = draft.feed(next(pieces))
                    if text or draft.restarted:
                        yield Delta(text, replaces=draft.restarted)
                    if checks:
                        checker.prepare()  # while the model writes on
            except StopIteration as end:
                ending = end.value
                problems += _problems_of_ending(ending)
            except EndpointError as error:
                message = (error.reply or str(error)).rstrip(".")
                problems.append(f"The model broke off, so the answer may be incomplete ({message}).")
        if text := draft.close(cut=ending.reason == "length"):
            yield Delta(text)
        self._chat.thinks = self._chat.thinks or draft.thinks
        yield Finished(self._answer(question, sent_evidence, draft, checker, problems))

    def _answer(
        self,
        question: str,
        evidence: tuple[Evidence, ...],
        draft: Draft,
        checker: ClaimChecker,
        problems: list[str],
    ) -> Answer:
        if draft.abstains:
            text = draft.text or _abstention(evidence, draft.reason)
            return Answer(question, text, (), evidence, evidence, True, self.model, tuple(problems))
        if not draft.text:
            raise AnswerError(
                f"{self.model} at {self._settings.llm_url or 'its endpoint'} wrote no text: raise "
                "OCTAVO_LLM_MAX_TOKENS if it thinks first, or set another OCTAVO_LLM_MODEL."
            )
        if draft.invented:
            numbers = ", ".join(f"[{number}]" for number in dict.fromkeys(draft.invented))
            problems.append(f"The model cited evidence that does not exist, {numbers[:100]}; that was taken out.")
        if not re.search(r"[^\W\d_]|\d", re.sub(r"\[\d+\]", "", draft.text)):
            raise AnswerError(f"{self.model} wrote citations and no words: set another OCTAVO_LLM_MODEL.")
        checked = CheckedClaims(draft.text)
        spans: tuple[Span, ...] = ()
        if self._settings.answering.check != "off":
            checked = checker.check(draft.text)
            spans = score_spans(checked.text, question, evidence, checked.unsupported)
        if self._settings.answering.check == "model":
            scored = self._support.score(checked.text, question, evidence, spans)
            spans = scored.spans
            problems += scored.problems
        claims = find_claims(checked.text, evidence, self._pages, question)
        grounding = self._grounder.ground(claims) if self._grounder else Grounding(())
        citations = cite_claims(claims, self._pages, grounding.places)
        problems += grounding.problems
        if not citations:
            problems.append("The model cited nothing; no claim of this answer could be checked.")
        problems += [f"A citation was corrected: {moved}." for moved in checked.moved]
        problems += _problems_of_claims(checked.unsupported)
        return Answer(
            question,
            checked.text,
            citations,
            evidence,
            model=self.model,
            problems=tuple(problems),
            unsupported=checked.unsupported,
            spans=spans,
        )

    def _begin(self, prompt: Prompt) -> Pieces:
        return _start(self._chat.stream(prompt.messages, max_tokens=self._requests.max_tokens))


def _start(pieces: Pieces) -> Pieces:
    """Returns the same pieces, once the first is there."""
    try:
        first = next(pieces)
    except StopIteration as end:
        return _resume("", _end(end.value))
    return _resume(first, pieces)


def _end(ending: Ending) -> Pieces:
    yield from ()
    return ending


def _resume(first: str, rest: Pieces) -> Pieces:
    with closing(rest):
        yield first
        return (yield from rest)


def _problems_of_ending(ending: Ending) -> list[str]:
    """Returns problems of a reply that did not end by itself."""
    if ending.refused:
        return ["The model refused to answer."]
    match ending.reason:
        case None:
            return ["The model server ended the stream early, so the answer may be incomplete."]
        case "length":
            return ["The answer was cut off at its longest length: raise OCTAVO_LLM_MAX_TOKENS."]
        case "content_filter":
            return ["The model server's content filter cut the answer off, so it may be incomplete."]
    return []


def _problems_of_claims(unsupported: Sequence[Unsupported]) -> list[str]:
    """Returns problems of numbers and names that the evidence does not support."""
    nowhere = ", ".join(f"“{text}”" for text in dict.fromkeys(u.text for u in unsupported if not u.reason))
    not_found = [f"Not found in the text of the evidence: {nowhere[:200]}. Check this on the pages."] if nowhere else []
    differ = dict.fromkeys((u.text, u.reason) for u in unsupported if u.reason)
    return not_found + [f"In the evidence “{text}” {reason}. Check this on the pages." for text, reason in differ]


def _abstention(evidence: Sequence[Evidence], reason: str) -> str:
    """Returns the text of an abstention, with the pages that the model was shown."""
    explanation = f": {without_citations(reason)[:300].rstrip('.')}" if reason else ""
    places = sorted({(e.name, region.page + 1) for e in evidence for region in e.regions})
    pages_shown = [
        f"{name}, page {', '.join(str(n) for _, n in pages)}" for name, pages in groupby(places, lambda p: p[0])
    ]
    return f"The evidence does not hold the answer{explanation}. The model looked at {'; '.join(pages_shown)}."
