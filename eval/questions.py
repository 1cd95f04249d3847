"""Questions with keys: whether the text of an answer holds what a right one must hold.

A data set in the project's own format whose questions have a `key`, and perhaps questions without an answer in
`unanswerable.jsonl` (near misses: a year, a name, a place that the documents do not hold) and `offtopic.jsonl`. Each
question is put to the whole library and to its own documents, off-topic ones to the library only.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from octavo.eval.datasets.model import each_row
from octavo.ingest import OctavoError
from octavo.ingest.remote import File
from octavo.rag import Answer, Pipeline, Scope, Settings
from octavo.rag.answering.quote import NOTICE

Outcome = Literal["right", "wrong", "abstained"]
Place = Literal["library", "document"]

_MARK = re.compile(r"\s*\[\d+\]")
_QUOTES = str.maketrans("‘’‚‛", "''''")


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """The content of a right answer, as regular expressions that ignore case.

    `every` must all be found, one of `some`, none of `none`, and at least `least[0]` of `least[1]`. `documents` are
    names of files that must be cited or named, with fewer others than there are of them.
    """

    every: tuple[str, ...] = ()
    some: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    least: tuple[int, tuple[str, ...]] = (0, ())
    documents: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: dict[str, Any]) -> AnswerKey:
        """Returns a key from its JSON form: `all`, `any`, `none`, `least` ([number, patterns]), `documents`."""
        count, patterns = row.get("least") or (0, ())
        return cls(
            tuple(row.get("all") or ()),
            tuple(row.get("any") or ()),
            tuple(row.get("none") or ()),
            (int(count), tuple(patterns)),
            tuple(row.get("documents") or ()),
        )

    def fits(self, text: str, cited: Iterable[str] = ()) -> bool:
        """Returns whether a text, with the names of the documents that it cites, is a right answer.

        >>> AnswerKey.of({"all": ["1,577"], "none": ["1,420"]}).fits("It was  $1,577 million.")
        True
        >>> AnswerKey(documents=("a.pdf",)).fits("Only this one", ["a.pdf", "b.pdf"])
        False
        """

        def holds(pattern: str) -> bool:
            return re.search(pattern, text, re.I) is not None

        text = plain(text)
        count, patterns = self.least
        names = set(cited) | {name for name in self.documents if name in text}
        return (
            all(map(holds, self.every))
            and (not self.some or any(map(holds, self.some)))
            and not any(map(holds, self.none))
            and sum(map(holds, patterns)) >= count
            and names.issuperset(self.documents)
            and (not self.documents or len(names) < 2 * len(self.documents))
        )


@dataclass(frozen=True, slots=True)
class KeyedQuestion:
    """A question with its key, or one that must not be answered (`key` is None).

    `docs` are paths in the data set, `pages` 0-based gold pages. `split` is "tune" or "report", by document. A question
    that is `within` makes sense for its document only ("What is on page 5?"). `history` are the questions before it.
    """

    id: str
    question: str
    kind: str
    split: str
    docs: tuple[str, ...] = ()
    pages: tuple[int, ...] = ()
    key: AnswerKey | None = None
    within: bool = False
    language: str = ""
    history: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionOutcome:
    """The outcome of one question.

    `first` says that the first paragraph alone fits the key, `length` is in letters, and `plan` is the name of the plan
    that answered, or found that there is no answer.
    """

    id: str
    kind: str
    split: str
    place: Place
    question: str
    asked: str
    outcome: Outcome
    first: bool
    page: bool
    length: int
    seconds: float
    text: str
    cited: tuple[tuple[str, int], ...]
    language: str = ""
    plan: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All rows, and why documents could not be read; their questions are left out (`skipped` of them)."""

    rows: list[QuestionOutcome]
    failed: dict[str, str] = field(default_factory=dict)
    skipped: int = 0


def plain(text: str) -> str:
    """Returns the words of an answer in one line: no marks of citations, no notice that they are quoted.

    >>> plain("Net sales  were 5 [1].\\n\\nThey rose [2].")
    'Net sales were 5. They rose.'
    """
    return " ".join(_MARK.sub("", text.replace(NOTICE, "")).translate(_QUOTES).split())


def load(folder: Path) -> list[KeyedQuestion]:
    """Returns the questions of a folder that have a key or must not be answered.

    Raises `OctavoError` where there is none, and for a line that cannot be read, naming it.
    """
    questions: list[KeyedQuestion] = []
    for name in ("queries.jsonl", "unanswerable.jsonl", "offtopic.jsonl"):
        if (path := folder / name).is_file():
            questions += each_row(path, _question)
    if not any(question.key for question in questions):
        raise OctavoError(f"{folder} has no queries.jsonl whose questions have a `key`.")
    return questions


def _question(row: dict[str, Any]) -> KeyedQuestion:
    if row.get("key") and not row.get("docs"):
        row = row | {"docs": [row["doc"]]}
    return KeyedQuestion(
        id=str(row["id"]),
        question=row["question"],
        kind=row.get("kind") or "",
        split=row.get("split") or "",
        docs=tuple(row.get("docs") or ([row["doc"]] if "doc" in row else [])),
        pages=tuple(row.get("gold_pages") or ()),
        key=AnswerKey.of(row["key"]) if row.get("key") else None,
        within=bool(row.get("within")),
        language=row.get("language") or "",
        history=tuple(row.get("history") or ()),
    )


def evaluate(
    folder: Path,
    *,
    library: Path | None = None,
    split: str = "",
    settings: Settings | None = None,
    reword: Callable[[str, str], str] = lambda question, before: f"{before} {question}",
    progress: Callable[[QuestionOutcome], None] = lambda row: None,
    only: Collection[tuple[str, Place]] | None = None,
) -> Report:
    """Reads the documents that the library lacks and puts every question; `split` takes one half of them only.

    `reword` makes a question that stands alone from a follow-up and the question before it. With `only`, those
    questions, by their ids, are put to those places and no others.
    """
    questions = [question for question in load(folder) if not split or question.split == split]
    if only is not None:
        ids_asked = {name for name, _ in only}
        questions = [question for question in questions if question.id in ids_asked]
    files: dict[File, str] = {(folder / doc).resolve(): doc for question in questions for doc in question.docs}
    settings = settings or Settings.from_env()
    with (
        nullcontext(library) if library else tempfile.TemporaryDirectory() as home,
        Pipeline(settings.model_copy(update={"library": Path(home)})) as pipeline,
    ):
        ingested = list(pipeline.ingest_each(sorted(files, key=str)))
        ids = {files[r.path]: r.document for r in ingested if r.status != "failed"}
        failed = {files[r.path]: r.reason for r in ingested if r.status == "failed"}
        answerable = [question for question in questions if all(doc in ids for doc in question.docs)]
        rows = []
        for question in answerable:
            for place, scope in _scopes(question, ids).items():
                if only is not None and (question.id, place) not in only:
                    continue
                rows.append(_ask(pipeline, question, place, scope, reword))
                progress(rows[-1])
    return Report(rows, failed, len(questions) - len(answerable))


def _scopes(question: KeyedQuestion, ids: dict[str, str]) -> dict[Place, Scope]:
    scopes: dict[Place, Scope] = {}
    if not question.within:
        scopes["library"] = Scope(documents=tuple(sorted(set(ids.values()))))
    if question.docs:
        scopes["document"] = Scope(documents=tuple(ids[doc] for doc in question.docs))
    return scopes


def _ask(
    pipeline: Pipeline, question: KeyedQuestion, place: Place, scope: Scope, reword: Callable[[str, str], str]
) -> QuestionOutcome:
    text = question.question
    if question.history:
        before = question.history[0]
        for later in (*question.history[1:], text):
            before = reword(later, before)
        text = before
    started = time.perf_counter()
    answer = pipeline.ask(text, scope=scope)
    seconds = time.perf_counter() - started
    names = {Path(doc).name for doc in question.docs}
    paragraph = answer.text.split("\n\n")[0]
    return QuestionOutcome(
        id=question.id,
        kind=question.kind,
        split=question.split,
        place=place,
        question=question.question,
        asked=text,
        outcome=outcome(question, answer),
        first=not answer.abstained and question.key is not None and question.key.fits(paragraph, _names(answer)),
        page=any(c.name in names and c.page in question.pages for c in answer.citations),
        length=0 if answer.abstained else len(plain(answer.text)),
        seconds=round(seconds, 3),
        text=answer.text,
        cited=tuple(dict.fromkeys((c.name, c.page) for c in answer.citations)),
        language=question.language,
        plan=answer.plan,
    )


def outcome(question: KeyedQuestion, answer: Answer) -> Outcome:
    """Right: the key fits. To a question without a key each answer is wrong."""
    if answer.abstained:
        return "abstained"
    return "right" if question.key and question.key.fits(answer.text, _names(answer)) else "wrong"


def _names(answer: Answer) -> list[str]:
    return [citation.name for citation in answer.citations]


def table(report: Report) -> str:
    """Counts by place, split and kind as text."""
    lines = []
    keyed = [row for row in report.rows if not is_unanswerable(row)]
    for place in ("library", "document"):
        rows = [row for row in keyed if row.place == place]
        if not rows:
            continue
        lines.append(
            f"{'of the ' + place:22}{'n':>5}{'right':>7}{'wrong':>7}{'abst.':>7}{'first':>7}{'page':>7}{'letters':>9}"
        )
        for split in sorted({row.split for row in rows}):
            lines.append(_counts(f"split {split}", [row for row in rows if row.split == split]))
        for kind in sorted({row.kind for row in rows}):
            lines.append(_counts(kind, [row for row in rows if row.kind == kind]))
        lines += [_counts("all", rows), ""]
    for place in ("library", "document"):
        near = [row for row in report.rows if row.kind.startswith("near-miss") and row.place == place]
        for split in sorted({row.split for row in near}):
            name = f"near misses of the {place}" + (f", {split}" if split else "")
            lines.append(_report_answers(name, [row for row in near if row.split == split]))
    off = [row for row in report.rows if row.kind == "off-topic"]
    for language in sorted({row.language for row in off}):
        lines.append(_report_answers(f"off-topic {language}", [row for row in off if row.language == language]))
    if off:
        lines.append(_report_answers("off-topic, all", off))
    seconds = sorted(row.seconds for row in report.rows)
    lines.append(
        f"{len(seconds)} answers, median {seconds[len(seconds) // 2]:.2f} s" if seconds else "No question was asked."
    )
    lines += [f"not read: {doc}: {reason}" for doc, reason in report.failed.items()]
    if report.skipped:
        lines.append(f"{report.skipped} questions on documents that were not read are left out.")
    return "\n".join(lines)


def is_unanswerable(row: QuestionOutcome) -> bool:
    """Returns true for an off-topic question and for a near miss, whose right outcome is no answer."""
    return row.kind == "off-topic" or row.kind.startswith("near-miss")


def _counts(name: str, rows: Sequence[QuestionOutcome]) -> str:
    count = {o: sum(row.outcome == o for row in rows) for o in ("right", "wrong", "abstained")}
    answered = [row.length for row in rows if row.outcome != "abstained"]
    letters = sorted(answered)[len(answered) // 2] if answered else 0
    first, page = sum(row.first for row in rows), sum(row.page for row in rows)
    return (
        f"{name:22}{len(rows):5}{count['right']:7}{count['wrong']:7}{count['abstained']:7}{first:7}{page:7}{letters:9}"
    )


def _report_answers(name: str, rows: Sequence[QuestionOutcome]) -> str:
    wrong = sum(row.outcome == "wrong" for row in rows)
    return f"{name:36}{wrong:4} of {len(rows):3} answered ({100 * wrong / len(rows):.1f} %)"
