"""Pictures of the pages that a run's questions, evidence and citations stand on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from octavo.eval.reports import svg
from octavo.eval.runs.rows import Row
from octavo.eval.runs.summary import RunTable
from octavo.ingest.imaging import encode
from octavo.ingest.store.library import Library
from octavo.rag.images import data_url

SIDE = 640
"""Longest side of a page's picture, pixels."""
Mark = tuple[tuple[float, ...], str]


@dataclass(slots=True)
class Pages:
    """Each page once, as a `data:` URL by its id; what a question has to show is boxes over those.

    Without `pictures` there are none. Use it as a context manager: it holds libraries open.
    """

    pictures: bool = True
    urls: dict[str, str] = field(default_factory=dict)
    _open: dict[Path, Library] = field(default_factory=dict)
    _sizes: dict[str, tuple[float, float]] = field(default_factory=dict)
    _gold: dict[tuple[Path, str], str] = field(default_factory=dict)

    def __enter__(self) -> Pages:
        return self

    def __exit__(self, *_: object) -> None:
        for library in self._open.values():
            library.close()

    def of(self, table: RunTable, row: Row) -> list[dict[str, Any]]:
        """Returns the pages of a question with their boxes: gold, evidence and citations.

        There are none where the library is gone.
        """
        path = Path(table.manifest["libraries"][f"{table.data}/{table.system}"])
        if not self.pictures or not (path / "library.sqlite").is_file():
            return []
        library = self._library(path)
        marks: dict[tuple[str, int], list[Mark]] = {}
        gold = self._gold_document(path, row["doc"])
        for document, page, box, kind in _marks(row, gold):
            marks.setdefault((document, page), []).extend([(box, kind)] if box else [])
        ordered = sorted(marks.items(), key=_first_evidence(row))
        return [
            self._page(library, *place, item) | {"gold": place[0] == gold and place[1] in row["gold_pages"]}
            for place, item in ordered
            if library.page(*place).image
        ]

    def _library(self, path: Path) -> Library:
        if path not in self._open:
            self._open[path] = Library(path, create=False)
        return self._open[path]

    def _gold_document(self, path: Path, doc: str) -> str:
        """Returns the id of a question's document, by its path or else by its name; empty where there is none."""
        if (path, doc) not in self._gold:
            files = ((file, info.id) for info in self._library(path).documents() for file in info.paths)
            matches = [
                (file.endswith(f"/{doc}"), identity) for file, identity in files if Path(file).name == Path(doc).name
            ]
            self._gold[path, doc] = max(matches, default=(False, ""))[1]
        return self._gold[path, doc]

    def _page(self, library: Library, document: str, number: int, marks: list[Mark]) -> dict[str, Any]:
        key = f"{document[:12]}/p{number}"
        if key not in self.urls:
            page = library.page(document, number)
            image = library.screenshot(document, number)
            self.urls[key] = data_url(encode(image, "WEBP", 45, side=SIDE), "image/webp")
            self._sizes[key] = (page.width, page.height)
        name = library.info(document).name
        labels = {"document": name, "page": number, "name": f"{name}, page {number + 1}"}
        return labels | {"key": key, "boxes": svg.boxes(*self._sizes[key], marks)}


def _marks(row: Row, gold: str) -> Iterator[tuple[str, int, tuple[float, ...], str]]:
    if gold:
        yield from ((gold, page, (), "gold") for page in row["gold_pages"])
        yield from ((gold, int(page), tuple(box), "gold") for page, *box in row["gold_layouts"])
    for e in row["evidence"]:
        yield from ((e["document"], int(page), tuple(box), "evidence") for page, *box in e["regions"])
    for c in row["citations"]:
        yield from ((c["document"], c["page"], tuple(box), "cited") for box in c["boxes"])


def _first_evidence(row: Row) -> Any:
    """Returns pages in the order of the evidence on them, then the others."""
    places: Iterable[tuple[str, int]] = ((e["document"], int(r[0])) for e in row["evidence"] for r in e["regions"])
    order = {place: n for n, place in reversed(list(enumerate(places)))}
    return lambda item: order.get(item[0], len(order) + item[0][1] + 1)
