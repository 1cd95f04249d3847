"""Source bias: is a machine-made twin of a page ranked before the page itself?

Each gold page gets two twins of equal relevance: one set anew from its text, one from its screenshot as a JPEG.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pymupdf

from octavo.eval.datasets import Question
from octavo.eval.probes.base import Figure, ProbeTarget, Trial, by_variant, mean
from octavo.eval.runs.rows import Row
from octavo.ingest.imaging import encode
from octavo.ingest.model import Page
from octavo.rag import Level, Pipeline, Scope

TWINS = ("set anew", "as a picture")
_LOOKED_AT = 100
_JPEG, _SIDE = 60, 1400


class SourceBias:
    """The probe of source bias; it needs no model."""

    needs_model = False

    def trials(self, source: ProbeTarget) -> Iterator[Trial]:
        """Yields a trial for each question and twin, over a copy of the library that holds the twins, too."""
        folder = source.folder / source.dataset.folder.resolve().name
        home = folder / "library"
        if not home.exists():
            shutil.copytree(source.pipeline.library.folder, home)
        places = {q.doc: sorted({n for other in source.grounded if other.doc == q.doc for n in other.gold_pages})
                  for q in source.grounded}  # fmt: skip
        settings = source.pipeline.settings.model_copy(update={"library": home})
        pipeline = source.resources.enter_context(Pipeline(settings))
        twins: dict[tuple[str, str], str] = {}
        for doc, numbers in places.items():
            for twin in TWINS:
                file = folder / f"{Path(doc).stem}-{twin.replace(' ', '-')}.pdf"
                if not file.exists():
                    file.write_bytes(_twin(source, source.ids[doc], numbers, twin))
                [result] = pipeline.ingest(file)
                twins[doc, twin] = result.document
        for question in source.grounded:
            for twin in TWINS:
                measure = partial(_measure, pipeline, source, question, twin, twins, places[question.doc])
                yield Trial(f"{twin}/{question.id}", measure)

    def figures(self, rows: Sequence[Row]) -> list[Figure]:
        """Returns for each twin how often the page is before it, and the difference of their reciprocal ranks."""
        results: list[Figure] = []
        for twin, own in by_variant(rows).items():
            results += mean(f"{twin}: the page is before its twin", own, lambda row: row["first"])
            results += mean(f"{twin}: reciprocal rank, page less twin", own, lambda row: row["difference"])
            results += mean(f"{twin}: relevancy, page less twin", own, lambda row: row["score"])
        return results


PROBE = SourceBias()


def _twin(source: ProbeTarget, document: str, numbers: Sequence[int], twin: str) -> bytes:
    """Returns a PDF of the twins of a document's pages."""
    with pymupdf.open() as twin_file:
        for number in numbers:
            page = source.pipeline.library.page(document, number)
            target = twin_file.new_page(width=page.width, height=page.height)
            if twin == "set anew":
                _set(target, page)
            else:
                image = source.pipeline.library.screenshot(document, number)
                target.insert_image(target.rect, stream=encode(image, "JPEG", _JPEG, side=_SIDE))
        return bytes(twin_file.tobytes(no_new_id=True))


def _set(target: pymupdf.Page, page: Page) -> None:
    """Sets the lines of a page in Helvetica, each in its place and as wide as it was."""
    for element in page.elements:
        for line in element.lines:
            size = max(4.0, min(0.8 * line.box.height, 40.0))
            width = pymupdf.get_text_length(line.text, "helv", size) or 1.0
            size = max(4.0, size * min(1.0, line.box.width / width))
            target.insert_text((line.box.x0, line.box.y1 - 0.2 * line.box.height), line.text, fontsize=size)


def _measure(
    pipeline: Pipeline,
    source: ProbeTarget,
    question: Question,
    twin: str,
    twins: dict[tuple[str, str], str],
    numbers: Sequence[int],
) -> Row:
    document, other = source.ids[question.doc], twins[question.doc, twin]
    hits = pipeline.search(question.question, level=Level.PAGE, k=_LOOKED_AT, scope=Scope(documents=(document, other)))
    ranks: dict[tuple[str, int], int] = defaultdict(lambda: _LOOKED_AT + 1)
    ranks |= {(hit.document, hit.page): n for n, hit in enumerate(hits, 1)}
    scores = {(hit.document, hit.page): hit.score for hit in hits}
    pairs = [((document, n), (other, numbers.index(n))) for n in question.gold_pages]
    own, twin_entry = min(pairs, key=lambda pair: min(ranks[pair[0]], ranks[pair[1]]))
    return {
        "variant": twin,
        "first": ranks[own] < ranks[twin_entry] if ranks[own] != ranks[twin_entry] else 0.5,
        "difference": 1 / ranks[own] - 1 / ranks[twin_entry],
        "score": scores.get(own, 0.0) - scores.get(twin_entry, 0.0),
    }
