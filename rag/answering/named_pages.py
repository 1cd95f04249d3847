"""Pages of the evidence that a question names: "on page 5", "on slide two", "on the last page"."""

from __future__ import annotations

from collections.abc import Iterable

from octavo.ingest.store.documents import DocumentInfo
from octavo.rag.evidence import Evidence
from octavo.rag.image_source import PageStore
from octavo.rag.query.page_references import pages

SEPARATOR = "–"
"""What stands between the numbers of a spread that is printed `14–15`."""


def named_pages(
    text: str, evidence: Iterable[Evidence], store: PageStore, documents: Iterable[DocumentInfo]
) -> frozenset[tuple[str, int]]:
    """Returns the documents and pages, from 0, that a text names by their count from 1 or by what is printed on them.

    `documents` say how many pages they have, by which the last one is known.
    """
    named = pages(text)
    if not named:
        return frozenset()
    counts = {info.id: info.pages for info in documents}
    printed = {str(n) for n in named}
    results = set()
    places = {(e.document, number) for e in evidence for number in (e.page, *(region.page for region in e.regions))}
    for document, number in places:
        page = store.page(document, number)
        ordinals = {number + 1, number - counts[document]} if document in counts else {number + 1}
        is_printed = page is not None and not printed.isdisjoint(page.label.split(SEPARATOR))
        if is_printed or not ordinals.isdisjoint(n for n in named if isinstance(n, int)):
            results.add((document, number))
    return frozenset(results)
