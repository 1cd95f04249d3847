"""`python -m octavo.eval.benchmarks …`."""

from __future__ import annotations

import sys
from pathlib import Path

from octavo.eval.benchmarks import (
    ablate,
    answering,
    copies,
    embed,
    engines,
    ingest,
    judge,
    late,
    manifest,
    plan,
    profiles,
    reading_cases,
    reading_queue,
    same_answers,
    scale,
    search,
    service,
    sign_bits,
    start,
    streaming,
    tables,
    workers,
)
from octavo.eval.fitting import reader_figures
from octavo.ingest import OctavoError

USAGE = """\
usage: python -m octavo.eval.benchmarks ingest FILE.pdf … | judge | embed [URL MODEL] | late
       python -m octavo.eval.benchmarks engines [PAGES …]
       python -m octavo.eval.benchmarks scale|grow|grow-folder [PAGES …] --libraries DIR
       python -m octavo.eval.benchmarks same-answers SET LIBRARY | manifest [LINES] --libraries DIR
       python -m octavo.eval.benchmarks search [PAGES …] [--libraries DIR]
       python -m octavo.eval.benchmarks sign-bits [DIMENSION] | start | ablate SET … [--libraries DIR]
       python -m octavo.eval.benchmarks reader TRAIN SET … [--libraries DIR]
       python -m octavo.eval.benchmarks answering SET LIBRARY URL ROWS.jsonl [across]
       python -m octavo.eval.benchmarks tables [DRAWN [PRINTED]] | reading-cases FOLDER | reading-queue | plan
       python -m octavo.eval.benchmarks copies LIBRARY
       python -m octavo.eval.benchmarks service URL LIBRARY [CLIENTS] | streaming LIBRARY [CLIENTS [batched|URL]]
       python -m octavo.eval.benchmarks profiles SET … [--documents NAME,NAME]"""


def main(arguments: list[str]) -> int:
    """Runs the benchmark that is named and prints its report."""
    if {"-h", "--help"} & set(arguments):
        print(USAGE)
        return 0
    match arguments:
        case ["ingest", *files] if files:
            print(ingest.report([Path(file) for file in files]))
        case ["judge"]:
            print(judge.report())
        case ["search", *sizes, "--libraries", libraries]:
            print(search.report([*map(int, sizes)] or search.SIZES, Path(libraries)))
        case ["scale", *sizes, "--libraries", libraries]:
            scale.report([*map(int, sizes)] or scale.SIZES, Path(libraries))
        case ["grow", *sizes, "--libraries", libraries]:
            scale.grow([*map(int, sizes)] or scale.SIZES, Path(libraries))
        case ["grow-folder", *sizes, "--libraries", libraries]:
            scale.grow_folder([*map(int, sizes)] or scale.SIZES, Path(libraries))
        case ["manifest", *lines, "--libraries", libraries] if len(lines) < 2:
            manifest.report(Path(libraries), *map(int, lines))
        case ["same-answers", data, library]:
            print(same_answers.report(Path(data), Path(library)))
        case ["engines", *sizes]:
            print(engines.report([*map(int, sizes)] or engines.SIZES))
        case ["search", *sizes]:
            print(search.report([*map(int, sizes)] or search.SIZES))
        case ["embed", *where] if len(where) in (0, 2):
            print(embed.report(*where))
        case ["service", url, library, *clients] if len(clients) <= 1:
            print(service.report(url, Path(library), *map(int, clients)))
        case ["workers", library]:
            print(workers.report(Path(library)))
        case ["streaming", library, *clients] if len(clients) <= 1:
            print(streaming.report(Path(library), *map(int, clients)))
        case ["copies", library]:
            print(copies.report(Path(library)))
        case ["streaming", library, clients, "batched"]:
            print(streaming.report(Path(library), int(clients), batched=True))
        case ["streaming", library, clients, url]:
            print(streaming.report(Path(library), int(clients), url=url))
        case ["late"]:
            print(late.report())
        case ["ablate", *sets, "--libraries", libraries] if sets:
            print(ablate.report([Path(data) for data in sets], Path(libraries)))
        case ["ablate", *sets] if sets:
            print(ablate.report([Path(data) for data in sets]))
        case ["reader", train, *sets, "--libraries", libraries]:
            print(reader_figures.report(Path(train), [Path(data) for data in sets], Path(libraries)))
        case ["reader", train, *sets]:
            print(reader_figures.report(Path(train), [Path(data) for data in sets]))
        case ["profiles", *sets, "--documents", names] if sets:
            print(profiles.report([Path(data) for data in sets], names.split(",")))
        case ["profiles", *sets] if sets:
            print(profiles.report([Path(data) for data in sets]))
        case ["sign-bits", *dimension] if len(dimension) < 2:
            print(sign_bits.report(*map(int, dimension)))
        case ["tables", *counts] if len(counts) < 3:
            print(tables.report(*map(int, counts)))
        case ["reading-cases", folder]:
            print(reading_cases.report(Path(folder)))
        case ["answering", data, library, url, rows, *across] if across in ([], ["across"]):
            paths = (Path(data), Path(library))
            print("\n".join(answering.measure(*paths, url, Path(rows), across=bool(across))))
        case ["reading-queue"]:
            print(reading_queue.report())
        case ["plan"]:
            print(plan.report())
        case ["start"]:
            print(start.report())
        case _:
            print(USAGE, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except OctavoError as error:
        sys.exit(f"error: {error}")
