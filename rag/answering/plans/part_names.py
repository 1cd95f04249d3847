"""What the parts of a document that it numbers, such as units, are called and how many there are; titles of pages."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise

from octavo.ingest.model import HEADINGS
from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern, words
from octavo.rag.answering.plans.base import Paragraph, Reply
from octavo.rag.answering.question_analysis import terms_of_words, words_of, words_of_names

_TITLE = pattern("part_names", "title")
_NAME = pattern("part_names", "name")
_COUNT = pattern("part_names", "count")
_OWN = terms_of_words(words("part_names", "words_own"))
_LABEL = re.compile(r"(?P<noun>[^\W\d_]{3,})\s+(?P<number>\d{1,2}|[IVX]{1,5}|[A-Z])(?![\w.,]\w)\s*(?P<name>.*)", re.S)
_NUMBER = re.compile(r"(?<!\w)(?:\d{1,2}|[IVX]{1,5}|[A-Z])(?!\w)")
_ITEMS = re.compile(r"\s+[•▪●◦‣■]\s.*", re.S)
_ROMAN = {"I": 1, "V": 5, "X": 10}
_NAMED = re.compile(r"[:.–—-]\s*[^\W\d_]")
FEWEST = 2
"""Parts that are counted at least."""
LABEL_WORDS = 15
"""Words at most of a line of plain text that names a part."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A heading or a line that begins with a noun and a number, such as `UNIT 3: Trade`, and what stands behind it."""

    number: str
    name: str
    candidate: Candidate


def part_names(material: Material) -> Reply | None:
    """Returns the title of a named page, what numbered parts are called, or how many parts a document numbers."""
    text = material.query.text
    title, name, count = (form.search(text) for form in (_TITLE, _NAME, _COUNT))
    if not (title or name or count) or not material.about:
        return None
    if title:
        return _title_of_page(material)
    if name:
        return _names(material, name["parts"])
    return _count(material, count["noun"]) if count else None


def _title_of_page(material: Material) -> Reply | None:
    """Returns the first heading of each page that the question names, if it names no more than pages."""
    document = material.about[0]
    numbers = [n for n in material.page_numbers(document.pages) if 0 <= n < document.pages]
    if not numbers or _other_terms(material, {str(n + 1) for n in numbers}):
        return None
    on_pages = [[c for c in material.page_candidates(document.id, [n]) if c.passage.kind in HEADINGS] for n in numbers]
    if not all(on_pages):
        return None
    return Reply(tuple(_quote(headings[0]) for headings in on_pages), checked=True)


def _names(material: Material, text: str) -> Reply | None:
    """Returns the headings of the parts that a text names by their numbers: "Unit 1 and Unit 2", "units 1 and 2".

    What else the question says, such as the part that they belong to, must stand on their pages.
    """
    noun = text.split()[0]
    named = [part for part in _parts(material, noun) if _NAMED.match(part.name)]
    of_number = {part.number: part.candidate for part in reversed(named)}
    results = [of_number[number] for number in _NUMBER.findall(text[len(noun) :]) if number in of_number]
    if not results or len(results) < len(_NUMBER.findall(text[len(noun) :])):
        return None
    on_pages = material.page_candidates(results[0].document, {c.page for c in results})
    if _other_terms(material, {*words_of(text)}.union(*(c.words for c in on_pages))):
        return None
    return Reply(tuple(map(_quote, results)), checked=True)


def _count(material: Material, noun: str) -> Reply | None:
    """Returns how many parts are numbered without a gap, with their headings or their lines of the contents."""
    if _other_terms(material, words_of(noun)):
        return None
    parts = {_value(part.number): part for part in reversed(list(_parts(material, noun)))}
    if len(parts) < FEWEST or set(parts) != set(range(1, len(parts) + 1)):
        return None
    ordered = [parts[n] for n in sorted(parts)]
    text = f"{len(ordered)}: {'; '.join(_heading(part.candidate) for part in ordered)}."
    return Reply((Paragraph(text, tuple(part.candidate for part in ordered)),), checked=True)


def _parts(material: Material, noun: str) -> Iterator[_Part]:
    """Yields the parts of the document that the question is about which are called by a noun, in their order."""
    terms = set(words_of(noun))
    for c in material.page_candidates(material.about[0].id):
        match = _LABEL.match(c.passage.text.strip())
        if match and terms & material.analysis.matched_in(match["noun"]) and _is_label(c, match["name"]):
            yield _Part(match["number"].upper(), match["name"], c)


def _is_label(c: Candidate, name: str) -> bool:
    """Returns whether a passage is a heading, a row or a short line, and no sentence: "Unit 3 takes two weeks."."""
    passage = c.passage
    is_line = len(passage.text.split()) <= LABEL_WORDS and not passage.text.rstrip().endswith((".", "!", "?"))
    return passage.kind in HEADINGS or (is_line and (not name or _NAMED.match(name) is not None))


def _heading(c: Candidate) -> str:
    """Returns a heading without the list that follows it."""
    return _ITEMS.sub("", c.passage.text)


def _quote(c: Candidate) -> Paragraph:
    return Paragraph(f"“{_heading(c)}”", (c,))


def _value(number: str) -> int:
    """Returns the place of a part in its series, from 1.

    >>> [_value(number) for number in ("12", "IV", "C")]
    [12, 4, 3]
    """
    if number.isdigit():
        return int(number)
    if set(number) <= _ROMAN.keys():
        values = [_ROMAN[letter] for letter in number]
        return sum(-a if a < b else a for a, b in pairwise([*values, 0]))
    return ord(number) - ord("A") + 1


def _other_terms(material: Material, explained: Collection[str]) -> set[str]:
    """Returns the terms of a question that are no words for parts and documents, nor in a document's title."""
    titles = words_of_names(*(f"{info.title} {info.name}" for info in material.about))
    return set(material.analysis.terms) - _OWN - titles - set(explained)
