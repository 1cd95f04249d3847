"""Citations `[n]` in a text that is still being written: checked, in one form, and turned into places."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..analyze import terms
from ..evidence import Citation, Evidence
from .base import Pages
from .lines import Passage, passages, split_sentences

_WORD = r"(?:evidence|source|ref|page)?\s*"
_TOKEN = re.compile(rf"( ?)[\[【]\s*{_WORD}(\d+(?:\s*(?:[-–,;]|and)\s*{_WORD}\d+)*)\s*[\]】]", re.I)
_OPEN = re.compile(r" ?[\[【][\s\w,;–-]{0,60}\Z")
_RANGE = re.compile(r"(\d+)\s*[-–]\s*(\d+)")
_MAX_RANGE = 20


class CitationFilter:
    """Lets text through and citations of evidence 1 to `count` with it; an invented number never comes out.

    Text is held back only while it may still become a citation, so that any cutting of a text into pieces gives the
    same whole.

    >>> check = CitationFilter(2)
    >>> check.feed("It grew [") + check.feed("1, 2][7]. [s") + check.feed("ic]") + check.close()
    'It grew [1][2]. [sic]'
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._held = ""
        self.invented = 0

    def feed(self, piece: str) -> str:
        """Takes the next piece; gives what is certain by now."""
        text = self._held + piece
        cut = _undecided(text)
        self._held = text[cut:]
        return _TOKEN.sub(self._checked, text[:cut])

    def close(self) -> str:
        """What was held back when the text ended."""
        rest, self._held = self._held, ""
        return _TOKEN.sub(self._checked, rest)

    def _checked(self, match: re.Match[str]) -> str:
        numbers = _numbers(match[2])
        valid = [n for n in numbers if 1 <= n <= self._count]
        self.invented += len(numbers) - len(valid)
        return match[1] + "".join(f"[{n}]" for n in valid) if valid else ""


def _undecided(text: str) -> int:
    """Where the part of a text begins that may still become a citation; its length when there is none."""
    if opened := _OPEN.search(text):
        return opened.start()
    return len(text) - 1 if text.endswith(" ") else len(text)


def _numbers(listed: str) -> list[int]:
    """`1, 3-5` as numbers; a range that is too long to be meant counts as its two ends."""
    found: list[int] = []
    for part in re.split(r"[,;]|\band\b", listed, flags=re.I):
        if (span := _RANGE.search(part)) and 0 <= int(span[2]) - int(span[1]) <= _MAX_RANGE:
            found += range(int(span[1]), int(span[2]) + 1)
        else:
            found += [int(number) for number in re.findall(r"\d+", part)]
    return list(dict.fromkeys(found))


def cited(text: str, evidence: Sequence[Evidence], pages: Pages) -> tuple[Citation, ...]:
    """The citations of a checked text, each with the boxes of what fits the sentence that it stands behind best."""
    claims: dict[int, list[str]] = {}
    last = 0
    claim = ""
    for match in re.finditer(r"(?:\[\d+\])+", text):
        between = re.sub(r"^[\s.,;:]+", "", text[last : match.start()])
        claim = (split_sentences(between) or [claim])[-1] if between.strip() else claim
        for number in re.findall(r"\d+", match[0]):
            claims.setdefault(int(number), []).append(claim)
        last = match.end()
    return tuple(_citation(n, evidence[n - 1], " ".join(said), pages) for n, said in sorted(claims.items()))


def _citation(number: int, evidence: Evidence, claim: str, pages: Pages) -> Citation:
    wanted = set(terms(claim, stop_words=False))
    found = passages(evidence, pages)
    best = max(found, key=lambda p: _overlap(wanted, p), default=None)
    if best is None or not _overlap(wanted, best):
        regions = [region for region in evidence.regions if region.page == evidence.page] or evidence.regions
        best = Passage(evidence.text[:300], regions[0].page, tuple(region.box for region in regions))
    return Citation(
        number=number,
        document=evidence.document,
        name=evidence.name,
        page=best.page,
        boxes=best.boxes,
        quote=best.text,
        evidence=evidence.id,
    )


def _overlap(wanted: set[str], passage: Passage) -> float:
    said = set(terms(f"{passage.header} {passage.text}", stop_words=False))
    return sum(1.0 + any(c.isdigit() for c in t) for t in wanted & said) / (1 + len(said)) ** 0.25
