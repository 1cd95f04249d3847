"""Lists: all the items under the heading, or after the sentence, that names what is asked for."""

from __future__ import annotations

import re
from functools import partial
from itertools import takewhile

from octavo.ingest import Kind
from octavo.ingest.model import HEADINGS
from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern, words
from octavo.rag.answering.plans.base import Paragraph, Reply, quote
from octavo.rag.answering.question_analysis import terms_of_words, words_of

ENOUGH = 0.6
MOST = 25
_CUE = pattern("lists", "cue")
_STEPS = pattern("lists", "steps")
_ORDINAL = pattern("lists", "ordinal")
_ORDINALS = words("lists", "words_ordinals")
_INTRO = re.compile(r":\s+(?:[•▪●◦*–-]|\(?1[.)])\s")
"""A sentence that announces a list, with its first item."""
_NUMBERED = re.compile(r"\(?1[.)]\s")
_NUMBERED_ITEM = re.compile(r"\(?\d{1,2}[.)]\s")
MOSTLY = 0.75
"""The share of what stands under a heading that is a list's items."""
_MARK = re.compile(r"^[•▪●◦‣■□➢✓·*–—-]+\s*|\s+[-–•]$|^\(?\d{1,2}[.)]\s+")
_BULLET = re.compile(r"[•▪●◦‣■□➢✓·]\s")
_ITEM = re.compile(r"^(?:[•▪●◦‣■□➢✓·*–—-]\s|\(?\d{1,2}[.)]\s|\(?[a-z]\)\s|[A-ZÀ-Þ][^.:]{1,40}:\s)")


def lists(material: Material) -> Reply | None:
    """Returns a whole list; `None` where no heading or sentence above a list says most of what is asked."""
    ordinal = _ORDINAL.search(material.query.text)
    if not _CUE.search(material.query.text) and not ordinal:
        return None
    analysis, in_steps = material.analysis, bool(_STEPS.search(material.query.text))
    named = terms_of_words(analysis.language.document.parts)  # a heading that says no more announces no list
    named |= analysis.names if analysis.names < set(analysis.terms) - named else frozenset()
    pool = material.candidates
    best: tuple[float, list[Candidate]] = (0.0, [])
    for n, c in enumerate(pool):
        following = [p for p in pool[n + 1 :] if p.document == c.document and 0 <= p.page - c.page <= 1]
        if _is_heading(c):
            section = c.passage.section
            under = takewhile(partial(_is_below, section), following)
            items = _items_under([p for p in under if not _is_mark(p)], in_steps=in_steps)
        elif c.passage.text.rstrip().endswith(":"):
            items = list(takewhile(_is_item, following)) or _announced_headings(material, c)
        else:
            continue
        if len(items) < 2:
            continue
        own = analysis.matched_terms(c.words, c.spans)
        title = set[str]().union(
            *(analysis.matched_terms(words, spans) for share, words, spans in c.around if share > 0.3)
        )
        inside = set[str]().union(*(analysis.matched_terms(i.words, i.spans) for i in items))
        if own <= named and not (ordinal and title and _NUMBERED.match(items[0].passage.text)):
            continue
        if ordinal:
            own |= set(words_of(ordinal[0])).intersection(analysis.terms)
        fit = (len(own) + 0.7 * len(title - own) + 0.5 * len(inside - own - title)) / max(1, len(analysis.terms))
        if fit > best[0]:
            best = fit, [c, *items]
    if best[0] < ENOUGH:
        return None
    head, *items = best[1]
    if ordinal:
        number = _number(next(filter(None, ordinal.groups())))
        if not 0 < number <= len(items):
            return None
        return Reply((quote(items[number - 1]),), checked=True)
    lines = [f"- {_clean(c.passage.text)}" for c in items[:MOST]]
    return Reply((Paragraph("\n".join([f"{head.passage.text.rstrip(':')}:", *lines]), (head, *items[:MOST])),))


def _announced_headings(material: Material, announcement: Candidate) -> list[Candidate]:
    """Returns the headings of one kind after a sentence that announces them, on its page and in its order."""
    if not material.library:
        return []
    element = announcement.passage.element
    on_page = material.page_candidates(announcement.document, [announcement.page])
    after = [p for p in on_page if p.passage.element > element]
    if not after or not _is_heading(after[0]):
        return []
    return [p for p in after if p.passage.kind is after[0].passage.kind and _is_heading(p)]


def _items_under(entries: list[Candidate], *, in_steps: bool) -> list[Candidate]:
    """Returns the items among what stands under a heading: steps or the others where both stand there, as is asked for.

    Only the first of it where less than `MOSTLY` is items, but for the sentence that announces them.
    """
    intro = [p for p in entries[:1] if not _is_item(p) or _INTRO.search(p.passage.text)]
    entries = entries[len(intro) if len(entries) > 2 else 0 :]
    items = [p for p in entries if _is_item(p)]
    if len(items) < MOSTLY * len(entries):
        items = list(takewhile(_is_item, entries))
    steps = [p for p in items if _NUMBERED_ITEM.match(p.passage.text)]
    others = [p for p in items if p not in steps]
    return (steps if in_steps else others) if len(steps) > 1 and len(others) > 1 else items


def _number(ordinal: str) -> int:
    digits = re.match(r"\d+", ordinal)
    return int(digits[0]) if digits else _ORDINALS.index(ordinal.lower()) + 1


def _is_below(section: str, c: Candidate) -> bool:
    return not _is_heading(c) and (c.passage.section in (section, "") or bool(_BULLET.match(c.passage.section)))


def _is_heading(c: Candidate) -> bool:
    """Returns whether a passage is a heading, and no item of a list that was taken for one."""
    return c.passage.kind in HEADINGS and not _BULLET.match(c.passage.text)


def _is_mark(c: Candidate) -> bool:
    return not words_of(c.passage.text)


def _is_item(c: Candidate) -> bool:
    if c.passage.row is not None or _is_heading(c):
        return False
    return c.passage.kind is Kind.LIST or bool(_ITEM.match(c.passage.text))


def _clean(text: str) -> str:
    return _MARK.sub("", _MARK.sub("", text.strip())).strip()
