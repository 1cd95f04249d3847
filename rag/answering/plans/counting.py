"""Counting: tables, figures, pages, items of lists and rows of tables."""

from __future__ import annotations

import re

from octavo.ingest import Kind
from octavo.rag.answering.candidates import ABOVE, BESIDE, SECTION, Candidate, candidates
from octavo.rag.answering.material import Material
from octavo.rag.answering.passages import passages
from octavo.rag.answering.patterns import pattern, words
from octavo.rag.answering.plans.base import Reply, Said
from octavo.rag.answering.wanted import words_of

_REGIONS = (
    (pattern("counting", "tables"), (Kind.TABLE,), "table"),
    (pattern("counting", "charts"), (Kind.CHART,), "chart"),
    (pattern("counting", "figures"), (Kind.FIGURE, Kind.CHART), "figure"),
)
_PLACE = frozenset(t for word in words("counting", "words_place") for t in words_of(word))
_ITEMS = pattern("counting", "items")
_ROWS = pattern("counting", "rows")


def regions(material: Material) -> Reply | None:
    """Answers by the number of tables, charts or figures of a page or document, with their boxes."""
    text = material.query.text
    asked = next(((kinds, name) for form, kinds, name in _REGIONS if form.search(text)), None)
    if asked is None or not material.documents:
        return None
    titles = frozenset(words_of(" ".join(f"{i.title} {i.name}".replace("-", " ") for i in material.about)))
    if any(t not in _PLACE and t not in titles and not t[0].isdigit() for t in material.wanted.terms):
        return None
    kinds, name = asked
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
    return Reply((Said(f"{count} {name}{'' if count == 1 else 's'} on {where}.", tuple(results)),), checked=True)


def items(material: Material) -> Reply | None:
    """Answers by the number of items in a list under a matching heading, or of matching table rows."""
    asked = _ITEMS.search(material.query.text)
    if asked is None or not material.documents:
        return None
    head = [t for t in words_of(asked[1]) if t in material.wanted.terms]
    if not head:
        return None
    for info in material.about[:1]:
        pool = material.page_candidates(info.id)
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
            return Reply((Said(f"{len(entries)}, under “{heading}”.", tuple(under)),), checked=True)
    return None


def rows(material: Material) -> Reply | None:
    """Answers by the number of matching rows of the one table about the counted noun."""
    asked = _ROWS.search(material.query.text)
    if asked is None:
        return None
    noun = [t for t in words_of(asked["noun"]) if t in material.wanted.terms]
    rest = set(material.wanted.terms) - set(noun)
    if not noun or material.wanted.units or any(_states_count(c, noun[-1]) for c in material.candidates):
        return None
    tables: dict[tuple[str, int, int], list[Candidate]] = {}
    for c in material.candidates:
        if c.passage.row is not None:
            tables.setdefault((c.document, c.page, c.passage.element), []).append(c)
    for item in tables.values():
        around = set[str]().union(*(material.wanted.held(w, s) for share, w, s in item[0].around if share > BESIDE))
        fitting = [c for c in item if rest - around <= material.wanted.held(c.words, c.spans)]
        heading = set[str]().union(*(w for share, w, _ in item[0].around if share in (ABOVE, SECTION)))
        named = set(noun) <= heading and not set(noun) & {t for c in item for t in _column_names(c)}
        labeled = set(noun) <= set(words_of(" ".join(_first_names(item[0]))))
        if fitting and (named or labeled) and (rest - around or named) and len(item) > 1:
            listed = ", ".join(c.passage.row.label for c in fitting if c.passage.row)
            return Reply((Said(f"{len(fitting)}: {listed}.", tuple(fitting)),), checked=True)
    return None


def _states_count(c: Candidate, noun: str) -> bool:
    """Returns whether a sentence has a number right before the noun."""
    return c.passage.row is None and re.search(rf"(?<!\S)\d+ (?:\w+ )?{re.escape(noun)}(?!\S)", c.spans) is not None


def _column_names(c: Candidate) -> tuple[str, ...]:
    row = c.passage.row
    return tuple(t for cell in row.values for t in words_of(" ".join(cell.names))) if row else ()


def _first_names(c: Candidate) -> tuple[str, ...]:
    row = c.passage.row
    return row.cells[0].names if row else ()
