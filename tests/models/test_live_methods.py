"""Methods of papers against real vLLM servers: what is asked is understood, whatever random weights reply."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from octavo.eval.judges import AnsweredQuestion, Aspect, JudgeModel, JudgeOptions, Raw, check, explicit, judge_aspects
from octavo.eval.probes import ProbeReport, run_probe
from octavo.eval.runs import RunConfig
from octavo.ingest import Box
from octavo.ingest.store.library import Library
from octavo.rag import Level, PageRegion, Pipeline, Settings
from octavo.rag.answering import AnswerError
from octavo.rag.answering.endpoint import connect
from octavo.rag.answering.requests import EvidenceRequests
from octavo.rag.answering.spans import score_spans
from octavo.rag.answering.support import SupportScorer
from octavo.rag.clients.http import Endpoint, SettingNames
from octavo.rag.descriptions import Describer
from octavo.rag.image_source import ImageSource
from octavo.rag.index import Index
from octavo.rag.model_cards import EMBEDDERS
from octavo.rag.query.question import parse_query, parse_query_with_picture
from octavo.rag.settings import DescriptionStyle
from tests.eval.probes.test_probes import MILL, QUESTIONS
from tests.eval.test_datasets import write
from tests.models.conftest import Live
from tests.models.test_live import PAGE, PAGES, judge, passages, picture
from tests.rag.made import HashEmbedding
from tests.rag.test_descriptions import figures

pytestmark = pytest.mark.models
Servers = Callable[[str], Live]
QUESTION = "What was capital expenditure in 2018?"
SLOW: dict[str, Any] = {"llm_timeout": 600, "llm_body": {"max_tokens": 60}}
"""Settings for processors that are busy: replies of random weights have no end."""


def seeing(server: Live, **options: Any) -> dict[str, Any]:
    """The settings of an embedding by the tiny model, asked as Qwen3-VL-Embedding."""
    card = EMBEDDERS[0].model_copy(update={"name": "tiny", "dimension": 128, "matryoshka": 16, "max_pixels": 65_536})
    return {"kind": "served", "url": server.url, "model": server.model, "card": card, **options}


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "library") as opened:
        yield opened


def charts(path: Path) -> Path:
    """A PDF of two pages, each with a heading, a paragraph and a picture."""
    with pymupdf.open() as document:
        for year, color in (("2017", "red"), ("2018", "blue")):
            page = document.new_page(width=595, height=842)
            page.insert_text((60, 90), f"Wind parks in {year}", fontsize=22)
            page.insert_text((60, 130), f"In {year}, the parks of Norholm gave 1,340 megawatts.", fontsize=11)
            page.insert_image(pymupdf.Rect(60, 180, 535, 460), stream=picture(color))
            page.insert_text((60, 480), f"Figure 1: Wind parks by size, {year}", fontsize=10)
        document.save(path)
    return path


# relevancy


def test_true_or_false_of_pictures_and_text(live: Servers, library: Library) -> None:
    index = Index(library, HashEmbedding())
    model = judge(live("chat"), index, "yes-no", prompt="assert")
    entries = [PAGE, *passages("Capital expenditure was 1,577.")]
    plain = model.judge(parse_query(QUESTION), entries, ImageSource(PAGES))
    pictured = model.judge(parse_query_with_picture(QUESTION, picture("red")), entries, ImageSource(PAGES))
    index.close()
    assert all(0 < score < 1 for score in (*plain, *pictured))
    assert len({round(score, 6) for score in (*plain, *pictured)}) == 4, "page, passage, and each beside a picture"


# descriptions


@pytest.mark.parametrize("style", ["search", "short", "detailed", "values"])
def test_figures_are_described_in_each_style(live: Servers, library: Library, style: DescriptionStyle) -> None:
    settings = Settings(llm_url=live("chat").url, describe=2, describe_style=style, **SLOW)
    document = figures(library, 1)
    try:
        described = Describer(library.image, library.model_output, settings)(document)
    except AnswerError as error:
        assert "wrote no text" in str(error), error  # noqa: PT017 - random weights may write blanks only
    else:
        assert described.pages[0].elements[1].text.startswith("2019 2020")  # random weights may write blanks only


# what an answer says


def test_the_support_of_each_sentence_is_asked_for(live: Servers) -> None:
    settings = Settings(llm_url=live("chat").url, llm_image_side=300, **SLOW)
    answer = "Capital expenditure was 1,577 million crowns [1]. The figure shows a rise [2]."
    evidence = [PAGES.on_page(0), PAGES.of_element(1, 0)]
    spans = score_spans(answer, QUESTION, evidence, ())
    with connect(settings) as chat:
        scored = SupportScorer(chat, EvidenceRequests(PAGES, settings, chat)).score(answer, QUESTION, evidence, spans)
    assert [(span.start, span.end) for span in scored.spans] == [(span.start, span.end) for span in spans]
    for span in scored.spans:
        is_unread = span.score is None and "gave no verdict that can be read" in span.reason  # of random weights
        assert is_unread or not span.is_objective or 0 <= (span.score or 0) <= 1, span
    assert all("gave no verdict that can be read" in problem for problem in scored.problems)


def test_judges_give_verdicts_or_say_why_not(live: Servers) -> None:
    page, text = picture("red"), "Capital expenditure was 1,577 million crowns."
    with JudgeModel(JudgeOptions(url=live("chat").url, tries=1, repairs=0, max_tokens=60, timeout=600)) as judging:
        answered = AnsweredQuestion(QUESTION, "1,577 million [1].", "1,577 million", (text,), (page,))
        aspects = judge_aspects(judging, answered)
        scores = check(judging, QUESTION, "It was 1,577 million [1].", [Raw(text), Raw("", page)])
        cross = explicit(judging, [judging], (text, page), QUESTION, "It was 1,577 million.")
    assert [one.aspect for one in aspects] == list(Aspect)
    assert all(one.holds is not None or "JSON" in one.reason or "read" in one.reason for one in aspects), aspects
    assert len(scores.relevance) == 2
    assert all(score is None or 0 <= score <= 1 for score in scores.relevance)
    assert [sentence.text for sentence in cross.sentences] == ["It was 1,577 million."]


# a picture with words, and concepts


@pytest.mark.parametrize("route", ["image", "caption", "both"])
def test_a_picture_with_words_that_change_it_is_searched(live: Servers, tmp_path: Path, route: str) -> None:
    settings = {"embedding": seeing(live("embedding"), interleaved=True), "picture_route": route, "documents_first": 1}
    with Pipeline(Settings(library=tmp_path / "library", **settings)) as pipeline:
        pipeline.ingest(charts(tmp_path / "wind.pdf"))
        embedding = pipeline.index.embedding
        both = embedding.embed_query("The same for 2018", BytesIO(picture("red")))
        assert embedding.embed_query("", BytesIO(picture("red"))) @ both < 0.9999, "the words change the vector"
        hits = pipeline.search("The same for 2018", picture=picture("red"), level=Level.PAGE, threshold=0)
        assert [hit.page for hit in hits] == [1, 0]
        assert pipeline.search("megawatts of Norholm", level=Level.CHUNK, threshold=0)


def test_a_concept_is_recalled_by_its_picture(live: Servers, tmp_path: Path) -> None:
    settings = Settings(library=tmp_path / "library", embedding=seeing(live("embedding")))
    with Pipeline(settings) as pipeline:
        pipeline.concepts.add("our sign", note="It hangs at the gate.", pictures=[picture("red")])
        pipeline.concepts.add("our flag", pictures=[picture("blue", (200, 320))])
        recalled = pipeline.concepts.recall("What does this show?", picture("red"))
        assert "our sign" in [one.concept.name for one in recalled]


# all together


def test_a_question_about_a_place_with_all_that_a_model_is_asked(live: Servers, tmp_path: Path) -> None:
    server = live("chat")
    options: dict[str, Any] = SLOW | {
        "embedding": seeing(live("embedding")),
        "relevancy": {"kind": "yes-no", "prompt": "assert", "url": server.url, "model": "tiny", "max_pixels": 65_536},
        "llm_url": server.url, "llm_max_tokens": 100, "llm_images": 2, "llm_image_side": 200, "llm_fallback": False,
        "llm_image_budget": "equal", "llm_evidence_order": "walk", "llm_neighbors": 1,
        "answering": {"steps": 1, "check": "model", "grounding": "model", "pointing": "marks"},
    }  # fmt: skip
    with Pipeline(Settings(library=tmp_path / "library", **options)) as pipeline:
        pipeline.ingest(charts(tmp_path / "wind.pdf"))
        pipeline.concepts.add("our parks", aliases=["the wind parks"], note="They are run by Norholm.")
        [info] = pipeline.library.documents()
        region = PageRegion(info.id, 0, Box(60, 180, 535, 460))
        try:
            answer = pipeline.ask("What do the wind parks give here?", region=region, picture=picture("red"))
        except AnswerError as error:
            assert "wrote no text" in str(error), error  # noqa: PT017 - random weights may write blanks only
        else:
            assert answer.text
            assert [one.name for one in answer.evidence[:2]] == ["wind.pdf", "our parks, a concept of yours"]


# probes


def ask_probe(name: str, data: Path, out: Path, server: Live) -> tuple[ProbeReport, str]:
    """Runs a probe with two questions of a data set; returns its report and its rows."""
    settings = SLOW | {"llm_url": server.url, "llm_max_tokens": 48, "llm_image_side": 300, "llm_images": 2, "k": 2,
                       "answering": {"steps": 1, "check": "off"}}  # fmt: skip
    config = {
        "data": [{"path": data, "limit": 2}],
        "systems": [{"name": "tiny", "settings": settings, "concurrency": 2}],
        "out": out,
        "libraries": out / "libraries",
    }
    [report] = run_probe(name, RunConfig.model_validate(config))
    return report, (out / f"probe-{name}.jsonl").read_text()


@pytest.mark.parametrize("name", ["text-bias", "needle", "inconsistency", "omnify", "perturb", "noise", "modality"])
def test_a_probe_asks_the_model(live: Servers, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "mill.html").write_text(MILL)
    charts(folder / "wind.pdf")
    wind = {"id": "wind", "question": "How much did the parks give in 2018?", "answer": "1,340", "doc": "wind.pdf"}
    write(folder, *(row | {"gold_pages": [0], "evidence_type": "Pure-text"} for row in (QUESTIONS[0], wind)))
    report, rows = ask_probe(name, folder, tmp_path / "out", live("chat"))
    assert report.trials > 0
    assert report.failed == 0, rows
    assert report.figures


def test_ocrbench_asks_the_model(live: Servers, tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "sign.png").write_bytes(picture("red"))
    row = {"id": 7, "dataset_name": "IIIT5K", "question": "What is written?", "image_path": "sign.png",
           "type": "Regular Text Recognition", "answers": ["CENTRE"]}  # fmt: skip
    (tmp_path / "set" / "OCRBench.json").write_text(json.dumps([row]))
    report, rows = ask_probe("ocrbench", tmp_path / "set", tmp_path / "out", live("chat"))
    assert (report.trials, report.failed) == (1, 0), rows
    assert [figure.name for figure in report.figures] == ["text recognition", "all"]


# the server


def test_the_exact_probabilities_of_both_words_are_asked_for(live: Servers, library: Library) -> None:
    """`logprob_token_ids` gives the words' own tokens, however unlikely they are."""
    server = live("chat")
    endpoint = Endpoint(server.url, SettingNames.under("X_"))
    with endpoint.open() as http:
        ids = [endpoint.post(http, "/tokenize", {"model": "tiny", "prompt": word, "add_special_tokens": False})
               ["tokens"][0] for word in ("Yes", "No")]  # fmt: skip
        body = {"model": "tiny", "max_tokens": 1, "temperature": 0, "logprobs": True, "logprob_token_ids": ids,
                "messages": [{"role": "user", "content": "Is it?"}]}  # fmt: skip
        first = endpoint.post(http, "chat/completions", body)["choices"][0]["logprobs"]["content"][0]
    assert {"Yes", "No"} <= {row["token"] for row in first["top_logprobs"]}
