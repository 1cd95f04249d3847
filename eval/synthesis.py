"""Questions of one's own documents, written by a model and filtered by a round trip: a data set without labelling.

A question is kept where the model answers it from its page, does not answer it from another page, and a search of the
whole library finds its page (round-trip consistency, Alberti et al. 2019; synthetic data as mmE5 makes it, 2502.08468).
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from octavo.eval.concurrent import map_concurrent
from octavo.eval.judges import JudgeModel, JudgeOptions, Task
from octavo.eval.records import write_records
from octavo.ingest import OctavoError
from octavo.ingest.imaging import encode
from octavo.ingest.store.documents import DocumentInfo
from octavo.rag import Level, Pipeline
from octavo.rag.clients.http import SettingNames
from octavo.rag.entry import EVERYWHERE, Entry
from octavo.rag.index.store import entries

LEAST_WORDS = 40
"""Words of a page of which a question is asked."""
LETTERS = 6_000
"""Letters of a page that the model is given."""
SIDE = 1280
"""Pixels of the longer side of a page's picture."""
SEARCH_DEPTH = 10
"""Pages of the search among which a question's page has to be."""

_WRITE = (
    "You write a question that someone could ask of a collection of documents, without having this page before them. "
    "It asks for one fact that this page states, names the thing that it is about, and does not mention the page. "
    "Write question and answer in {language}; the answer is as short as can be."
)
_CHECK = (
    "Does this page alone answer the question? Say no where it only touches the subject, or answers for another thing, "
    "time or place."
)


class WrittenQuestion(BaseModel):
    """A question with its answer."""

    question: str = Field(description='"the question"')
    answer: str = Field(description='"the answer"')


class PageVerdict(BaseModel):
    """A model's verdict on whether a page answers a question."""

    answered: Literal["yes", "no"]


Outcome = Literal["kept", "unanswered", "ambiguous", "not found", "twice"]
"""Kept; not answered by its page; answered by another page, too; not found by a search; or written before."""


@dataclass(frozen=True, slots=True)
class SynthesizedQuestion:
    """A question that was written of a page (from 0) of a document, and what became of it."""

    id: str
    question: str
    answer: str
    doc: str
    gold_pages: tuple[int, ...]
    language: str
    outcome: Outcome


def synthesize(
    pipeline: Pipeline,
    out: Path,
    options: JudgeOptions,
    count: int = 100,
    languages: Sequence[str] = ("English",),
    *,
    pictures: bool = False,
    names: SettingNames | None = None,
    seed: int = 0,
) -> Counter[Outcome]:
    """Writes a data set of questions on `count` pages drawn at random into a new folder; returns how they fared.

    With `pictures` the model is shown the page, beside its text. Documents are copied beside the questions, and what
    was not kept goes to `refused.jsonl`. Raises `OctavoError` for a folder that is not empty, and for a library of
    fewer than two pages with text.
    """
    if out.exists() and any(out.iterdir()):
        raise OctavoError(f"{out} is not empty: name a new folder.")
    source = random.Random(seed)  # noqa: S311 - not for secrets
    pages = _pages(pipeline)
    if len(pages) < 2:
        raise OctavoError(f"{pipeline.library.folder} has too few pages with text to ask questions of.")
    chosen = source.sample(pages, min(count, len(pages)))
    work = [
        (n, page, source.choice([other for other in pages if other.id != page.id]), languages[n % len(languages)])
        for n, page in enumerate(chosen)
    ]
    infos = {info.id: info for info in pipeline.documents()}
    out.mkdir(parents=True, exist_ok=True)
    with JudgeModel(options, names=names) as model:
        results = [
            result
            for _, result in map_concurrent(
                lambda one: _synthesize(model, pipeline, infos, *one, pictures=pictures), work, options.concurrency
            )
        ]
    questions: set[str] = set()
    rows = []
    for row in sorted(results, key=lambda row: int(row.id)):
        is_twice = row.outcome == "kept" and row.question.casefold() in questions
        questions.add(row.question.casefold())
        rows.append(SynthesizedQuestion(**{**asdict(row), "outcome": "twice"}) if is_twice else row)
    accepted = [row for row in rows if row.outcome == "kept"]
    for document in {row.doc.split("/")[1] for row in accepted}:
        _copy(infos[document], out)
    write_records(out / "queries.jsonl", map(asdict, accepted))
    write_records(out / "refused.jsonl", (asdict(row) for row in rows if row.outcome != "kept"))
    return Counter(row.outcome for row in rows)


def _synthesize(
    model: JudgeModel,
    pipeline: Pipeline,
    infos: dict[str, DocumentInfo],
    number: int,
    page: Entry,
    other: Entry,
    language: str,
    *,
    pictures: bool,
) -> SynthesizedQuestion:
    here = _parts(pipeline, page, pictures=pictures)
    written = model.ask(Task(_WRITE.format(language=language), here, WrittenQuestion)).value
    question = f"\n\nQuestion: {written.question}"
    outcome: Outcome = "kept"
    if model.ask(Task(_CHECK, (*here, question), PageVerdict)).value.answered == "no":
        outcome = "unanswered"
    elif (
        model.ask(Task(_CHECK, (*_parts(pipeline, other, pictures=pictures), question), PageVerdict)).value.answered
        == "yes"
    ):
        outcome = "ambiguous"
    elif page.id not in {hit.id for hit in pipeline.search(written.question, level=Level.PAGE, k=SEARCH_DEPTH)}:
        outcome = "not found"
    doc = f"documents/{page.document}/{infos[page.document].name}"
    return SynthesizedQuestion(str(number), written.question, written.answer, doc, (page.page,), language, outcome)


def _pages(pipeline: Pipeline) -> list[Entry]:
    connection = pipeline.library.connection
    ids = entries.ids(connection, entries.numbers(connection, Level.PAGE, EVERYWHERE)).values()
    files = {info.id for info in pipeline.documents() if _file(info)}
    some = [page for page in entries.load(connection, [*ids]) if page.document in files]
    return [page for page in some if len(page.text.split()) >= LEAST_WORDS]


def _parts(pipeline: Pipeline, page: Entry, *, pictures: bool) -> tuple[str | bytes, ...]:
    name = pipeline.library.info(page.document).name
    text = f"A page of {name}:\n{page.heading}\n{page.text[:LETTERS]}"
    if not pictures:
        return (text,)
    screenshot = pipeline.library.screenshot(page.document, page.page)
    screenshot.thumbnail((SIDE, SIDE))
    return (encode(screenshot, "JPEG", 88), text)


def _file(info: DocumentInfo) -> Path | None:
    return next((path for path in map(Path, info.paths) if path.is_file()), None)


def _copy(info: DocumentInfo, out: Path) -> None:
    file = _file(info)
    assert file is not None
    target = out / "documents" / info.id / info.name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, target)
