"""MMDocIR's own candidate regions in place of the elements that reading finds, so that layout recall compares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from octavo.eval.datasets import Dataset, DatasetError, Layout, mmdocir_layouts
from octavo.ingest import Document, Element, Kind, Page
from octavo.rag import Pipeline

FILE = "MMDocIR_layouts.parquet"
"""The file of a data set that holds its candidate regions."""

_KINDS = {"table": Kind.TABLE, "image": Kind.FIGURE, "figure": Kind.FIGURE, "title": Kind.SECTION_HEADER}
_KINDS |= {"equation": Kind.FORMULA, "interline_equation": Kind.FORMULA}


class Layouts(StrEnum):
    """The ranked regions: the elements that Octavo reads, or the candidates that MMDocIR publishes."""

    OWN = "own"
    MMDOCIR = "mmdocir"


def with_published_layouts(document: Document, layouts: Mapping[int, list[Layout]]) -> Document:
    """Returns a document whose elements are published regions; `layouts` are theirs by 0-based page.

    Pages keep their text; a region without text is ranked by its kind and its page alone.
    """

    def page(original: Page) -> Page:
        regions = layouts.get(original.number, [])
        return replace(
            original,
            elements=tuple(
                Element(index, _KINDS.get(layout.kind, Kind.TEXT), layout.region.box, layout.text)
                for index, layout in enumerate(regions)
            ),
        )

    return replace(document, pages=tuple(page(p) for p in document.pages), chunks=())


def put_published_layouts(pipeline: Pipeline, dataset: Dataset, ids: Mapping[str, str]) -> None:
    """Puts the published regions of a data set into its library, in place of the elements of each document.

    `ids` are document ids by path in the data set. Raises `DatasetError` where the data set has no `FILE`, or where the
    file has no region of a document.
    """
    path = dataset.folder / FILE
    if not path.is_file():
        raise DatasetError(f"{dataset.folder} has no {FILE}, so its own regions cannot be ranked.")
    layouts: dict[str, dict[int, list[Layout]]] = defaultdict(lambda: defaultdict(list))
    for layout in mmdocir_layouts(dataset.folder):
        layouts[Path(layout.doc).stem][layout.region.page].append(layout)
    for doc, identity in ids.items():
        if Path(doc).stem not in layouts:
            raise DatasetError(f"{path} has no region of {doc}.")
        document = with_published_layouts(pipeline.library.document(identity), layouts[Path(doc).stem])
        pipeline.index.add(document, document.path, replace=True)
