"""Counting: tables, charts and figures, and the items of lists."""

from __future__ import annotations

from octavo.ingest import Kind
from octavo.rag.answering.candidates import Candidate, candidates
from octavo.rag.answering.material import Material
from octavo.rag.answering.passages import passages
from octavo.rag.answering.patterns import pattern, words
from octavo.rag.answering.plans.base import Paragraph, Reply
from octavo.rag.answering.question_analysis import terms_of_words, words_of

_REGIONS = (
    (pattern("counting", "tables"), (Kind.TABLE,), "table"),
    (pattern("counting", "charts"), (Kind.CHART,), "chart"),
    (pattern("counting", "figures"), (Kind.FIGURE, Kind.CHART), "figure"),
)
_PLACE = terms_of_words(words("counting", "words_place"))
_ITEMS = pattern("counting", "items")


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
    numbers = [n - 1 if n > 0 else len(pages) + n for n in material.query.pages if isinstance(n, int)]
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
