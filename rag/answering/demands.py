"""Demands of a question, checked on the answer: an unmet demand means no answer.

A name, a code, a number, a year or a month that is asked for must stand with what is quoted: on its page, in its
document's title. Of the other words of the question, enough must stand there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from octavo.rag.answering import patterns
from octavo.rag.answering.candidates import BESIDE, Candidate
from octavo.rag.answering.chance import Signs, chance
from octavo.rag.answering.material import Material
from octavo.rag.answering.plans.base import Reply
from octavo.rag.answering.wanted import Wanted, described, is_slip, proper_names, spaced, things, words_of
from octavo.rag.query.analysis import STOP_WORDS

_CODE = re.compile(
    r"\b(?!\d+(?:st|nd|rd|th)\b)(?=\w*\d)(?=\w*[A-Za-z])[\w]+(?:-\w+)*\b|\b[A-Z]+(?:[-_][A-Z0-9]+)+\b|\b[A-Z]{1,4}-\d+\b"
)
_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:-\d+)+|(?<![\w.,-])\d[\d.,]*\d|(?<![\w.,-])\d\b")
_YEAR = re.compile(r"(?<![\w.,-])(?:19|20)\d\d(?!\w)")
_MONTHS = "January February March April May June July August September October November December"
_MONTH = re.compile(rf"\b(?:{'|'.join(_MONTHS.split())})\b")
_QUARTER = re.compile(r"Q([1-4])", re.I)
_ORDINALS = ("first", "second", "third", "fourth")
_INTERIM = ("three months ended", "weeks ended", "quarterly period")
"""Words by which a report says that it is about a quarter, whichever of the year it is."""
_MODEL = re.compile(r"\b(?P<name>[A-ZÀ-Þ][\w’'-]*[^\W\d_])\s+(?P<number>\d{1,3}[A-Z]?)(?![\w.,:%-]|\s*%)")
"""A name with a number that is part of it: Heron 2, Room 204."""
_STOP = frozenset(t for word in STOP_WORDS for t in words_of(word)) | {""}
_PARTS = frozenset(patterns.words("sections", "words_rest"))
ENOUGH_FOREIGN = 0.75
"""The share of a question's terms that must stand with a quote in another language."""
MISSING = 0.2
"""Things that stand nowhere count where they are at least this share of the question's terms but names."""
BALANCE = 3.0
"""The ratio of questions with an answer to those without, for people who ask of documents that they know: with
the default threshold of 0.8, a quote is given where its chance by balanced questions is .57."""
FEW_NUMBERS = 8
"""In a question of more terms, a number that stands nowhere may be part of how to answer it."""


@dataclass(frozen=True, slots=True)
class Found:
    """The coverage of a question's terms by the answer.

    `coverage` is the share, in [0, 1], in the passages and what belongs to them, `absent` are the demands that stand
    nowhere.
    """

    coverage: float
    absent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assessment:
    """The assessment of a reply before it is given: the `signs` and the `chance` that it answers, in [0, 1].

    `reason` says in a sentence why it is not given; it is empty where the reply is likely enough to answer. A plan that
    answers or refuses by itself leaves no signs, and a chance of 1 or 0.
    """

    chance: float
    reason: str = ""
    signs: Signs | None = None


def assess(material: Material, reply: Reply, threshold: float) -> Assessment:
    """Returns how likely a reply answers the question, and why it is not given where that is not enough."""
    if reply.reason:
        return Assessment(0.0, reply.reason)
    if reply.checked:
        return Assessment(1.0)
    support = [c for said in reply.said for c in said.support]
    if reply.one_document and support:
        support = [c for c in support if c.document == support[0].document]
    found, asked = check(material, support), material.wanted
    best = next(iter(material.ranked()), None)
    held = best.held if best else frozenset()
    signs = Signs(
        relevancy=material.evidence[0].score,
        coverage=best.coverage if best else 0.0,
        unnamed=len(asked.names - held) / max(1, len(asked.names)),
        absent=bool(found.absent),
        asked=len(asked.terms),
    )
    likely, least = chance(signs), relaxed(threshold)
    is_foreign = any(material.is_foreign(c.document) for c in support)
    says_too_little = is_foreign and found.coverage < ENOUGH_FOREIGN
    why = ""
    if likely < least or says_too_little:
        if found.absent:
            why = f"{_listed(found.absent)} stands nowhere near what was found"
        elif says_too_little:
            why = "what was found, in another language, says too little of what is asked"
        else:
            why = f"the chance that what was found answers it is {likely:.2f}, under {least:.2f}"
    return Assessment(likely, why and nothing(material, why), signs)


def relaxed(threshold: float) -> float:
    """Returns the chance of an answer that a quote needs: that with odds `BALANCE` times lower than the threshold's.

    >>> [round(relaxed(threshold), 2) for threshold in (0.5, 0.8, 0.99, 1.0)]
    [0.25, 0.57, 0.97, 1.0]
    """
    if threshold >= 1:
        return 1.0
    odds = threshold / (1 - threshold) / BALANCE
    return odds / (1 + odds)


def nothing(material: Material, why: str) -> str:
    """Returns a sentence for an answer that is not given: why, and which place comes nearest."""
    near = material.evidence[0]
    return (
        f"Nothing found that answers this: {why}. Looked at {len(material.evidence)} passages; "
        f"the nearest is {near.name}, page {near.page + 1}."
    )


def check(material: Material, support: Sequence[Candidate]) -> Found:
    """Looks for the question's terms and demands in passages, on their pages, in their documents."""
    asked = material.wanted
    if not support:
        return Found(0.0, ())
    places = {(c.document, c.page) for c in support}
    documents = {c.document for c in support}
    title = frozenset(
        words_of(
            " ".join({f"{c.evidence.title} {c.evidence.name}".replace("-", " ").replace("_", " ") for c in support})
        )
    )
    near = [c for c in material.candidates if (c.document, c.page) in places]
    same = [c for c in material.candidates if c.document in documents]
    own = set().union(*(asked.held(c.words, c.spans) for c in support))
    for c in support:
        for share, words, spans in c.around:
            if share > BESIDE:
                own |= asked.held(words, spans)
    own |= asked.names & _words(near)
    page = own | _held(asked, near) | asked.held(title)
    document = page | _held(asked, same)
    absent = [thing for thing, term in things(asked) if term not in document]
    if len(absent) < MISSING * sum(t.isalpha() and t not in asked.names for t in asked.terms):
        absent = []
    absent += [f"{word} {noun}" for word, noun in described(asked) if word not in document and _is_other(support, noun)]
    absent += [f"{word} {number}" for word, number in material.query.references if not _refers(same, word, number)]
    called = f" {' '.join(words_of(' '.join({f'{c.evidence.title} {c.evidence.name}' for c in support})))} "
    absent += [
        f"{name} {number}"
        for name, number in models(asked)
        if not _refers(same, name, number) and f" {' '.join(words_of(f'{name} {number}'))} " not in called
    ]
    absent += [unit.name for unit in asked.units if not any(unit.stands_in(_said(c)) for c in same)]
    of_items = document & {t for _, span in asked.items for t in span}
    for text, strict in demands(asked):
        terms = words_of(text)
        if not terms or (strict and _is_quarter_of(same, text)):
            continue
        inside = page if strict else of_items
        there = _words([*near, *support] if strict else same) | title
        if not all(t in inside or t in there or (t.isalpha() and any(is_slip(t, w) for w in there)) for t in terms):
            absent.append(text)
    count = max(1, len(asked.terms))
    return Found(len(own) / count, tuple(dict.fromkeys(absent)))


def demands(asked: Wanted) -> Iterable[tuple[str, bool]]:
    """Names, codes, numbers and periods of a question, and whether each must stand on the page itself.

    >>> from octavo.rag.answering.wanted import wanted
    >>> list(demands(wanted("What did the KX-350 cost in Japan in 2015?")))
    [('KX-350', True), ('2015', True), ('Japan', False)]
    """
    text = spaced(asked.text)
    taken: list[tuple[int, int]] = []
    numbers = _YEAR if len(asked.terms) > FEW_NUMBERS else _NUMBER
    for form in (_CODE, numbers, _MONTH):
        for match in form.finditer(text):
            if any(a < match.end() and match.start() < b for a, b in taken) or not _is_asked(asked, match[0]):
                continue
            taken.append(match.span())
            yield match[0], True
    shown = " ".join(text[a:b] for a, b in taken)
    units = " ".join(unit.name for unit in asked.units).split()
    for word in proper_names(text, asked.language):
        is_name = word.lower() not in asked.language.generic and word.lower() not in units
        if is_name and _is_asked(asked, word) and word not in shown:
            yield word, False


def models(asked: Wanted) -> Iterable[tuple[str, str]]:
    """Names with a number that is part of them; months are none.

    >>> from octavo.rag.answering.wanted import wanted
    >>> list(models(wanted("Is the Heron 2 lighter than on March 3 or in Room 204?")))
    [('Heron', '2'), ('Room', '204')]
    """
    for match in _MODEL.finditer(asked.text):
        name = match["name"]
        is_part = name.lower() in _PARTS or _MONTH.fullmatch(name) is not None
        if match.start() and _is_asked(asked, name) and not is_part:
            yield name, match["number"]


def _is_asked(asked: Wanted, word: str) -> bool:
    return not set(words_of(word)).isdisjoint(asked.terms)


def _is_other(support: Iterable[Candidate], noun: str) -> bool:
    """Returns whether all passages that say a noun say which one it is: "coal plant" is no nuclear plant."""
    spans = [["", *c.spans.split()] for c in support]
    before = [word for words in spans for word, following in pairwise(words) if following == noun]
    return bool(before) and all(word.isalpha() and word not in _STOP for word in before)


def _said(c: Candidate) -> str:
    return f"{c.passage.text} {c.passage.context}"


def _held(asked: Wanted, found: Iterable[Candidate]) -> set[str]:
    held = set[str]()
    for c in found:
        held |= asked.held(c.words, c.spans)
        for _, words, spans in c.around:
            held |= asked.held(words, spans)
    return held


def _words(found: Iterable[Candidate]) -> frozenset[str]:
    return frozenset().union(*(c.words.union(*(words for _, words, _ in c.around)) for c in found))


def _refers(found: Iterable[Candidate], word: str, number: str) -> bool:
    said = f" {' '.join(words_of(f'{word} {number}'))} "
    short = said.replace(" figur ", " fig ")
    return any(
        said in f" {c.spans} " or short in f" {c.spans} " or said in f" {s} " for c in found for _, _, s in c.around
    )


def _is_quarter_of(found: Iterable[Candidate], code: str) -> bool:
    """Returns whether a code is a quarter that passages name in words, or that a report on a quarter may be about."""
    quarter = _QUARTER.fullmatch(code)
    if quarter is None:
        return False
    forms = [f" {' '.join(words_of(form))} " for form in (f"{_ORDINALS[int(quarter[1]) - 1]} quarter", *_INTERIM)]
    return any(form in f" {text} " for c in found for text in (c.spans, *(s for *_, s in c.around)) for form in forms)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)
