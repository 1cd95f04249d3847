"""The reports that `python -m octavo.eval.tried …` prints, by the words after it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from octavo.eval.tried import codes, grounding, languages, projections, vectors

USAGE = (
    "usage: python -m octavo.eval.tried vectors SET LIBRARY | codes LIBRARY [SET] | languages SET LIBRARY "
    "| projections SET OLD NEW | grounding SET LIBRARY …"
)


def report_of_arguments(arguments: Sequence[str]) -> str:
    """Returns the report that the arguments of `python -m octavo.eval.tried` name."""
    match arguments:
        case ["vectors", folder, library]:
            return vectors.report(Path(folder), Path(library))
        case ["codes", library]:
            return codes.report(Path(library))
        case ["codes", library, folder]:
            return codes.report(Path(library), Path(folder))
        case ["languages", folder, library]:
            return languages.report(Path(folder), Path(library))
        case ["projections", folder, old, new]:
            return projections.report(Path(folder), Path(old), Path(new))
        case ["grounding", *pairs] if pairs and len(pairs) % 2 == 0:
            paths = [Path(pair) for pair in pairs]
            return grounding.report(list(zip(paths[::2], paths[1::2], strict=True)))
    raise ValueError(USAGE)
