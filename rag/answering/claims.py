"""Claims of a model are checked: their numbers and names are looked up in the evidence that they cite."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from octavo.rag.answering.passages import passages, split_sentences
from octavo.rag.evidence import Evidence, Unsupported
from octavo.rag.image_source import PageStore

_MARKS = re.compile(r"(?:\s*\[\d+\])+")
_MARK = re.compile(r"\[(\d+)\]")
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,'\u00a0\u202f]\d+)*(?!\w)|(?<![\w.,])\d+(?:[.,]\d+)*(?=[%€$£])")
_ANY_NUMBER = re.compile(r"\d+(?:[.,'\u00a0\u202f]\d+)*")
_LISTED = re.compile(r"\s*\d{1,2}[.)]\s")
_NAME = re.compile(
    r"(?<=[^\W_] |[,;:(„“\"] )[A-Z][\w&’'-]*[^\W_](?:[ -][A-Z][\w&’'-]*[^\W_])+|\b[A-Z]{2,}\d*\b|\b[A-Z]+\d+\b"
)
_SCALES = (1e3, 1e6, 1e9, 1e-3, 1e-6, 1e-9, 100.0, 0.01)


@dataclass(frozen=True, slots=True)
class CheckedClaims:
    """An answer's text with citations where its numbers stand, and what stands nowhere in the evidence.

    `moved` are the citations that were moved or added, in words.
    """

    text: str
    unsupported: tuple[Unsupported, ...] = ()
    moved: tuple[str, ...] = ()


def check_claims(text: str, question: str, evidence: Sequence[Evidence], pages: PageStore) -> CheckedClaims:
    """Looks up each sentence's numbers and names in what it cites.

    A number that stands in other evidence than is cited takes the citation there; where the cited evidence holds
    another number of the sentence, a citation is added. A number that equals one of the evidence after rounding or a
    change of scale counts as found, and so does what the question says.
    """
    held = [_Held.of(_words(e, pages)) for e in evidence]
    asked = _Held.of(question)
    out: list[str] = []
    length = 0
    moved: list[str] = []
    unsupported: list[Unsupported] = []
    for claim in _claims(text):
        cited = {int(n) - 1 for n in _MARK.findall(claim)}
        numbers = [m[0] for m, is_name in _claimed(claim) if not is_name and not asked.number(m[0])]
        changed, told = _moved(claim, cited, numbers, held)
        moved += told
        for match, is_name in _claimed(changed):
            if not any(h.name(match[0]) if is_name else h.number(match[0]) for h in (asked, *held)):
                unsupported.append(Unsupported(length + match.start(), length + match.end(), match[0]))
        out.append(changed)
        length += len(changed)
    return CheckedClaims("".join(out), tuple(unsupported), tuple(dict.fromkeys(moved)))


@dataclass(frozen=True, slots=True)
class _Held:
    """The numbers and the words of a text."""

    values: tuple[float, ...]
    words: frozenset[str]

    @classmethod
    def of(cls, text: str) -> _Held:
        values = {value for found in _ANY_NUMBER.findall(text) for value in _values(found)}
        return cls(tuple(sorted(values)), frozenset(re.findall(r"\w+", text.casefold())))

    def number(self, text: str) -> bool:
        """Whether a number stands there, as it is, rounded, or in another scale."""
        return any(self._holds(value, _precision(text, value)) for value in _values(text))

    def _holds(self, value: float, precision: float) -> bool:
        if self._near(value, 1e-9 * max(1.0, value)):
            return True
        if len(re.sub(r"\D", "", f"{value:g}").strip("0")) < 2:
            return False
        return any(self._near(value / scale, precision / scale) for scale in (1.0, *_SCALES))

    def _near(self, value: float, within: float) -> bool:
        at = bisect_left(self.values, value - within)
        return at < len(self.values) and self.values[at] <= value + within

    def name(self, text: str) -> bool:
        """Whether a word of a name stands there."""
        parts = [p for p in re.findall(r"\w+", text.casefold()) if len(p) > 2] or [text.casefold()]
        return any(part in self.words for part in parts)


def _values(text: str) -> set[float]:
    """What a number may mean: a comma or a full stop parts thousands in some languages, decimals in others.

    >>> sorted(_values("1,577")), _values("1,284.6"), _values("1.284,6")
    ([1.577, 1577.0], {1284.6}, {1284.6})
    """
    plain = re.sub(r"['\u00a0\u202f]", "", text)
    marks = re.findall(r"[.,]", plain)
    if not marks:
        return {float(plain[:300])}
    whole, _, places = plain.replace(",", ".").rpartition(".")
    decimal = float(f"{whole.replace('.', '')}.{places}"[:300])
    grouped = bool(re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", plain)) and len(set(marks)) == 1
    if not grouped:
        return {decimal}
    thousands = float(re.sub(r"[.,]", "", plain)[:300])
    return {thousands} if len(marks) > 1 else {thousands, decimal}


def _precision(text: str, value: float) -> float:
    """Half of the last place of a number as it is written."""
    digits = re.sub(r"\D", "", text)
    whole = len(f"{int(value)}") if value >= 1 else 1
    return 0.5 * 10.0 ** -max(0, len(digits) - whole)


def _words(evidence: Evidence, pages: PageStore) -> str:
    held = passages(evidence, pages)
    lines = [line for p in held for line in (p.raw, p.context, p.header.text if p.header else "")]
    pages_named = " ".join(f"{region.page + 1}" for region in evidence.regions)
    return "\n".join(
        [pages_named, evidence.name, evidence.title, evidence.heading, evidence.text, *dict.fromkeys(lines)]
    )


def _claims(text: str) -> Iterator[str]:
    """The claims of a text, with all between them; citations after a full stop go with the sentence before."""
    for line in text.splitlines(keepends=True):
        cuts = [0]
        for sentence in split_sentences(line)[1:]:
            at = line.index(sentence, cuts[-1])
            marks = _MARKS.match(line, at)
            cuts.append(marks.end() if marks else at)
        cuts.append(len(line))
        for a, b in pairwise(cuts):
            yield from _parts(line[a:b])


def _parts(sentence: str) -> Iterator[str]:
    """A sentence in parts that end with their citations; words after the last ones go with them."""
    begin, ends = 0, [mark.end() for mark in _MARKS.finditer(sentence)]
    for end in ends[:-1]:
        if re.search(r"\w", _MARK.sub("", sentence[begin:end])):
            yield sentence[begin:end]
            begin = end
    if sentence[begin:]:
        yield sentence[begin:]


def _claimed(claim: str) -> Iterator[tuple[re.Match[str], bool]]:
    """The numbers and the names of a claim, each with whether it is a name."""
    marks = [m.span() for m in _MARK.finditer(claim)]
    listed = _LISTED.match(claim)
    begin = listed.end() if listed else 0
    for pattern, is_name in ((_NUMBER, False), (_NAME, True)):
        for match in pattern.finditer(claim, begin):
            if not any(a < match.end() and match.start() < b for a, b in marks):
                yield match, is_name


def _moved(claim: str, cited: set[int], numbers: Sequence[str], held: Sequence[_Held]) -> tuple[str, list[str]]:
    """The claim with its citations where its numbers stand, and what was moved."""
    if not cited or not numbers:
        return claim, []
    here = [n for n in numbers if any(held[e].number(n) for e in cited)]
    away = [n for n in numbers if n not in here]
    for e, other in enumerate(held):
        if not away or not all(other.number(n) for n in away):
            continue
        quoted = ", ".join(f"“{n}”" for n in dict.fromkeys(away))
        if not here and len(cited) == 1:
            (old,) = cited
            return claim.replace(f"[{old + 1}]", f"[{e + 1}]"), [f"[{old + 1}] became [{e + 1}], where {quoted} stands"]
        last = [*_MARK.finditer(claim)][-1].end()
        return f"{claim[:last]}[{e + 1}]{claim[last:]}", [f"[{e + 1}] was added, where {quoted} stands"]
    return claim, []
