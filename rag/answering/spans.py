"""Spans of an answer, and how far its evidence supports each: RAG-Check's correctness score (arXiv 2501.03995)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from octavo.rag.answering.claims import located_facts
from octavo.rag.evidence import Evidence, Span, Unsupported
from octavo.rag.query.analysis import terms
from octavo.rag.query.language import Language, any_of, language_of

_CITATION = re.compile(r"\s*\[(\d+)\]")
_END = re.compile(r"(?<=[.!?])(?<![\s.][A-Z]\.)(?:\s*\[\d+\])*\s+(?=[A-Z0-9“\"(])|\n+")
_NO_SENTENCE = re.compile(r"\s*(?:#{1,6}\s.*|\$\$.+\$\$|\\\[.+\\\])\s*")
_LIST_MARK = re.compile(r"\s*(?:[-*•–]|\d{1,2}[.)])\s+|\s+")


@dataclass(frozen=True, slots=True)
class SpanText:
    """A span from `start` to `end` in an answer's text; `text` is without its citations, `cited` are their numbers."""

    start: int
    end: int
    text: str
    cited: tuple[int, ...]


def split_spans(answer: str) -> list[SpanText]:
    """Returns an answer's sentences and list items, each with the citations that follow it.

    Headings of Markdown and lines that hold a formula in LaTeX alone are neither.

    >>> for span in split_spans("Revenue grew by 3.5 % [1]. It was driven by cloud. [2] That is good news!"):
    ...     print(span.start, span.end, span.text, span.cited)
    0 26 Revenue grew by 3.5 %. (1,)
    27 54 It was driven by cloud. (2,)
    55 73 That is good news! ()
    """
    sentences = [piece for piece in _pieces(answer) if not _NO_SENTENCE.fullmatch(answer, *piece)]
    return [span for start, end in sentences if re.search(r"\w", (span := _span(answer, start, end)).text)]


def _pieces(answer: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _END.finditer(answer):
        yield start, match.end()
        start = match.end()
    yield start, len(answer)


def _span(answer: str, start: int, end: int) -> SpanText:
    mark = _LIST_MARK.match(answer, start, end)
    start = mark.end() if mark else start
    end = start + len(answer[start:end].rstrip())
    piece = answer[start:end]
    return SpanText(start, end, _CITATION.sub("", piece), tuple(int(n) for n in _CITATION.findall(piece)))


def cited_evidence(span: SpanText, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Returns what a span cites, all evidence where it cites nothing."""
    return [evidence[n - 1] for n in dict.fromkeys(span.cited) if 1 <= n <= len(evidence)] or list(evidence)


def score_spans(
    answer: str, question: str, evidence: Sequence[Evidence], unsupported: Sequence[Unsupported]
) -> tuple[Span, ...]:
    """Returns the spans of an answer with their scores by words, a stand-in for the model that RAG-Check trains.

    The score of a span is the smaller of two shares: of its words, how many stand in what it cites or in the question;
    of its numbers and names, how many are not among the `unsupported` ones. A span without a number and a name that
    has a phrase of opinion or address, such as "I think", is no objective one.
    """
    results = []
    words_of_evidence: dict[tuple[tuple[int, ...], str], dict[str, None]] = {}
    for span in split_spans(answer):
        facts = located_facts(answer[span.start : span.end])
        language = language_of(span.text)
        if not facts and _is_opinion(span.text, language):
            results.append(Span(span.start, span.end, False, None, "it states no fact"))
            continue
        missing = [fact for fact in unsupported if span.start <= fact.start < span.end]
        key = span.cited, language.code
        if key not in words_of_evidence:
            texts = (f"{e.name} {e.title} {e.heading} {e.text}" for e in cited_evidence(span, evidence))
            words_of_evidence[key] = _words("\n".join([question, *texts]), language)
        words = _words(span.text, language)
        absent = [word for word in words if word not in words_of_evidence[key]]
        shares = [1 - len(absent) / len(words)] if words else []
        shares += [1 - len(missing) / max(len(facts), len(missing))] if facts or missing else []
        results.append(Span(span.start, span.end, True, min(shares, default=1.0), _reason(missing, len(absent), words)))
    return tuple(results)


def _words(text: str, language: Language) -> dict[str, None]:
    stems = terms(text, stop_words=False, language=language.code)
    return dict.fromkeys(stem for stem in stems if not stem[0].isdigit())


def _reason(missing: Sequence[Unsupported], absent: int, words: Sequence[str] | dict[str, None]) -> str:
    if missing:
        return f"{', '.join(dict.fromkeys(fact.text for fact in missing))} not in the evidence"
    return f"{absent} of {len(words)} words not in the evidence" if absent else ""


def _is_opinion(text: str, language: Language) -> bool:
    return bool(any_of(language.opinion, re.I).search(text))
