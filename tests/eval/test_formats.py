"""Data sets in the files that their authors publish, made small."""

from __future__ import annotations

import gzip
import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as arrow
import pymupdf
import pytest
from PIL import Image
from pyarrow import parquet

from octavo.eval.datasets import DatasetError, load, mmdocir_layouts
from octavo.eval.layouts import Layouts
from octavo.eval.retrieval import evaluate
from octavo.ingest import Box, Region
from tests.conftest import make_pdf


def lines(path: Path, *rows: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    return path


def table(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(arrow.Table.from_pylist(rows), path)


def picture(color: str, width: int = 60, height: int = 80) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), color).save(out, "JPEG")
    return out.getvalue()


MMDOCIR = {
    "doc_name": "a.pdf",
    "domain": "News",
    "page_indices": [0, 2],
    "layout_indices": [0, 1],
    "questions": [
        {"Q": "How much?", "A": "7", "page_id": [2, 1], "type": "['Chart', 'Table']"}
        | {"layout_mapping": [{"page": 1, "page_size": [600.0, 800.0], "bbox": [1, 2, 30, 40]}]}
    ],
}


NIGHT_SHIFT = {
    "Q": "How many people work on the night shift?",
    "A": "58",
    "page_id": [2],
    "type": "['Text']",
    "layout_mapping": [{"page": 2, "page_size": [595.0, 842.0], "bbox": [10, 10, 90, 50]}],
}


def test_mmdocir_over_pdfs(tmp_path: Path) -> None:
    lines(tmp_path / "MMDocIR_annotations.jsonl", MMDOCIR)
    make_pdf(tmp_path / "a.pdf")
    (question,) = load(tmp_path).questions
    assert (question.id, question.doc, question.answer, question.domain) == ("a#0", "a.pdf", "7", "News")
    assert (question.gold_pages, question.evidence_type) == ((1, 2), ("Chart", "Table"))
    assert question.gold_layouts == (Region(1, Box(1, 2, 30, 40)),)


def test_mmdocir_over_page_pictures(tmp_path: Path) -> None:
    lines(tmp_path / "MMDocIR_annotations.jsonl", MMDOCIR)
    with pytest.raises(DatasetError, match=r"neither a\.pdf nor MMDocIR_pages\.parquet"):
        load(tmp_path)
    pages = [{"doc_name": "a.pdf", "image_binary": picture(color)} for color in ("red", "green", "blue")]
    table(tmp_path / "MMDocIR_pages.parquet", pages)
    (question,) = load(tmp_path).questions
    with pymupdf.open(tmp_path / question.doc) as document:
        assert [tuple(page.rect)[2:] for page in document] == [(45, 60), (600, 800), (45, 60)]
    before = (tmp_path / question.doc).stat().st_mtime_ns
    load(tmp_path)
    assert (tmp_path / question.doc).stat().st_mtime_ns == before


def test_mmdocir_layouts_are_streamed(tmp_path: Path) -> None:
    row = {"doc_name": "a.pdf", "layout_id": 4, "page_id": 1, "bbox": [1, 2, 3, 4], "type": "text", "text": "Seven"}
    table(tmp_path / "MMDocIR_layouts.parquet", [row | {"ocr_text": ""}])
    (layout,) = mmdocir_layouts(tmp_path)
    assert (layout.id, layout.region, layout.text) == (4, Region(1, Box(1, 2, 3, 4)), "Seven")


def test_mmdocir_layouts_take_the_place_of_elements(tmp_path: Path) -> None:
    lines(tmp_path / "MMDocIR_annotations.jsonl", MMDOCIR | {"questions": [NIGHT_SHIFT]})
    make_pdf(tmp_path / "a.pdf")
    with pytest.raises(DatasetError, match=r"no MMDocIR_layouts\.parquet"):
        evaluate(tmp_path, layouts=Layouts.MMDOCIR, library=tmp_path / "library")
    shared = {"doc_name": "a.pdf", "page_id": 2, "ocr_text": ""}
    regions = [
        {"layout_id": 0, "bbox": [400, 400, 500, 500], "type": "image", "text": ""},
        {"layout_id": 1, "bbox": [10, 10, 90, 50], "type": "text", "text": "58 people work on the night shift."},
        {"layout_id": 2, "bbox": [10, 60, 90, 90], "type": "title", "text": "Nests of herons"},
    ]
    table(tmp_path / "MMDocIR_layouts.parquet", [shared | region for region in regions])
    result = evaluate(tmp_path, layouts=Layouts.MMDOCIR, library=tmp_path / "library")
    assert result.layout is not None
    assert result.layout["recall@1"] == 1
    own = evaluate(tmp_path, library=tmp_path / "library")
    assert own.layout is not None
    assert own.layout["recall@1"] < 1
    table(tmp_path / "MMDocIR_layouts.parquet", [shared | regions[0] | {"doc_name": "other.pdf"}])
    with pytest.raises(DatasetError, match=r"no region of a\.pdf"):
        evaluate(tmp_path, layouts=Layouts.MMDOCIR, library=tmp_path / "library")


def test_mmlongbench_counts_pages_from_one(tmp_path: Path) -> None:
    row = {"doc_id": "a.pdf", "doc_type": "Brochure", "question": "How much?", "answer": "7", "answer_format": "Int"}
    rows = [
        row | {"evidence_pages": "[2, 3]", "evidence_sources": "['Chart']"},
        row | {"answer": "Not answerable", "evidence_pages": "[]", "evidence_sources": "[]"},
    ]
    (tmp_path / "samples.json").write_text(json.dumps(rows))
    (tmp_path / "documents").mkdir()
    make_pdf(tmp_path / "documents" / "a.pdf")
    first, second = load(tmp_path).questions
    assert (first.doc, first.gold_pages, first.evidence_type) == ("documents/a.pdf", (1, 2), ("Chart",))
    assert (second.answerable, second.gold_pages) == (False, ())
    (tmp_path / "samples.json").write_text(json.dumps([rows[0], row | {"evidence_pages": "five"}]))
    with pytest.raises(DatasetError, match="sample 2"):
        load(tmp_path)


def test_financebench_counts_pages_from_zero(tmp_path: Path) -> None:
    parts = [
        {"evidence_text": "Seven.", "doc_name": "A_2018_10K", "evidence_page_num": 59},
        {"evidence_text": "More.", "doc_name": "B_2018_10K", "evidence_page_num": 3},
    ]
    row = {"financebench_id": "f1", "doc_name": "A_2018_10K", "question": "How much?", "answer": "7", "evidence": parts}
    lines(tmp_path / "data" / "financebench_open_source.jsonl", row)
    (tmp_path / "pdfs").mkdir()
    make_pdf(tmp_path / "pdfs" / "A_2018_10K.pdf")
    with pytest.raises(DatasetError, match="B_2018_10K"):
        load(tmp_path)
    make_pdf(tmp_path / "pdfs" / "B_2018_10K.pdf")
    (question,) = load(tmp_path).questions
    assert (question.doc, question.gold_pages) == ("pdfs/A_2018_10K.pdf", (59,))
    assert question.also == (("pdfs/B_2018_10K.pdf", 3),)
    assert question.evidence == "Seven.\nMore."


def beir(folder: Path) -> Path:
    corpus = {"d1": "Herons nest in tall trees.", "d2": "Otters swim in rivers.", "d3": "Herons eat fish in rivers."}
    lines(folder / "corpus.jsonl", *({"_id": key, "title": "Notes", "text": text} for key, text in corpus.items()))
    lines(folder / "queries.jsonl", {"_id": "q1", "text": "What do herons do?"}, {"_id": "q2", "text": "Unjudged?"})
    lines(folder / "qrels" / "test.tsv", "query-id\tcorpus-id\tscore", "q1\td1\t1", "q1\td3\t2", "q1\td2\t0")
    return folder


def test_beir_is_searched_across_its_corpus(tmp_path: Path) -> None:
    dataset = load(beir(tmp_path))
    assert len(dataset.documents) == 3
    (question,) = dataset.questions
    assert (question.doc, question.also) == ("made/d1.md", (("made/d3.md", 0),))
    result = evaluate(tmp_path)
    assert (result.within, result.questions, result.documents) == ("all", 1, 3)
    assert result.page["recall@1"] == 0.5
    assert result.page["recall@3"] == 1
    assert result.ceiling["recall@1"] == 0.5
    assert result.ranking["mrr@5"] == 1


def test_a_bad_line_of_beir_is_named(tmp_path: Path) -> None:
    beir(tmp_path)
    lines(tmp_path / "qrels" / "test.tsv", "q1\td1\t1", "q1\td9\tmany")
    with pytest.raises(DatasetError, match=r"test\.tsv, line 2"):
        load(tmp_path)
    lines(tmp_path / "qrels" / "test.tsv", "q1\td9\t1")
    with pytest.raises(DatasetError, match="name 'd9'"):
        load(tmp_path)
    lines(tmp_path / "corpus.jsonl", {"_id": "d1", "text": "x"}, {"_id": "d2"})
    with pytest.raises(DatasetError, match=r"corpus\.jsonl, line 2: there is no text"):
        load(tmp_path)


def test_vidore_is_a_corpus_of_pictures(tmp_path: Path) -> None:
    images = [{"corpus-id": n, "image": {"bytes": picture(c), "path": ""}} for n, c in enumerate(("red", "blue"))]
    table(tmp_path / "corpus" / "test-0.parquet", images)
    table(tmp_path / "queries" / "test-0.parquet", [{"query-id": 5, "query": "What is blue?"}])
    table(tmp_path / "qrels" / "test-0.parquet", [{"query-id": 5, "corpus-id": 1, "score": 1}])
    dataset = load(tmp_path)
    assert dataset.documents == ("made/0.jpg", "made/1.jpg")
    assert (dataset.questions[0].doc, dataset.within) == ("made/1.jpg", False)


def mrag(*, gold: list[dict[str, Any]]) -> dict[str, Any]:
    row = {"id": 3, "aspect": "angle", "scenario": "Scope", "question": "Which bird?", "answer_choice": "B"}
    row |= {"A": "heron", "B": "otter", "C": "crane", "D": "gull", "answer": "otter"}
    return row | {"image": {"bytes": picture("red")}, "gt_images": gold}


def test_mrag_bench_is_multiple_choice_over_pictures(tmp_path: Path) -> None:
    table(tmp_path / "data" / "test.parquet", [mrag(gold=[{"bytes": picture("green")}, {"bytes": picture("blue")}])])
    dataset = load(tmp_path)
    (question,) = dataset.questions
    assert (question.choices, question.answer) == (("heron", "otter", "crane", "gull"), "B")
    assert (question.doc, question.also, question.picture) == (
        "made/3-0.jpg",
        (("made/3-1.jpg", 0),),
        "made/3-asked.jpg",
    )
    table(tmp_path / "data" / "test.parquet", [mrag(gold=[{"bytes": b"no picture"}])])
    with pytest.raises(DatasetError, match="row 1: ValueError: the picture is neither"):
        load(tmp_path)


WIT = {"page_url": "https://en.example.org/wiki/Otter", "image_url": "https://up.example.org/a/a1/Sea%20otter.jpg"}


def test_wit_asks_for_pictures_by_their_captions_in_each_language(tmp_path: Path) -> None:
    rows = [
        {**WIT, "language": "en", "caption_reference_description": "A sea otter on its back"},
        {**WIT, "language": "de", "caption_reference_description": 'Ein "Seeotter" auf dem Rücken'},
        {**WIT, "language": "fr", "caption_reference_description": ""},
        {
            **WIT,
            "language": "es",
            "image_url": "https://up.example.org/absent.jpg",
            "caption_reference_description": "x",
        },
    ]
    text = "\n".join("\t".join(row) for row in [list(rows[0]), *(list(row.values()) for row in rows)])
    with gzip.open(tmp_path / "wit_v1.val.all-00000-of-00005.tsv.gz", "wt", encoding="utf-8") as file:
        file.write(text)
    with pytest.raises(DatasetError, match=r"no picture with a caption: put WIT's pictures into .*images"):
        load(tmp_path)
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "Sea otter.jpg").write_bytes(picture("blue"))
    data = load(tmp_path)
    assert [(q.id, q.question, q.domain) for q in data.questions] == [
        ("Sea otter.jpg#en", "A sea otter on its back", "en"),
        ("Sea otter.jpg#de", 'Ein "Seeotter" auf dem Rücken', "de"),
    ]
    assert data.documents == ("images/Sea otter.jpg",)
    assert not data.within


def test_wit_in_wikimedias_parquet_holds_its_pictures(tmp_path: Path) -> None:
    features = {"language": ["en", "id"], "caption_reference_description": ["An otter", None]}
    row = {"image": {"bytes": picture("red")}, "image_url": WIT["image_url"], "wit_features": features}
    table(tmp_path / "data" / "train-00000.parquet", [row])
    [question] = load(tmp_path).questions
    assert (question.question, question.doc, question.domain) == ("An otter", "made/Sea_otter.jpg", "en")


def test_msvd_indonesian_asks_for_videos_by_their_sentences(tmp_path: Path) -> None:
    (tmp_path / "YouTubeClips").mkdir()
    for name in ("mv89psg6zh4_33_46", "-4wsuPCjDBc_5_15"):
        (tmp_path / "YouTubeClips" / f"{name}.avi").write_bytes(b"RIFF")
    sentences = ["mv89psg6zh4_33_46 seekor burung mandi di wastafel", "-4wsuPCjDBc_5_15 seekor tupai makan kacang"]
    lines(tmp_path / "MSVD-indonesian.txt", *sentences)
    assert [(q.id, q.question, q.domain) for q in load(tmp_path).questions] == [
        ("mv89psg6zh4_33_46#1", "seekor burung mandi di wastafel", "id"),
        ("-4wsuPCjDBc_5_15#2", "seekor tupai makan kacang", "id"),
    ]
    (tmp_path / "test_list.txt").write_text("-4wsuPCjDBc_5_15\n")
    assert load(tmp_path).documents == ("YouTubeClips/-4wsuPCjDBc_5_15.avi",)
    lines(tmp_path / "MSVD-indonesian.txt", "mv89psg6zh4_33_46 seekor burung", "-4wsuPCjDBc_5_15")
    with pytest.raises(DatasetError, match=r"MSVD-indonesian.txt, line 2: ValueError: a line has a video's name"):
        load(tmp_path)


def test_a_table_of_questions(tmp_path: Path) -> None:
    make_pdf(tmp_path / "a.pdf")
    path = lines(
        tmp_path / "q.csv", "question,answer,doc,pages", 'How much?,"1,577",a.pdf,2-3', "Who?,Not answerable,a.pdf,"
    )
    first, second = load(path).questions
    assert (first.id, first.answer, first.gold_pages, first.answerable) == ("1", "1,577", (1, 2), True)
    assert (second.answerable, second.gold_pages) == (False, ())
    lines(path, "question", "How much?")
    dataset = load(path)
    assert (dataset.documents, dataset.within) == (("a.pdf",), False)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (["answer", "7"], "line 1: the header has no column question"),
        (["question,doc,pages", "How?,a.pdf,1", "Why?,a.pdf,two"], "line 3.*pages are numbers"),
        (["question,doc,pages", "How?,a.pdf,0"], "line 2.*counted from 1"),
        (["question", '""'], "line 2.*empty"),
        (["id,question,doc", "x,How?,a.pdf", "x,Why?,a.pdf"], "two questions 'x'"),
        (["question"], "no questions"),
        (["question,doc", "How many, and why?,a.pdf"], "line 2.*more fields than the header"),
    ],
)
def test_a_wrong_table_is_named(tmp_path: Path, rows: list[str], says: str) -> None:
    make_pdf(tmp_path / "a.pdf")
    with pytest.raises(DatasetError, match=says):
        load(lines(tmp_path / "q.csv", *rows))


def test_a_table_as_spreadsheets_save_it(tmp_path: Path) -> None:
    make_pdf(tmp_path / "a.pdf")
    path = tmp_path / "q.csv"
    path.write_bytes(
        "\ufeffquestion;answer;doc;pages\r\nWie viel, in €?;7;a.pdf;2; 3\r\n".replace("2; 3", '"2; 3"').encode()
    )
    (question,) = load(path).questions
    assert (question.question, question.gold_pages) == ("Wie viel, in €?", (1, 2))
    path.write_bytes("question\nWie groß?\n".encode("cp1252"))
    with pytest.raises(DatasetError, match="CSV UTF-8"):
        load(path)
    with pytest.raises(DatasetError, match="There is no"):
        load(tmp_path / "gone.csv")


def test_invalid_parquet_files_and_data_sets_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_text("nothing")
    with pytest.raises(DatasetError, match="cannot be read as Parquet"):
        load(tmp_path)
    (tmp_path / "x.parquet").unlink()
    with pytest.raises(DatasetError, match="is no data set"):
        load(tmp_path)
