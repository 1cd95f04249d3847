"""Data sets of questions with gold pages, boxes and answers, in the formats that they come in.

All page numbers are 0-based, boxes are `[x0, y0, x1, y1]` in PDF points, origin top left.
"""

from __future__ import annotations

from pathlib import Path

from octavo.eval.datasets import captions, composed, folder as own, ocrbench, published, retrieval
from octavo.eval.datasets.model import Dataset, DatasetError, Question
from octavo.eval.datasets.published import Layout, mmdocir_layouts

__all__ = ["Dataset", "DatasetError", "Layout", "Question", "load", "mmdocir_layouts"]

_KNOWN = (
    ("MMDocIR_annotations.jsonl", published.mmdocir),
    ("samples.json", published.mmlongbench),
    ("data/samples.json", published.mmlongbench),
    ("financebench_open_source.jsonl", published.financebench),
    ("data/financebench_open_source.jsonl", published.financebench),
    (ocrbench.FILE, ocrbench.ocrbench),
    (captions.MSVD, captions.msvd),
    (f"data/{captions.MSVD}", captions.msvd),
    ("corpus.jsonl", retrieval.beir),
    ("qrels", retrieval.beir),
    ("queries.jsonl", own.load),
)


def load(path: Path) -> Dataset:
    """Reads a data set. Its files tell the format; a CSV file is a data set itself.

    Known are the folder format of `queries.jsonl`, MMDocIR, MMLongBench-Doc, FinanceBench, BEIR and ViDoRe, MRAG-Bench
    and OCRBench (Parquet), WIT, MSVD-Indonesian, CIRCO, FashionIQ and CSV. Raises `DatasetError` naming the line that
    is wrong or the document that is absent.
    """
    if not path.exists():
        raise DatasetError(f"There is no {path}: name a folder of documents and questions, or a CSV file.")
    if path.suffix.lower() == ".csv" and path.is_file():
        return retrieval.table(path)
    for name, load_format in _KNOWN:
        if (path / name).exists():
            return load_format(path)
    if composed.is_circo(path):
        return composed.circo(path)
    if any(path.glob(composed.FASHIONIQ)):
        return composed.fashioniq(path)
    if any(path.glob("wit_v1.*.tsv*")):
        return captions.wit(path)
    if captions.parquet_files(path):
        formats = ((ocrbench.is_ocrbench, ocrbench.ocrbench), (captions.is_wit, captions.wit))
        return next((load_format for is_known, load_format in formats if is_known(path)), retrieval.mrag)(path)
    raise DatasetError(
        f"{path} is no data set: it holds no queries.jsonl, nor the files of another format that is known "
        "(MMDocIR, MMLongBench-Doc, FinanceBench, BEIR, ViDoRe, MRAG-Bench, OCRBench, WIT, MSVD-Indonesian, "
        "CIRCO, FashionIQ), and is no CSV file."
    )
