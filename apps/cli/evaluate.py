"""`octavo eval …`: measuring retrieval, answers and judges."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from octavo.apps.cli.arguments import DEFAULT, settings_of

if TYPE_CHECKING:
    from octavo.eval.protocol import Split

app = typer.Typer(help="Measure retrieval and answers on folders of documents and questions.", no_args_is_help=True)
CACHE = Path(".octavo-judge.sqlite")


@app.callback()
def evaluate() -> None:
    """Measure retrieval and answers on folders of documents and questions."""


@app.command()
def calibrate(
    folder: Annotated[Path, typer.Argument(help="A data set: queries.jsonl and the documents that it names.")],
    library: Annotated[
        Path, typer.Option(help="The library that keeps the calibration.", envvar="OCTAVO_LIBRARY")
    ] = DEFAULT,
    level: Annotated[str, typer.Option(help="page, element or chunk.")] = "page",
    isotonic: Annotated[bool, typer.Option("--isotonic", help="Any rising shape; needs hundreds of pairs.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Turn the scores of the relevancy model that is set into probabilities, by labelled questions."""
    from octavo.apps.cli import output
    from octavo.eval.fitting.calibration import calibrate as run
    from octavo.rag import Level

    if level not in ("page", "element", "chunk"):
        raise typer.BadParameter(f"--level is page, element or chunk, not {level}.")
    calibration = run(folder, settings_of(library), Level(level), "isotonic" if isotonic else "logistic")
    if as_json:
        output.as_json(calibration.model_dump())
    else:
        before, after = calibration.error
        print(
            f"{calibration.pairs} pairs, {calibration.relevant} relevant: calibration error {before:.3f} before, "
            f"{after:.3f} after"
        )


@app.command()
def retrieval(
    folder: Annotated[Path, typer.Argument(help="A data set: queries.jsonl and the documents that it names.")],
    across: Annotated[bool, typer.Option("--across", help="Rank over all documents, not only the question's.")] = False,
    library: Annotated[Path | None, typer.Option(help="Keep the ingested library here, for a second run.")] = None,
    split: Annotated[str, typer.Option(help="Only the documents to tune or to report on, by eval/protocol.toml.")] = "",
    layouts: Annotated[str, typer.Option(help="The regions to rank: own, or mmdocir for those it publishes.")] = "own",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    records: Annotated[Path | None, typer.Option(help="Write one JSON line a question to this file.")] = None,
) -> None:
    """Page and layout recall by MMDocIR's definitions."""
    from octavo.apps.cli import output
    from octavo.eval.layouts import Layouts
    from octavo.eval.reports import table
    from octavo.eval.retrieval import evaluate as run

    if layouts not in tuple(Layouts):
        raise typer.BadParameter(f"--layouts is own or mmdocir, not {layouts}.")
    result = run(
        folder,
        across=across,
        library=library,
        records=records,
        settings=settings_of(DEFAULT),
        split=_split(split),
        layouts=Layouts(layouts),
    )
    output.as_json(result) if as_json else print(table(result))


@app.command()
def ablate(
    sets: Annotated[list[Path], typer.Argument(help="Data sets: folders of questions and documents.")],
    libraries: Annotated[Path | None, typer.Option(help="Keep the libraries here, by the sets' names.")] = None,
    split: Annotated[str, typer.Option(help="Only the documents to tune or to report on, by eval/protocol.toml.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the recall of each question as JSON.")] = False,
) -> None:
    """Recall with each rule about questions off, side by side over data sets."""
    from octavo.apps.cli import output
    from octavo.eval.ablation import ablate as run, table

    results = [run(folder, libraries and libraries / folder.name, _split(split)) for folder in sets]
    output.as_json(results) if as_json else print(table(results))


def _split(name: str) -> Split | None:
    if name not in ("", "tune", "report"):
        raise typer.BadParameter(f"--split is tune or report, not {name}.")
    return cast("Split", name) if name else None


@app.command()
def grounding(
    folder: Annotated[Path, typer.Argument(help="A data set whose questions have answers and their boxes.")],
    library: Annotated[Path | None, typer.Option(help="Keep the ingested library here, for a second run.")] = None,
    split: Annotated[str, typer.Option(help="Only the documents to tune or to report on, by eval/protocol.toml.")] = "",
    claim: Annotated[str, typer.Option(help="What is cited: answer, or question and answer.")] = "answer",
    records: Annotated[Path | None, typer.Option(help="Write one JSON line a claim to this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Agreement of the boxes of claims with the boxes that people drew: gold answers cited on gold pages."""
    from octavo.apps.cli import output
    from octavo.eval.grounding import CLAIMS, evaluate as run, record_of, report_of, table
    from octavo.eval.records import write_records

    if claim not in CLAIMS:
        raise typer.BadParameter(f"--claim is {' or '.join(CLAIMS)}; not {claim}.")
    claims = run(folder, claim=claim, library=library, split=_split(split), settings=settings_of(DEFAULT))
    if records:
        write_records(records, map(record_of, claims))
    report = report_of(claims)
    output.as_json(report) if as_json else print(table(report))


@app.command()
def concepts(
    folder: Annotated[Path, typer.Argument(help="A data set: queries.jsonl and the documents that it names.")],
    library: Annotated[Path | None, typer.Option(help="A library of its documents; it is copied.")] = None,
    split: Annotated[str, typer.Option(help="Only the documents to tune or to report on, by eval/protocol.toml.")] = "",
    figures: Annotated[int, typer.Option(min=1, help="Figures that are drawn to be concepts, and to be none.")] = 20,
    records: Annotated[Path | None, typer.Option(help="Write one JSON line a case to this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Concepts of the user's own: recall by names and pictures, false insertions, page recall with and without."""
    from octavo.apps.cli import output
    from octavo.eval.concepts import evaluate as run, table
    from octavo.eval.records import write_records

    report = run(folder, library=library, split=_split(split), settings=settings_of(DEFAULT), figures=figures)
    if records:
        write_records(records, report.cases)
    output.as_json({"means": report.means, "differences": report.differences}) if as_json else print(table(report))


@app.command()
def relevancy(
    folder: Annotated[Path, typer.Argument(help="A data set: queries.jsonl and the documents that it names.")],
    library: Annotated[Path | None, typer.Option(help="Keep the ingested library here, for a second run.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure the relevancy score: accuracy, calibration, the cut at k, and abstention."""
    from octavo.apps.cli import output
    from octavo.eval.relevancy import evaluate as run
    from octavo.eval.reports import relevancy as told

    result = run(folder, library=library, settings=settings_of(DEFAULT))
    output.as_json(result) if as_json else print(told(result))


@app.command()
def answerable(
    sets: Annotated[list[Path], typer.Argument(help="Data sets: folders of questions and documents.")],
    libraries: Annotated[Path | None, typer.Option(help="Keep the libraries here, by the sets' names.")] = None,
    split: Annotated[str, typer.Option(help="Only the documents to tune or to report on, by eval/protocol.toml.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Separation of questions with an answer from those without: AUROC, and risk by coverage, by kind."""
    from octavo.apps.cli import output
    from octavo.eval.answerable import evaluate as run, table

    settings = settings_of(DEFAULT)
    results = [
        run(folder, library=libraries and libraries / folder.resolve().name, settings=settings, split=_split(split))
        for folder in sets
    ]
    output.as_json(results) if as_json else print(table(results))


@app.command()
def languages(
    sets: Annotated[list[Path], typer.Argument(help="Data sets with the same questions, each in its language.")],
    library: Annotated[Path, typer.Option(help="The library of their documents.", envvar="OCTAVO_LIBRARY")] = DEFAULT,
    translated: Annotated[
        bool, typer.Option("--translated", help="Ask the questions that Octavo has translations of, in each language.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Page recall and abstention by language, beside the first set, and how evenly a question's versions are served."""
    from octavo.apps.cli import output
    from octavo.eval.languages import evaluate as run, table

    result = run(sets, library, settings_of(DEFAULT), translated)
    output.as_json(result) if as_json else print(table(result))


@app.command()
def questions(
    folder: Annotated[Path, typer.Argument(help="A data set whose questions have keys.")],
    library: Annotated[Path | None, typer.Option(help="Keep the ingested library here, for a second run.")] = None,
    split: Annotated[str, typer.Option(help="Only this half of the questions: tune or report.")] = "",
    records: Annotated[Path | None, typer.Option(help="Write one JSON line a question to this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Right, wrong and no answers to questions with keys, near misses and off-topic ones."""
    from octavo.apps.cli import output
    from octavo.eval.questions import evaluate as run, table
    from octavo.eval.records import write_records
    from octavo.rag.query.followups import condense

    report = run(folder, library=library, split=split, settings=settings_of(DEFAULT), reword=condense)
    if records:
        write_records(records, map(asdict, report.rows))
    output.as_json(report) if as_json else print(table(report))


@app.command()
def plans(
    folder: Annotated[Path, typer.Argument(help="A data set whose questions have keys.")],
    library: Annotated[Path | None, typer.Option(help="Keep the ingested library here, for a second run.")] = None,
    split: Annotated[str, typer.Option(help="Only this half of the questions: tune or report.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome of each question as JSON.")] = False,
) -> None:
    """Right, wrong and no answers to questions with keys with each plan off (answering.plans)."""
    from octavo.apps.cli import output
    from octavo.eval.plans import ablate as run, table
    from octavo.rag.query.followups import condense

    results = run(folder, library=library, split=split, settings=settings_of(DEFAULT), reword=condense)
    output.as_json(results) if as_json else print(table(results))


@app.command()
def judge(
    labels: Annotated[Path, typer.Option(help="A folder with labels.jsonl: answers that people have graded.")],
    llm_url: Annotated[str, typer.Option(help="The judging model's OpenAI-compatible endpoint.")] = "",
    llm_model: Annotated[str, typer.Option(help="Its model; else the endpoint's first.")] = "",
    llm_key: Annotated[str, typer.Option(envvar="OCTAVO_LLM_KEY", help="Its API key.")] = "",
    timeout: Annotated[float, typer.Option(min=1, help="Seconds that it may be silent.")] = 120,
    samples: Annotated[int, typer.Option(min=1, max=15, help="Verdicts on each answer; the majority counts.")] = 1,
    concurrency: Annotated[int, typer.Option(min=1, max=256, help="Requests at the same time.")] = 8,
    limit: Annotated[int, typer.Option(min=0, help="Only so many labels, drawn evenly; 0 for all.")] = 0,
    cache: Annotated[Path, typer.Option(help="Verdicts are kept here; the same again costs nothing.")] = CACHE,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure the agreement of the judge by rules, and of a model, with people."""
    from octavo.apps.cli import output
    from octavo.eval.judges import JudgeOptions, labels as people
    from octavo.eval.judges.against import evaluate_judges
    from octavo.eval.reports import agreement
    from octavo.rag.clients.http import SettingNames

    verdicts, data_hash = people.load(labels)
    endpoint = {"url": llm_url, "model": llm_model, "key": llm_key, "concurrency": concurrency, "timeout": timeout}
    options = JudgeOptions.model_validate(endpoint) if llm_url else None
    names = SettingNames("--llm-url", "--llm-key or OCTAVO_LLM_KEY", "--llm-model", "--timeout")
    chosen = people.sample(verdicts, limit)
    results = evaluate_judges(chosen, data_hash, options, samples=samples, cache=cache, names=names)
    output.as_json(results) if as_json else print("\n\n".join(agreement(result) for result in results))


@app.command()
def synthesize(
    out: Annotated[Path, typer.Argument(help="The new folder of the data set.")],
    llm_url: Annotated[
        str, typer.Option(help="The writing model's OpenAI-compatible endpoint.", envvar="OCTAVO_LLM_URL")
    ],
    llm_model: Annotated[
        str, typer.Option(help="Its model; else the endpoint's first.", envvar="OCTAVO_LLM_MODEL")
    ] = "",
    llm_key: Annotated[str, typer.Option(envvar="OCTAVO_LLM_KEY", help="Its API key.")] = "",
    library: Annotated[Path, typer.Option(help="The library of the documents.", envvar="OCTAVO_LIBRARY")] = DEFAULT,
    count: Annotated[int, typer.Option(min=1, help="Pages that questions are written of.")] = 100,
    language: Annotated[list[str] | None, typer.Option(help="A language to write in, by its name; repeatable.")] = None,
    pictures: Annotated[bool, typer.Option("--pictures", help="Show the model the page, if it sees.")] = False,
    concurrency: Annotated[int, typer.Option(min=1, max=256, help="Requests at the same time.")] = 8,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Let a model write questions of your own documents, and keep those that a round trip bears out: a data set."""
    from octavo.apps.cli import output
    from octavo.apps.cli.arguments import open_pipeline
    from octavo.eval.judges import JudgeOptions
    from octavo.eval.synthesis import synthesize as run
    from octavo.rag.clients.http import SettingNames

    names = SettingNames("--llm-url", "--llm-key or OCTAVO_LLM_KEY", "--llm-model", "--timeout")
    options = JudgeOptions(url=llm_url, model=llm_model, key=llm_key, concurrency=concurrency)
    with open_pipeline(library, must_exist=True) as pipeline:
        counts = run(pipeline, out, options, count, language or ["English"], pictures=pictures, names=names)
    output.as_json(counts) if as_json else print(", ".join(f"{n} {name}" for name, n in counts.most_common()))


@app.command()
def run(
    config: Annotated[Path, typer.Argument(help="A YAML file: data, systems, metrics, judge, out.")],
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print no progress.")] = False,
) -> None:
    """Answer and judge questions in a batch. Stopped and started again it goes on where it was.

    The file says what to do, for example:

    \b
    data:
      - {path: reports, limit: 100}
    settings: {llm_url: "http://localhost:8000/v1"}
    systems:
      - {name: model}
      - {name: text only, modality: text}
      - {name: pictures described, images: summary}
      - {name: quotes, settings: {llm_url: ""}}
    metrics: [ correctness, aspects ]
    judge: {url: "http://localhost:8001/v1", pictures: 4}

    `modality` is text, image or both; `images` is embedding (found as they look, by an embedding that sees) or summary
    (found by what the model says of them at ingestion). `settings` beside `systems` are shared by all of them.
    """
    from octavo.apps.cli.progress import RunProgress
    from octavo.eval.runs import load, run as execute

    with RunProgress(quiet=quiet) as progress:
        out = execute(load(config), progress)
    print(f"{out}: {progress.cost}")


@app.command()
def probe(
    name: Annotated[str, typer.Argument(help="The probe; --list names all.")] = "",
    config: Annotated[Path | None, typer.Argument(help="A YAML file as that of `octavo eval run`.")] = None,
    list_only: Annotated[bool, typer.Option("--list", help="Print the probes and what each is about.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print no progress.")] = False,
) -> None:
    """Measure a system whose questions, evidence or documents are changed on purpose. Stopped, it goes on."""
    from octavo.apps.cli import output
    from octavo.apps.cli.progress import RunProgress
    from octavo.eval.probes import PROBES, run_probe, table
    from octavo.eval.runs import load

    if list_only:
        for title, about in PROBES.items():
            print(f"{title:<15} {about}")
        return
    if config is None or name not in PROBES:
        raise typer.BadParameter(f"Name a probe ({', '.join(PROBES)}) and a configuration.")
    with RunProgress(quiet=quiet) as progress:
        reports = run_probe(name, load(config), progress)
    output.as_json(reports) if as_json else print(table(reports))


@app.command()
def report(
    runs: Annotated[list[Path], typer.Argument(help="Folders of runs.")],
    out: Annotated[Path | None, typer.Option(help="Where the files go; else the first run's folder.")] = None,
    pictures: Annotated[bool, typer.Option(help="Pages with their boxes, inside the file.")] = True,
) -> None:
    """Write a report of one or more runs: one HTML file, and the figures as JSON and CSV."""
    from octavo.eval.reports import report as write

    for path in write(runs, out or runs[0], pictures=pictures):
        print(path)


@app.command()
def gate(
    run: Annotated[Path, typer.Argument(help="The folder of a run.")],
    baseline: Annotated[Path, typer.Option(help="The folder of the run that it is held against.")],
) -> None:
    """Compare a run with a baseline; ends with 1 where a metric is clearly worse, or questions failed."""
    from octavo.eval.runs.gate import compare_runs

    differences = compare_runs(run, baseline)
    for word, changes in (("worse", differences.worse), ("better", differences.better)):
        for change in changes:
            print(f"{word}  {change}")
    if differences.failed:
        print(f"{differences.failed} questions could not be answered")
    print("passed" if differences.passes else "failed")
    if not differences.passes:
        raise typer.Exit(1)
