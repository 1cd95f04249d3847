"""Output of commands: tables and text for people, JSON for programs."""

from __future__ import annotations

import dataclasses
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from octavo.apps.cli.words import in_cli_words
from octavo.ingest.errors import OctavoError

if TYPE_CHECKING:
    from octavo.apps.cli.doctor import Check
    from octavo.eval.fitting.projector import TrainingReport
    from octavo.ingest.remote import File
    from octavo.ingest.store.documents import DocumentInfo
    from octavo.rag import Answer, Evidence, Ingested, Pipeline, Step
    from octavo.rag.concepts import Concept, Mention
    from octavo.rag.consistency import Contradiction
    from octavo.rag.index.projection import ProjectionReport
    from octavo.rag.index.report import IndexReport

ANEW = "\n(That was not the answer, which begins here.)\n"
"""Printed between withdrawn text and the text that replaces it."""
console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 10_000)


def as_json(value: Any) -> None:
    """Dataclasses, and lists of them, as JSON on standard output."""
    print(json.dumps(value, default=_plain, ensure_ascii=False, indent=1))


def _plain(value: Any) -> Any:
    from octavo.ingest.remote import RemoteFile

    if isinstance(value, RemoteFile):
        return value.url
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        return fields | ({"page_number": value.page_number} if hasattr(value, "page_number") else {})
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


_MAX_NAMES = 12
SUMMARY = 500
"""Lines on failures and problems that the summary of an ingest has."""
_STATUSES = ("added", "replaced", "renamed", "removed", "skipped", "failed", "unsupported")


def _name_files(files: Sequence[File]) -> str:
    """Returns the files of kinds that are not read: their names where they are few, else a count of each kind."""
    if len(files) <= _MAX_NAMES:
        return f"{count_of(len(files), 'file')} of other kinds: {', '.join(path.name for path in files)}"
    kinds = Counter(path.suffix.lower() or path.name for path in files).most_common()
    more = f" and {len(kinds) - _MAX_NAMES} other kinds" if len(kinds) > _MAX_NAMES else ""
    names = ", ".join(f"{count} {kind}" for kind, count in kinds[:_MAX_NAMES])
    return f"{count_of(len(files), 'file')} of other kinds: {names}{more}"


class IngestSummary:
    """Sums up an ingest: what failed or had problems, each with its reason, then the counts.

    Of these it keeps `SUMMARY` lines, and counts the rest, so that a run of millions of files is summed up too.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._lines: list[str] = []
        self._left_out = self._pages = 0
        self._others: list[File] = []

    def add(self, result: Ingested) -> None:
        """Takes the result of a file."""
        self.counts[result.status] += 1
        self._pages += result.pages
        if result.status == "unsupported":
            self._others.append(result.path)
        if result.status == "failed":
            self._tell(f"[red]failed[/]   {escape(in_cli_words(result.reason, result.code))}")
        for problem in result.problems:
            self._tell(f"[yellow]problem[/]  {escape(result.path.name)}: {escape(problem)}")

    def _tell(self, line: str) -> None:
        if len(self._lines) < SUMMARY:
            self._lines.append(line)
        else:
            self._left_out += 1

    def print(self, seconds: float) -> None:
        """Prints the summary of a run that took so long."""
        for line in self._lines:
            console.print(line)
        if self._left_out:
            console.print(f"… and {self._left_out:,} more failures and problems (--failures FILE lists the failures)")
        if self._others:
            console.print(f"[yellow]not read[/] {escape(_name_files(self._others))}")
        if len(self._others) == self.counts.total():
            console.print("Nothing to read: there is no file of a kind that can be read.")
            return
        parts = [f"{self.counts[s]} {s}" for s in _STATUSES if self.counts[s]]
        rate = f", {self._pages / seconds:.1f} pages/s" if self._pages and seconds else ""
        console.print(f"{', '.join(parts)}: {count_of(self._pages, 'page')} in {seconds:.1f} s{rate}")


def results(results: Sequence[Ingested], seconds: float) -> None:
    """Prints the summary of an ingest."""
    summary = IngestSummary()
    for result in results:
        summary.add(result)
    summary.print(seconds)


class JsonArray:
    """Prints a JSON array one value at a time; one that is broken off by an error is left open."""

    def __init__(self) -> None:
        self._begun = False

    def __enter__(self) -> JsonArray:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            print("\n]" if self._begun else "[]")

    def add(self, value: Any) -> None:
        """Prints a value."""
        text = json.dumps(value, default=_plain, ensure_ascii=False)
        print(",\n " if self._begun else "[\n ", text, sep="", end="", flush=True)
        self._begun = True


class FailureFile:
    """Files that failed, with their reasons, a JSON object a line: a manifest of what may be tried again."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> FailureFile:
        self._file = self._path.open("w", encoding="utf-8", errors="surrogateescape")
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, result: Ingested) -> None:
        """Writes the result of a file where it failed."""
        if result.status == "failed":
            line = {"path": str(result.path), "reason": result.reason, "code": result.code}
            print(json.dumps(line, ensure_ascii=False), file=self._file, flush=True)


def documents(infos: Sequence[DocumentInfo]) -> None:
    """The library's documents as a table."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("id", "name", "title", "pages", "added"):
        table.add_column(column, overflow="fold", no_wrap=column in ("id", "pages", "added"))
    for info in infos:
        added = datetime.fromisoformat(info.added_at).astimezone()
        table.add_row(info.id[:8], escape(info.name), escape(info.title), str(info.pages), f"{added:%Y-%m-%d %H:%M}")
    console.print(table if infos else "The library is empty.")
    outdated_documents(infos)


def sync_results(results: Sequence[Ingested], *, dry_run: bool) -> None:
    """Prints what a sync changed, or would change, a file a line, then the counts."""
    for r in results:
        if r.status not in ("skipped", "unsupported"):
            reason = f": {r.reason}" if r.reason else ""
            console.print(f"{r.status:<8} {escape(r.path.name)}{escape(reason)}")
        for problem in r.problems:
            console.print(f"[yellow]problem[/]  {escape(r.path.name)}: {escape(problem)}")
    if others := [r.path for r in results if r.status == "unsupported"]:
        console.print(f"[yellow]not read[/] {escape(_name_files(others))}")
    counts = Counter(r.status for r in results)
    parts = [f"{counts[s]} {s}" for s in _STATUSES if counts[s]]
    console.print(f"{'would be ' if dry_run else ''}{', '.join(parts) or 'nothing to do'}")


def outdated_documents(infos: Sequence[DocumentInfo]) -> None:
    """Says how many documents an older Octavo read, and how they are read again."""
    if note := older(infos):
        console.print(f"[yellow]note[/] {note}")


def older(infos: Sequence[DocumentInfo]) -> str:
    """Returns one sentence where documents were read by an older Octavo, else nothing."""
    count = sum(info.outdated for info in infos)
    which = f"{count} of {count_of(len(infos), 'document')} {'was' if count == 1 else 'were'}"
    return f"{which} read by an older Octavo: `octavo ingest --force PATH` reads again." if count else ""


def evidence(hits: Sequence[Evidence]) -> None:
    """Search results: score, place, and the beginning of what stands there."""
    if not hits:
        console.print("Nothing found.")
    for hit in hits:
        place = f"{hit.name}, page {hit.page + 1}" + (f", {hit.kind}" if hit.kind else "") + _also(hit)
        console.print(f"[bold]{hit.score:.2f}[/]  {escape(place)}  [dim]{escape(_start(hit.heading))}[/]")
        console.print(f"      {escape(_start(hit.text))}", style="dim")


def _also(hit: Evidence) -> str:
    """Returns where copies of an entry stand, by the page, and by the document where it is another one."""
    places = [(f"{c.name}, " if c.document != hit.document else "") + f"p. {c.page_number}" for c in hit.copies]
    return f" (also on {'; '.join(dict.fromkeys(places))})" if places else ""


@dataclasses.dataclass(frozen=True)
class DocumentPlace:
    """A place in a document: `page` from 0, or `None` for all of it, the `kind` of an element, and how near it is."""

    name: str
    page: int | None
    kind: str
    id: str
    similarity: float | None = None

    @property
    def page_number(self) -> int | None:
        """The number of the page that people say, from 1."""
        return None if self.page is None else self.page + 1

    def __str__(self) -> str:
        parts = [self.name, self.page is not None and f"page {self.page_number}", self.kind]
        return ", ".join(str(part) for part in parts if part)


def copies(groups: Sequence[Sequence[DocumentPlace]]) -> None:
    """Groups of copies, one a line."""
    for group in groups:
        console.print(escape(" = ".join(map(str, group))))
    console.print(f"{count_of(len(groups), 'group')} of copies")


def places(places_found: Sequence[DocumentPlace]) -> None:
    """Places with their similarity, one a line."""
    for place in places_found:
        console.print(f"[bold]{place.similarity:.2f}[/]  {escape(str(place))}")


def index_report(report: IndexReport) -> None:
    """The figures of an index as a table, then its verdicts."""
    table = Table(box=None, pad_edge=False)
    for head in ("level", "entries", "uniformity", "directions", "skewness", "nearest share"):
        table.add_column(head, justify="left" if head == "level" else "right")
    for level in report.levels:
        figures = (level.uniformity, level.effective_dimension, level.skewness, level.hub_share)
        table.add_row(str(level.level), str(level.entries), *(f"{figure:.2f}" for figure in figures))
    console.print(escape(report.model))
    console.print(table)
    for name, value in (("alignment", report.alignment), ("modality gap", report.modality_gap)):
        if value is not None:
            console.print(f"{name} {value:.2f}")
    for verdict in report.verdicts:
        console.print(escape(verdict))


def training(result: TrainingReport) -> None:
    """Prints recall before and after the training of a projector, and whether the projector is used."""
    for name, recall in (("questions on held-out documents", result.own), ("headings", result.other)):
        change = recall.difference
        console.print(
            f"{recall.questions} {name}: recall {recall.before:.3f}, now {recall.after:.3f} "
            f"({change.mean:+.3f} \\[{change.low:+.3f}, {change.high:+.3f}])"
        )
    for name, (before, after) in (("alignment", result.alignment), ("uniformity", result.uniformity)):
        console.print(f"{name} {before:.2f}, now {after:.2f}")
    console.print(f"[red]refused[/]: {result.refused}." if result.refused else "[green]in use[/] from now on")


def projection(report: ProjectionReport) -> None:
    """The map from one embedding to another in a sentence."""
    console.print(
        f"{escape(report.model)} is mapped to {escape(report.to)} by {report.texts} texts of the library: questions "
        f"find {report.overlap:.0%} of what the old vectors find. These serve until `octavo embed` embeds it again."
    )


def step(step: Step) -> None:
    """One step of a model before its answer, on standard error."""
    pages = ", ".join(dict.fromkeys(f"{place.name}, page {place.page + 1}" for place in step.pages))
    text = ": ".join(filter(None, [step.action, _start(step.query, 100)]))
    line = " → ".join(filter(None, [text, pages or (step.problem and f"failed: {_start(step.problem)}")]))
    print(f"· {line} ({step.seconds:.1f} s)", file=sys.stderr, flush=True)


def answer(answer: Answer) -> None:
    """Prints what follows an answer's text: the places of its citations, its problems, or the nearest entries."""
    if answer.abstained:
        console.print(escape(answer.text))
        for candidate in answer.candidates:
            console.print(f"  [dim]{candidate.score:.2f}  {escape(candidate.name)}, page {candidate.page + 1}[/]")
    else:
        console.print()
    for c in answer.citations:
        if c.part == "concept":
            console.print(f"  [bold]\\[{c.number}][/] {escape(c.name)}")
            continue
        box = "box " + " ".join(str(round(value)) for value in c.box) if c.boxes or not c.part else ""
        place = ", ".join(filter(None, (c.part, box)))
        console.print(f"  [bold]\\[{c.number}][/] {escape(c.name)}, page {c.page + 1}, {place}")
    for span in answer.spans:
        if span.is_unsupported:
            reason = f" ({span.reason})" if span.reason else ""
            sentence = _start(answer.text[span.start : span.end], 100)
            console.print(f"[yellow]not supported[/] {span.score:.2f}  {escape(sentence + reason)}")
    for problem in answer.problems:
        console.print(f"[yellow]note[/] {escape(problem)}")


def concepts(some: Sequence[Concept], before: str = "") -> None:
    """Prints concepts, each with its other names, its note and how many pictures it has."""
    if not some:
        console.print("There are no concepts: `octavo concept add NAME` adds one.")
    for concept in some:
        others = f" ({', '.join(concept.aliases)})" if concept.aliases else ""
        category = f", {concept.category}" if concept.category else ""
        pictures = f"; {count_of(len(concept.pictures), 'picture')}" if concept.pictures else ""
        console.print(f"{before}[bold]{escape(concept.name)}[/]{escape(others + category + pictures)}")
        if concept.note and not before:
            console.print(f"  [dim]{escape(_start(concept.note))}[/]")


def mentions(mentions_found: Sequence[Mention]) -> None:
    """Prints the places of a concept in the documents."""
    if not mentions_found:
        console.print("It stands in none of the documents.")
    for place in mentions_found:
        box = " ".join(str(round(value)) for value in place.box)
        text = _start(place.text) or "a picture"
        console.print(f"{escape(place.name)}, page {place.page_number}, box {box}: [dim]{escape(text)}[/]")


def contradictions(pairs: Sequence[Contradiction]) -> None:
    """Prints pairs of quantities that contradict each other, with the place of each."""
    if not pairs:
        console.print("No quantities were found that contradict each other.")
    for pair in pairs:
        console.print(f"[bold]{escape(pair.first.text)}[/] but [bold]{escape(pair.second.text)}[/]")
        for place in (pair.first, pair.second):
            box = " ".join(str(round(value)) for value in place.box)
            console.print(f"  page {place.page_number}, box {box}: [dim]{escape(_start(place.quote))}[/]")


def save_highlighted(pipeline: Pipeline, answer: Answer, target: Path | None) -> Path:
    """Writes the first cited page with the boxes of all citations on it; returns the file.

    Raises `OctavoError` where it cannot be written there.
    """
    if target is None:
        target = Path(tempfile.mkdtemp(prefix="octavo-")) / "cited.png"
    first = next((c for c in answer.citations if c.part != "concept"), None)
    if first is None:
        raise OctavoError("The answer rests on a concept of yours alone, so there is no page to show.")
    page = pipeline.highlight(answer, first.document, first.page)
    try:
        page.save(target)
    except (OSError, ValueError) as error:
        raise OctavoError(f"The cited page cannot be written to {target} ({error}): name a .png file.") from error
    return target


def checks(results: Sequence[Check]) -> None:
    """The doctor's findings, one a line."""
    for check in results:
        mark = "[green]ok[/]    " if check.ok else "[red]failed[/]" if check.required else "[yellow]note[/]  "
        console.print(f"{mark} {check.name}: {escape(check.text)}")


def count_of(number: int, noun: str) -> str:
    """Returns a count of things in words.

    >>> count_of(1, "page"), count_of(0, "page")
    ('1 page', '0 pages')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _start(text: str, length: int = 160) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= length else flat[:length].rsplit(" ", 1)[0] + " …"
