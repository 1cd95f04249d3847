"""Mutants of what ranks and cites: each constant is changed once, and a test must fail.

`python -m tests.mutation [PART OF A PATH …]` (`make test-mutation`) works on a copy of the checkout. It prints each
mutant that survives and exits with 1 if there is one.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RANKING = (
    "tests/rag/relevancy/test_features.py",
    "tests/rag/relevancy/test_cascade.py",
    "tests/rag/test_golden.py",
    "tests/rag/retrieval",
    "tests/rag/relevancy/test_match.py",
)
TARGETS = {
    "rag/relevancy/parameters.json": ("tests/rag/test_golden.py", "tests/rag/relevancy/test_cascade.py"),
    "rag/relevancy/features.py": RANKING,
    "rag/relevancy/cascade.py": RANKING,
    "rag/relevancy/match.py": RANKING,
    "rag/relevancy/reranker.py": RANKING,
    "rag/relevancy/calibration.py": ("tests/rag/relevancy/test_calibration.py",),
    "rag/retrieval/retriever.py": RANKING,
    "rag/index/references.py": ("tests/rag/index/test_affinities.py", "tests/rag/index/test_references.py", *RANKING),
    "rag/index/sparse.py": (
        "octavo/rag/index/sparse.py",
        "tests/rag/index/test_select_terms.py",
        "tests/rag/index/test_search.py",
        *RANKING,
    ),
    "rag/answering/citation_marks.py": ("tests/rag/answering/test_citations.py",),
    "rag/answering/citations.py": ("tests/rag/answering/test_citations.py",),
}
"""Files, and the tests that must notice a change in them, the fastest first."""
NO_NUMBERS = ("provenance",)
"""Parts of a parameter file that hold no parameters."""
EQUIVALENT = (
    "1e-9",  # keeps a division from failing
    "max(average, 1.0)",
    "maxsize",
    "_BLOCK",
    "10**10",
    "inner = 0",  # set before it is read
    "max(agreements.values()",  # taken away again where no document agrees
    "[-4:]",  # more letters than an exponent's base has
    "start + _MAX_HELD + 1]",
    "error=(0.0, 0.0)",  # replaced below
)
"""Lines with these hold numbers that only guard, or bound a cache or the text that is looked at together."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A file with one number changed; `where` says which."""

    file: str
    where: str
    text: str


def mutants(file: str, text: str) -> Iterator[Mutant]:
    """Returns the mutants of a file: of each number in a parameter file, of each number in code.

    >>> [m.text for m in mutants("a.py", '\"\"\"Of 1985.\"\"\"\\nRRF = 60\\n')]
    ['\"\"\"Of 1985.\"\"\"\\nRRF = 121\\n']
    """
    yield from _of_parameters(file, text) if file.endswith(".json") else _of_code(file, text)


def _of_code(file: str, text: str) -> Iterator[Mutant]:
    lines = text.splitlines(keepends=True)
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Constant) or type(node.value) not in (int, float):
            continue
        line = lines[node.lineno - 1]
        start, end = (len(line.encode()[:column].decode()) for column in (node.col_offset, node.end_col_offset or 0))
        if any(part in line for part in EQUIVALENT):
            continue
        changed = f"{line[:start]}{_changed(node.value)!r}{line[end:]}"
        where = f"line {node.lineno}: {line.strip()} -> {changed.strip()}"
        yield Mutant(file, where, "".join([*lines[: node.lineno - 1], changed, *lines[node.lineno :]]))


def _of_parameters(file: str, text: str) -> Iterator[Mutant]:
    rows = text.splitlines(keepends=True)
    values = json.loads(text)
    end = next((n for n, row in enumerate(rows) if any(f'"{name}"' in row for name in NO_NUMBERS)), len(rows))
    assert set(NO_NUMBERS) <= set(values)
    for n, row in enumerate(rows[:end]):
        if match := re.search(r"(?<=: )-?[\d.]+(?:e-?\d+)?(?=,?\n)", row):
            value = json.loads(match[0])
            changed = row.replace(match[0], str(_changed(value)))
            yield Mutant(
                file, f"line {n + 1}: {row.strip()} -> {changed.strip()}", "".join([*rows[:n], changed, *rows[n + 1 :]])
            )


def _changed(value: float) -> float:
    """Returns another number of the same kind: about half as much again for fractions, twice as much for counts."""
    if isinstance(value, int):
        return 2 * value + 1
    return round(1.5 * value, 6) if value else 0.1
