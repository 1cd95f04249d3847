"""The reports that `python -m octavo.eval.tried …` prints, by the words after it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from octavo.eval.tried import codes, vectors

USAGE = "usage: python -m octavo.eval.tried vectors SET LIBRARY | codes LIBRARY [SET]"


def report_of_arguments(arguments: Sequence[str]) -> str:
    """Returns the report that the arguments of `python -m octavo.eval.tried` name."""
    match arguments:
        case ["vectors", folder, library]:
            return vectors.report(Path(folder), Path(library))
        case ["codes", library]:
            return codes.report(Path(library))
        case ["codes", library, folder]:
            return codes.report(Path(library), Path(folder))
    raise ValueError(USAGE)
