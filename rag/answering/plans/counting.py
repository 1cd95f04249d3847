"""Counting: tables, charts and figures, and the items of lists."""

from __future__ import annotations

import re
from collections.abc import Sequence

from octavo.ingest import Kind
from octavo.ingest.model import HEADINGS
from octavo.rag.answering.candidates import Candidate, candidates
from octavo.rag.answering.material import Material
from octavo.rag.answering.passages import passages
from octavo.rag.answering.patterns import pattern, words
from octavo.rag.answering.plans.base import Paragraph, Reply
from octavo.rag.answering.question_analysis import analyze_question, terms_of_words, words_of
from octavo.rag.query.language import any_word

_REGIONS = (
    (pattern("counting", "tables"), (Kind.TABLE,), "table"),
    (pattern("counting", "charts"), (Kind.CHART,), "chart"),
    (pattern("counting", "figures"), (Kind.FIGURE, Kind.CHART), "figure"),
)
_PLACE = terms_of_words(words("counting", "words_place"))
_ITEMS = pattern("counting", "items")
_BRACKETS = re.compile(r"\s*\([^)]*\)")
FEWEST, WORDS = 3, 3
"""Names of a list in a sentence, and words of such a name at most."""


def regions(material: Material) -> Reply | None:
    """Answers by the number of tables, charts or figures of a page or document, with their boxes."""
    text = material.query.text
    match = next(((kinds, name) for form, kinds, name in _REGIONS if form.search(text)), None)
    if match is None or not material.documents:
        return None
    titles = frozenset(words_of(" ".join(f"{i.title} {i.name}".replace("-", " ") for i in material.about)))
    if any(t not in _PLACE and t not in titles and not t[0].isdigit() for t in material.analysis.terms):
        return None
    kinds, name = match
    info = material.about[0]
    pages = material.pages(info.id)
    numbers = material.page_numbers(len(pages))
    chosen = [page for page in pages if not numbers or page.number in numbers]
    results: list[Candidate] = []
    count = 0
    for page in chosen:
        for element in page.elements:
            if element.kind in kinds:
                count += 1
                whole = material.whole_page(info.id, page.number)
                own = [
                    c for c in candidates(whole, passages(whole, material.store)) if c.passage.element == element.index
                ]
                results += own[:1]
    where = f"page {', '.join(str(n + 1) for n in numbers)} of {info.name}" if numbers else info.name
    return Reply((Paragraph(f"{count} {name}{'' if count == 1 else 's'} on {where}.", tuple(results)),), checked=True)


def items(material: Material) -> Reply | None:
    """Answers by the number of items in a list under a matching heading, or of matching table rows."""
    match = _ITEMS.search(material.query.text)
    if match is None or not material.documents:
        return None
    head = [t for t in words_of(match[1]) if t in material.analysis.terms]
    if not head:
        return None
    for info in material.about[:1]:
        pool = material.page_candidates(info.id)
        titles = frozenset(words_of(f"{info.title} {info.name}".replace("-", " ")))
        others = [
            t for t in material.analysis.terms if t not in head and t not in material.analysis.matched_terms(titles)
        ]
        if any(t in material.analysis.names or t[0].isdigit() for t in others):
            return None
        if reply := _named_in_sentence(pool, head):
            return reply
        under = [
            c for c in pool if set(head) <= set(words_of(c.passage.section)) and c.passage.text != c.passage.section
        ]
        if (
            len(under) >= 2
            and len({c.passage.section for c in under}) == 1
            and all(c.passage.kind in (Kind.TEXT, Kind.LIST) for c in under)
        ):
            elements = list(dict.fromkeys((c.page, c.passage.element) for c in under))
            entries = elements if len(elements) > 1 else [(c.page, n) for n, c in enumerate(under)]
            heading = under[0].passage.section
            return Reply((Paragraph(f"{len(entries)}, under “{heading}”.", tuple(under)),), checked=True)
    return None


def _named_in_sentence(pool: Sequence[Candidate], noun: Sequence[str]) -> Reply | None:
    """Returns the number of names that one sentence under a heading of the noun lists: "Judo, chess and choir"."""
    mentions = []
    for c in pool:
        is_sentence = c.passage.row is None and c.passage.kind not in HEADINGS
        if is_sentence and _is_headed(c, noun):
            names = series(c.passage.text)
            mentions += [(names, c)] if len(names) >= FEWEST else []
    if len(mentions) != 1:
        return None
    names, c = mentions[0]
    return Reply((Paragraph(f"{len(names)}: {', '.join(names)}.", (c,)),), checked=True)


def _is_headed(c: Candidate, noun: Sequence[str]) -> bool:
    """Returns whether the heading above a passage, which is not the document's title, says a noun and no more."""
    section = c.passage.section
    section_terms = set(analyze_question(section).terms)
    return noun[-1] in section_terms <= set(noun) and words_of(section) != words_of(c.evidence.title)


def series(text: str) -> list[str]:
    """Returns the names that a sentence consists of, without what stands in brackets; nothing for other sentences.

    >>> series("Judo (Mon 17:00), Chess (Tue 18:30) and Choir (Fri 19:00)."), series("We swim, run and, at times, row.")
    (['Judo', 'Chess', 'Choir'], [])
    """
    joint = any_word(lambda language: language.pages.conjunctions)
    plain = _BRACKETS.sub("", text).strip(" .")
    head, *rest = re.split(rf"\s*,\s*(?:{joint}\s+)?|\s+{joint}\s+", plain)
    names = [name.strip() for name in (head, *rest)]
    is_list = all(name[:1].isupper() and len(name.split()) <= WORDS for name in names)
    return names if is_list and len(set(names)) == len(names) else []
