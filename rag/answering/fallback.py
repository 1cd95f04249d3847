"""Quotes where the model fails: the reader gets the words of the evidence."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace

from octavo.rag.answering.base import Answerer, AnswerError, Lookup
from octavo.rag.evidence import Delta, Evidence, Finished, Step


class FallbackAnswerer(Answerer):
    """Answers by the answerer that `make` makes when it is first needed, and by `other` where it raises `AnswerError`.

    The answer's problems say why. The text before the failure is replaced.
    """

    def __init__(self, make: Callable[[], Answerer], other: Answerer) -> None:
        self._make, self._other = make, other
        self._made: Answerer | None = None

    @property
    def model(self) -> str:  # type: ignore[override]
        """The model's name, once it was asked."""
        return self._made.model if self._made else ""

    def gather(
        self, question: str, evidence: Sequence[Evidence], lookup: Lookup, picture: bytes | None = None
    ) -> Generator[Step, None, tuple[Evidence, ...]]:
        try:
            self._made = self._made or self._make()
        except AnswerError:  # the answer says why
            return tuple(evidence)
        return (yield from self._made.gather(question, evidence, lookup, picture))

    def stream(
        self, question: str, evidence: Sequence[Evidence], picture: bytes | None = None
    ) -> Iterator[Delta | Finished]:
        is_shown = False
        try:
            self._made = self._made or self._make()
            for event in self._made.stream(question, evidence, picture):
                yield event
                is_shown = is_shown or isinstance(event, Delta)
            return
        except AnswerError as error:
            self._made, problem = None, f"The model did not answer, so the evidence is quoted. {error}"
        for event in self._other.stream(question, evidence, picture):
            if isinstance(event, Finished):
                event = Finished(replace(event.answer, problems=(problem, *event.answer.problems)))
            elif is_shown:
                event, is_shown = replace(event, replaces=True), False
            yield event
