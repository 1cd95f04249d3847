"""Questions about a part of a page, and what a conversation adds to a question."""

from __future__ import annotations

import pytest

from octavo.ingest import Box, LibraryError, OctavoError
from octavo.rag import PageRegion, Pipeline, QuestionContext, Settings
from octavo.rag.regions import find_region, region_evidence
from tests.rag.model_server import Reply, serving


def line_with(pipeline: Pipeline, page: int, words: str) -> Box:
    document = pipeline.library.find("report.pdf").id
    return next(
        line.box for e in pipeline.library.page(document, page).elements for line in e.lines if words in line.text
    )


def test_a_region_is_cut_at_its_page_and_a_point_is_the_element_under_it(pipeline: Pipeline) -> None:
    document = pipeline.library.find("report.pdf").id
    cut = find_region(pipeline.library, PageRegion("report.pdf", 0, Box(-50, 60, 2000, 200)))
    assert cut == PageRegion(document, 0, Box(0, 60, 595, 200))
    line = line_with(pipeline, 2, "night shift")
    x, y = line.x0 + 5, line.y0 + 5
    element = find_region(pipeline.library, PageRegion(document, 2, Box(x, y, x, y))).box
    assert line.coverage(element) > 0.5
    evidence = region_evidence(pipeline.library, PageRegion("report.pdf", 2, element))
    assert "312 people" in evidence.text
    assert "Staff" not in evidence.text
    assert {region.element for region in evidence.regions} != {None}


def test_a_point_beside_all_elements_is_what_is_around_it(pipeline: Pipeline) -> None:
    found = find_region(pipeline.library, PageRegion("report.pdf", 2, Box(590, 800, 590, 800)))
    half = 0.06 * 842
    assert found.box == pytest.approx((590 - half, 800 - half, 595, 842))


def test_an_answer_rests_on_several_regions(pipeline: Pipeline) -> None:
    words = ((2, "312 people"), (1, "1,577 million"))
    regions = [PageRegion("report.pdf", page, line_with(pipeline, page, text)) for page, text in words]
    answer = pipeline.ask("What stands here?", region=regions)
    assert all(text in " ".join(e.text for e in answer.evidence) for _, text in words)
    hits = pipeline.search("", region=regions, k=2)
    assert {hit.page for hit in hits} == {1, 2}


@pytest.mark.parametrize(
    ("box", "reason"),
    [
        (Box(10, 10, 11, 11), "too small"),
        (Box(float("nan"), 10, 90, 90), "too small"),
        (Box(900, 900, 900, 900), "too small"),
    ],
)
def test_a_region_without_anything_in_it_is_refused(pipeline: Pipeline, box: Box, reason: str) -> None:
    with pytest.raises(OctavoError, match=reason):
        pipeline.ask("What is this?", region=PageRegion("report.pdf", 2, box))
    with pytest.raises(LibraryError):
        pipeline.ask("What is this?", region=PageRegion("elsewhere.pdf", 2, box))


def test_a_place_without_words_is_named_and_not_replaced_by_others(pipeline: Pipeline) -> None:
    empty = PageRegion("report.pdf", 2, Box(500, 780, 580, 830))
    said = "Nothing can be read in the place that was pointed at (report.pdf, page 3)."
    answer = pipeline.ask("What is this?", region=empty)
    assert (answer.abstained, answer.citations) == (True, ())
    assert answer.text == f"{said} A model that sees can describe it."
    answer = pipeline.ask("How many people worked in the night shift?", region=empty)
    assert (answer.abstained, answer.problems) == (False, (said,))


def test_an_answer_rests_on_the_region_first(pipeline: Pipeline) -> None:
    region = PageRegion("report.pdf", 2, line_with(pipeline, 2, "312 people"))
    answer = pipeline.ask("How many people were employed?", region=region)
    first = answer.citations[0]
    assert "312" in answer.text.splitlines()[0]
    assert (first.document, first.page) == (pipeline.library.find("report.pdf").id, 2)
    assert all(box.coverage(region.box) > 0.5 for box in first.boxes)
    hits = pipeline.search("", region=region)
    assert (hits[0].name, hits[0].page) == ("report.pdf", 2)


def test_a_question_of_few_words_is_about_the_region_and_any_other_may_have_no_answer(pipeline: Pipeline) -> None:
    region = PageRegion("report.pdf", 2, line_with(pipeline, 2, "312 people"))
    answer = pipeline.ask("Where does this stand?", region=region)
    assert "312 people" in answer.text
    assert {(c.name, c.page) for c in answer.citations} == {("report.pdf", 2)}
    assert pipeline.ask("Which zebra won the submarine regatta?", region=region).abstained


def test_a_model_sees_the_region_and_what_the_context_gives(report_library, tmp_path) -> None:
    with serving(Reply(["Both [1][2]."])) as model, Pipeline(report_library) as pipeline:
        other = pipeline.search("telescope's mirror", k=1)[0]
        settings = Settings(library=report_library, llm_url=model.url)
        region = PageRegion("report.pdf", 2, Box(50, 100, 550, 200))
        context = QuestionContext(search="night shift", evidence=(other,))
        answer = pipeline.ask("", region=region, context=context, settings=settings)
        assert "What does this show?" in model.prompt()
        assert [e.name for e in answer.evidence[:2]] == ["report.pdf", other.name]
        assert {c.document for c in answer.citations} == {e.document for e in answer.evidence[:2]}


def test_the_context_search_text_replaces_the_question(pipeline: Pipeline) -> None:
    answer = pipeline.ask("And in 2019?", context=QuestionContext("How many people were employed in 2019?"))
    assert "312" in answer.text


def test_an_endpoint_is_asked_once_what_it_serves_and_again_after_it_failed(report_library) -> None:
    replies = (Reply(["Yes [1]."]), Reply(["Yes [1]."]), Reply(status=400, message="no"), Reply(["So [1]."]))
    with serving(*replies) as model, Pipeline(report_library) as pipeline:
        settings = Settings(library=report_library, llm_url=model.url, llm_images=0)
        context = QuestionContext(pages=pipeline.library)
        names = [pipeline.ask("Who was employed?", context=context, settings=settings).model for _ in range(2)]
        assert names == ["tiny", "tiny"]
        assert sum(path == "/v1/models" for path, _ in model.seen) == 1
        model.models = [{"id": "other"}]
        quoted = pipeline.ask("Who was employed?", context=context, settings=settings)
        assert quoted.model == ""
        assert "refuses the request for tiny (400: no)" in quoted.problems[0]
        assert pipeline.ask("Who was employed?", context=context, settings=settings).model == "other"
