"""Copies that are made of a library's own pages, and how many of them are found: precision, recall and F1 of pairs.

Each page comes again scaled down and compressed (read by OCR), typeset again in another type and shape, and the same
with one number changed, which is no copy. A figure comes again on a page of its own.
"""

from __future__ import annotations

import html
import io
import random
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from pathlib import Path

import pymupdf
from PIL import Image

from octavo.ingest.model import FIGURES, Page
from octavo.rag import Level, Pipeline
from octavo.rag.entry import EVERYWHERE, Entry, EntryId
from octavo.rag.index import Index
from octavo.rag.index.copies import FITTED_THRESHOLDS, Looks, Thresholds, copy_features, group
from octavo.rag.index.store import entries

PAGES = 30
"""Pages, and figures, of which copies are made."""
LEAST_WORDS = 20
SCALE, QUALITY = 0.7, 50
"""The sides of a page that is scaled down, and the quality of its JPEG."""
GRID = ((0.8, 0.9, 0.95), (0.4, 0.5, 0.6), (0.6, 0.7, 0.8), (0.8, 0.85, 0.9), (0.85,))
"""The thresholds that are tried, in the order of `Thresholds`."""
_NUMBER = re.compile(r"(?<![\w.,/-])\d+(?![\w.,/-])")


@dataclass(frozen=True, slots=True)
class Count:
    """Pairs that are copies and found, found and none, and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)

    def __str__(self) -> str:
        precision = self.right / max(1, self.right + self.wrong)
        recall = self.right / max(1, self.right + self.missed)
        return f"precision {precision:.3f}, recall {recall:.3f}, F1 {self.f1:.3f} ({self.missed} of pairs missed)"


def report(library: Path, seed: int = 0) -> str:
    """Returns the figures of the thresholds in use on copies made of a library, and the best of others there."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "library"
        shutil.copytree(library, home)
        with Pipeline(home) as pipeline:
            chosen, figures = _choose_sources(pipeline, random.Random(seed))  # noqa: S311 - not for secrets
            copies = [*_make(pipeline, Path(folder), chosen, figures)]
            results = {Path(str(r.path)).stem: r.document for r in pipeline.ingest(*copies)}
            pages, of_figures = _features(pipeline.index, chosen, figures, results)
            lines = [f"{len(chosen)} pages and {len(figures)} figures, each with its copies"]
            for name, (features, kinds) in (("pages", pages), ("figures", of_figures)):
                lines.append(f"{name}: {_count(features, kinds, FITTED_THRESHOLDS)}")
            best = max((Thresholds(*values) for values in product(*GRID)), key=lambda t: _count(*pages, t).f1)
            lines.append(f"pages with the best thresholds here, {best}: {_count(*pages, best)}")
    return "\n".join(lines)


def _choose_sources(pipeline: Pipeline, source: random.Random) -> tuple[list[EntryId], list[Entry]]:
    connection = pipeline.library.connection
    ids = [*entries.ids(connection, entries.numbers(connection, Level.PAGE, EVERYWHERE)).values()]
    worded = [e.id for e in pipeline.index.entries(ids) if len(e.text.split()) >= LEAST_WORDS]
    of_elements = [*entries.ids(connection, entries.numbers(connection, Level.ELEMENT, EVERYWHERE)).values()]
    pictures = [e for e in pipeline.index.entries(of_elements) if e.kind in FIGURES and len(e.text.split()) > 3]
    return source.sample(worded, min(PAGES, len(worded))), source.sample(pictures, min(PAGES, len(pictures)))


def _make(pipeline: Pipeline, folder: Path, chosen: Sequence[EntryId], figures: Sequence[Entry]) -> Iterator[Path]:
    library = pipeline.library
    pages = [library.page(i.document, i.numbers[0]) for i in chosen]
    shots = [library.screenshot(i.document, i.numbers[0]) for i in chosen]
    crops = [library.crop(e.document, e.page, e.regions[0].box) for e in figures]
    yield _save(
        folder / "compressed.pdf", [_page_of_picture(p, _compress(shot)) for p, shot in zip(pages, shots, strict=True)]
    )
    yield _save(folder / "typeset.pdf", [_set(page.text) for page in pages])
    yield _save(folder / "changed.pdf", [_set(_with_another_number(page.text)) for page in pages])
    yield _save(folder / "figures.pdf", [_alone(_compress(crop)) for crop in crops])


def _features(
    index: Index, chosen: Sequence[EntryId], figures: Sequence[Entry], document_ids: dict[str, str]
) -> tuple[tuple[list[Looks], list[tuple[str, int]]], tuple[list[Looks], list[tuple[str, int]]]]:
    """Returns what is compared, of pages and of figures, each with its kind and the number of its original."""
    kinds: dict[EntryId, tuple[str, int]] = {i: ("original", n) for n, i in enumerate(chosen)}
    for kind in ("compressed", "typeset", "changed"):
        kinds |= {EntryId.of_page(document_ids[kind], n): (kind, n) for n in range(len(chosen))}
    pages = copy_features(index, index.entries(list(kinds)))
    of_figures: dict[EntryId, tuple[str, int]] = {e.id: ("original", n) for n, e in enumerate(figures)}
    for n in range(len(figures)):
        page = EntryId.of_page(document_ids["figures"], n)
        pictures = [e for e in index.entries_on([page], Level.ELEMENT) if e.kind in FIGURES]
        if pictures:
            of_figures[max(pictures, key=lambda e: e.regions[0].box.area).id] = ("compressed", n)
    compared = copy_features(index, index.entries(list(of_figures)))
    return (pages, [kinds[f.id] for f in pages]), (compared, [of_figures[f.id] for f in compared])


def _count(features: Sequence[Looks], kinds: Sequence[tuple[str, int]], least: Thresholds) -> Count:
    parents = group(features, least)
    pairs_found = {(a, b) for a, b in combinations(range(len(features)), 2) if parents[a] == parents[b]}
    result = Count()
    for a in range(len(features)):
        for b in range(a + 1, len(features)):
            (kind, n), (other, m) = kinds[a], kinds[b]
            if kind == other or (n != m and "original" not in (kind, other)):
                continue
            is_copy = n == m and "changed" not in (kind, other)
            if (a, b) in pairs_found:
                result = replace(result, right=result.right + is_copy, wrong=result.wrong + (not is_copy))
            elif is_copy:
                result = replace(result, missed=result.missed + 1)
    return result


def _compress(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.resize((max(1, int(image.width * SCALE)), max(1, int(image.height * SCALE)))).save(
        out, "JPEG", quality=QUALITY
    )
    return out.getvalue()


def _page_of_picture(page: Page, picture: bytes) -> pymupdf.Document:
    document = pymupdf.open()
    document_page = document.new_page(width=page.width, height=page.height)
    document_page.insert_image(document_page.rect, stream=picture)
    return document


def _alone(picture: bytes) -> pymupdf.Document:
    document = pymupdf.open()
    page = document.new_page(width=595, height=842)
    page.insert_textbox((60, 60, 535, 120), "The figure below is shown again in another document.", fontsize=11)
    page.insert_image((80, 140, 515, 600), stream=picture)
    return document


def _set(text: str) -> pymupdf.Document:
    document = pymupdf.open()
    page = document.new_page(width=420, height=595)
    body = "".join(f"<p>{html.escape(line)}</p>" for line in text.splitlines())
    page.insert_htmlbox((40, 40, 380, 555), body, css="* {font-family: serif; font-size: 9px}")
    return document


def _with_another_number(text: str) -> str:
    """Returns a text with its longest number made one larger in its first digit, or with a year where it has none.

    >>> _with_another_number("In 2018 it cost 7")
    'In 3018 it cost 7'
    """
    numbers = sorted(_NUMBER.finditer(text), key=lambda match: -len(match[0]))
    if not numbers:
        return f"{text} 2031"
    first = numbers[0].start()
    return f"{text[:first]}{(int(text[first]) + 1) % 10}{text[first + 1 :]}"


def _save(path: Path, documents: Sequence[pymupdf.Document]) -> Path:
    with pymupdf.open() as whole:
        for document in documents:
            whole.insert_pdf(document)
            document.close()
        whole.save(path)
    return path
