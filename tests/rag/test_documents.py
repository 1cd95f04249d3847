"""Documents of a library as users meet them, and what is noted with them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from octavo.ingest import Kind, LibraryError, OctavoError
from octavo.ingest.store.documents import DocumentInfo
from octavo.ingest.store.library import Library
from octavo.rag import Finished, Pipeline, Retrieved, Scope, Settings
from octavo.rag.answering import AnswerError
from octavo.rag.documents import DocumentsInScope
from tests.conftest import make_pdf

QUESTION = "How many people work on the night shift?"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with the same report of two years, each noted with its year and tags."""
    folder = tmp_path_factory.mktemp("two")
    with Pipeline(folder / "library") as pipeline:
        for year, staff in ((2018, 58), (2019, 64)):
            text = f"{staff} people work on the night shift and watch the furnace."
            path = make_pdf(folder / f"{year}.pdf", (("Staff", text),))
            pipeline.ingest(path, metadata={"year": year, "tags": ["staff", f"report {year}"]})
    return folder / "library"


def test_pages_have_pictures_elements_and_crops(pipeline: Pipeline) -> None:
    document = pipeline.document("report.pdf")
    page = document.pages[2]
    assert (document.name, page.page_number, len(document.pages)) == ("report.pdf", 3, 3)
    assert "58" in page.text
    element = next(e for e in page.elements if "58" in e.text)
    crop = page.crop(element.box)
    assert isinstance(page.image, Image.Image)
    assert 0 < crop.width * crop.height < page.image.width * page.image.height
    assert element in document.elements
    with pytest.raises(LibraryError, match="no document absent"):
        pipeline.document("absent.pdf")


def test_exports_hold_what_the_document_says(pipeline: Pipeline) -> None:
    document = pipeline.document("report.pdf")
    assert "58" in document.to_markdown()
    assert document.to_markdown().startswith("# ")
    assert '<section data-page="3">' in document.to_html()
    assert "<script" not in document.to_html()
    assert json.loads(document.to_json())["pages"][2]["number"] == 2


def test_a_filter_keeps_the_documents_that_have_it(two: Path) -> None:
    with Pipeline(two) as pipeline:
        for wanted, name in (({"year": 2018}, "2018.pdf"), ({"tags": "report 2019"}, "2019.pdf")):
            assert {hit.name for hit in pipeline.search(QUESTION, filter=wanted)} == {name}
            assert {hit.name for hit in pipeline.ask(QUESTION, filter=wanted).evidence} == {name}
        both = pipeline.search(QUESTION, filter={"year": [2018, 2019], "tags": "staff"})
        assert {hit.name for hit in both} == {"2018.pdf", "2019.pdf"}
        assert pipeline.search(QUESTION, filter={"year": 1900}) == []
        with pytest.raises(LibraryError, match="Metadata 'year' is text"):
            pipeline.search(QUESTION, filter={"year": {"from": 2018}})  # type: ignore[dict-item]


def test_plans_over_whole_documents_keep_to_the_filter(two: Path) -> None:
    with Pipeline(two) as pipeline:
        for question in ("What is the title of the document?", "Which documents mention the night shift?"):
            answer = pipeline.ask(question, filter={"year": 2018})
            assert {c.name for c in answer.citations} <= {"2018.pdf"}
            assert "2019" not in answer.text


def test_metadata_stays_when_a_file_changes(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", (("One", "The first text is about lighthouses."),))
    with Pipeline(tmp_path / "library") as pipeline:
        pipeline.ingest(path, metadata={"team": "north"})
        make_pdf(path, (("Two", "The second text is about windmills."),))
        assert [r.status for r in pipeline.ingest(path, metadata={"year": 2020})] == ["replaced"]
        assert pipeline.documents()[0].metadata == {"team": "north", "year": 2020}
        pipeline.set_metadata("a.pdf", {})
        assert pipeline.documents()[0].metadata == {}


def test_a_scope_takes_names_and_says_what_it_does_not_know(two: Path) -> None:
    with Pipeline(two) as pipeline:
        found = pipeline.search(QUESTION, scope=Scope(documents=("2019.pdf",)))
        assert {hit.name for hit in found} == {"2019.pdf"}
        with pytest.raises(LibraryError, match=r"no document 2017\.pdf"):
            pipeline.search(QUESTION, scope=Scope(documents=("2017.pdf",)))


def test_evidence_and_settings_of_one_call(two: Path) -> None:
    with Pipeline(two) as pipeline:
        (page,) = pipeline.search(QUESTION, k=1, filter={"year": 2019})
        answer = pipeline.ask("How many people work on the night shift in 2018?", evidence=[page])
        assert {c.name for c in answer.citations} == {"2019.pdf"}
        assert page.page_number == 1
        unreachable = Settings(llm_url="http://127.0.0.1:9/v1", llm_fallback=False, threshold=0.1)
        with pytest.raises(AnswerError, match="cannot be reached"):
            pipeline.ask(QUESTION, settings=unreachable)
        assert not pipeline.ask(QUESTION).abstained


def test_the_same_without_blocking_an_event_loop(two: Path) -> None:
    async def run(pipeline: Pipeline) -> None:
        answer = await pipeline.aask(QUESTION, filter={"year": 2018})
        assert "58" in answer.text
        assert (await pipeline.asearch(QUESTION, k=1))[0].page == 0
        events = [event async for event in pipeline.astream(QUESTION)]
        assert isinstance(events[0], Retrieved)
        assert isinstance(events[-1], Finished)

    with Pipeline(two) as pipeline:
        asyncio.run(run(pipeline))
        answers = pipeline.ask_many([QUESTION, "What does the night shift watch?"], workers=2)
        assert [a.question for a in answers] == [QUESTION, "What does the night shift watch?"]


def test_documents_are_loaded_only_for_answers_that_need_them(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[int] = []
    documents = Library.documents

    def counted(library: Library) -> list[DocumentInfo]:
        loaded.append(1)
        return documents(library)

    with Pipeline(two) as pipeline:
        monkeypatch.setattr(Library, "documents", counted)
        assert "58" in pipeline.ask("Who watches the furnace?", filter={"year": 2018}).text
        assert not loaded
        assert pipeline.ask("How many documents are there?").text.startswith("2 documents")
        everything = DocumentsInScope(pipeline.index, Scope())
        assert (len(everything), bool(everything), loaded) == (2, True, [])
        assert [info.name for info in everything[:2]] == ["2018.pdf", "2019.pdf"]
        inside = DocumentsInScope(pipeline.index, pipeline.scope(filter={"year": 2019}))
        assert [info.name for info in inside] == ["2019.pdf"]
        assert not DocumentsInScope(pipeline.index, pipeline.scope(filter={"year": 1066}))


def test_a_scope_takes_ids_paths_and_lists(two: Path) -> None:
    with Pipeline(two) as pipeline:
        info = pipeline.document("2019.pdf").info
        for one in (info.id, info.id[:8], info.paths[0], Path(info.paths[0]), [Path(info.paths[0])], ["2019.pdf"]):
            assert {hit.name for hit in pipeline.search(QUESTION, scope=Scope(one))} == {"2019.pdf"}
        assert {hit.name for hit in pipeline.search(QUESTION, scope=Scope(["2018.pdf", info.id]))} == {
            "2018.pdf",
            "2019.pdf",
        }
        assert pipeline.search(QUESTION, level="element", scope=Scope(info.id, pages=[0, 3], kinds="table")) == []
        assert Scope(kinds=[Kind.TABLE]) == Scope(kinds={"table"})


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"pages": [4, 2]}, r"first and its last page, from 0, not \[4, 2\]"),
        ({"pages": (3,)}, "first and its last page"),
        ({"kinds": ["tabel"]}, "no kind of region 'tabel': it is one of title, "),
    ],
)
def test_a_scope_says_what_is_wrong_with_it(wrong: dict[str, Any], reason: str) -> None:
    with pytest.raises(OctavoError, match=reason):
        Scope(**wrong)


def test_a_picture_is_a_path_bytes_or_an_image(two: Path, tmp_path: Path) -> None:
    with Pipeline(two) as pipeline:
        page = pipeline.document("2019.pdf").pages[0]
        image = page.crop(next(e.box for e in page.elements if "64" in e.text))
        file = tmp_path / "words.png"
        image.save(file)
        answers = [pipeline.ask("", picture=picture) for picture in (file, str(file), file.read_bytes(), image)]
        assert len({answer.text for answer in answers}) == 1
        for question in ("How is it in this chart?", "but as a table", "What does this show?"):
            assert [hit.name for hit in pipeline.search(question, picture=file, k=1)] == ["2019.pdf"]
        hits = [pipeline.search("furnace", picture=picture, k=1) for picture in (file, file.read_bytes(), image)]
        assert {hit.name for [hit] in hits} == {"2019.pdf"}
        with pytest.raises(OctavoError):
            pipeline.search("furnace", picture=b"no picture")
