"""Data sets over PDFs in the files that their authors publish: MMDocIR, MMLongBench-Doc, FinanceBench."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from octavo.eval.datasets import parquet
from octavo.eval.datasets.model import Dataset, DatasetError, Question, build_dataset, check_row, each_line
from octavo.ingest import Box, Region

NOT_ANSWERABLE = "Not answerable"


def mmdocir(folder: Path) -> Dataset:
    """MMDocIR (arXiv 2501.08828): `MMDocIR_annotations.jsonl`, and its PDFs or `MMDocIR_pages.parquet`.

    Pages are 0-based there, boxes in the points of `page_size`. Without PDFs the page pictures are put together to
    PDFs of that page size, once, in the folder's `made`.
    """
    annotations = folder / "MMDocIR_annotations.jsonl"
    docs: dict[str, str] = {}
    sizes: dict[tuple[str, int], tuple[float, float]] = {}
    for row in _rows(annotations):
        name = str(row.get("doc_name", ""))
        docs[name] = _file(folder, name)
        for question in row.get("questions", ()):
            for mark in question.get("layout_mapping", ()):
                sizes[name, int(mark["page"])] = (float(mark["page_size"][0]), float(mark["page_size"][1]))
    missing = [name for name, file in docs.items() if not file]
    if missing:
        docs |= _page_pictures(folder, set(missing), sizes)

    def questions(row: dict[str, Any]) -> Iterator[Question]:
        for n, q in enumerate(row["questions"]):
            types = q["type"]
            yield Question(
                id=f"{Path(row['doc_name']).stem}#{n}",
                question=q["Q"],
                doc=docs[row["doc_name"]],
                answer=str(q["A"]),
                gold_pages=tuple(sorted({int(page) for page in q["page_id"]})),
                gold_layouts=tuple(
                    Region(int(mark["page"]), Box(*(float(x) for x in mark["bbox"]))) for mark in q["layout_mapping"]
                ),
                evidence_type=tuple(_parse_list(types)),
                domain=row["domain"],
            )

    return build_dataset(folder, each_line(annotations, questions), [annotations])


@dataclass(frozen=True, slots=True)
class Layout:
    """A candidate region of MMDocIR's own, for rankings over exactly its candidates."""

    id: int
    doc: str
    region: Region
    kind: str
    text: str


def mmdocir_layouts(folder: Path) -> Iterator[Layout]:
    """Yields the candidate regions of `MMDocIR_layouts.parquet` in their order, streamed."""
    columns = ("doc_name", "layout_id", "page_id", "bbox", "type", "text", "ocr_text")
    for row in parquet.rows(folder / "MMDocIR_layouts.parquet", columns):
        region = Region(int(row["page_id"]), Box(*(float(x) for x in row["bbox"])))
        yield Layout(int(row["layout_id"]), row["doc_name"], region, row["type"], row["text"] or row["ocr_text"] or "")


def mmlongbench(folder: Path) -> Dataset:
    """MMLongBench-Doc (arXiv 2407.01523): `samples.json` and `documents/`; its page numbers start at 1."""
    path = next(p for p in (folder / "samples.json", folder / "data" / "samples.json") if p.is_file())
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DatasetError(f"{path}: {error}.") from error

    def sample(numbered: tuple[int, dict[str, Any]]) -> Question:
        n, row = numbered
        return Question(
            id=f"{Path(row['doc_id']).stem}#{n}",
            question=row["question"],
            doc=_file(folder, row["doc_id"]) or f"documents/{row['doc_id']}",
            answer=str(row["answer"]),
            answerable=row["answer"] != NOT_ANSWERABLE,
            gold_pages=tuple(sorted({int(page) - 1 for page in _parse_list(row["evidence_pages"])})),
            evidence_type=tuple(_parse_list(row["evidence_sources"])),
            domain=row["doc_type"],
            form=row.get("answer_format") or "",
        )

    questions = (check_row(f"{path}, sample {n + 1}", sample, (n, row)) for n, row in enumerate(rows))
    return build_dataset(folder, questions, [path])


def financebench(folder: Path) -> Dataset:
    """FinanceBench (arXiv 2311.11944): `financebench_open_source.jsonl` and `pdfs/`; its page numbers start at 0.

    Evidence in another document than the question's is a further gold place.
    """
    name = "financebench_open_source.jsonl"
    path = next(p for p in (folder / name, folder / "data" / name) if p.is_file())

    def questions(row: dict[str, Any]) -> Iterator[Question]:
        parts = [
            (part.get("doc_name") or part.get("evidence_doc_name") or row["doc_name"], part) for part in row["evidence"]
        ]
        pages = [(doc, int(part["evidence_page_num"])) for doc, part in parts]
        yield Question(
            id=str(row["financebench_id"]),
            question=row["question"],
            doc=_pdf(folder, row["doc_name"]),
            answer=str(row["answer"]),
            gold_pages=tuple(sorted({page for doc, page in pages if doc == row["doc_name"]})),
            domain=row.get("question_type") or "",
            evidence="\n".join(part["evidence_text"] for _, part in parts),
            also=tuple((_pdf(folder, doc), page) for doc, page in pages if doc != row["doc_name"]),
        )

    return build_dataset(folder, each_line(path, questions), [path])


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yields the rows of a JSON-lines file as far as they can be read.

    What is wrong in them is reported when the questions are read.
    """
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if isinstance(row, dict):
                yield row


def _page_pictures(
    folder: Path, missing: set[str], sizes: dict[tuple[str, int], tuple[float, float]]
) -> dict[str, str]:
    """Returns PDFs of the page pictures of documents that the folder has no file of."""
    pages = folder / "MMDocIR_pages.parquet"
    if not pages.is_file():
        raise DatasetError(f"{folder} holds neither {min(missing)} nor MMDocIR_pages.parquet.")
    pictures = ((row["doc_name"], row["image_binary"]) for row in parquet.rows(pages, ("doc_name", "image_binary")))
    return parquet.as_pdfs(folder, (item for item in pictures if item[0] in missing), sizes)


def _file(folder: Path, name: str) -> str:
    """Returns the document's path inside the folder, with or without its suffix, empty where there is none."""
    for part in ("", "pdfs/", "documents/", "doc_pdfs/", "data/documents/"):
        for suffix in ("", ".pdf"):
            if name and (folder / f"{part}{name}{suffix}").is_file():
                return f"{part}{name}{suffix}"
    return ""


def _pdf(folder: Path, name: str) -> str:
    return _file(folder, name) or f"pdfs/{name}.pdf"


def _parse_list(text: str | Sequence[Any]) -> Sequence[Any]:
    """Returns a list that may be written as Python text."""
    result = ast.literal_eval(text) if isinstance(text, str) else text
    if not isinstance(result, list | tuple):
        raise ValueError(f"{text!r} is no list")
    return result
