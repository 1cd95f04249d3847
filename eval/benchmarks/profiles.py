"""The profiles of reading side by side: processor time, size and recall, read from the same documents in one run."""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from octavo.eval.figures import Result
from octavo.eval.retrieval import evaluate
from octavo.ingest import Profile
from octavo.rag import Settings


@dataclass(frozen=True, slots=True)
class ProfileCost:
    """The cost of reading a set by one profile, in processor seconds and bytes, with its recall."""

    profile: Profile
    seconds: float
    stored: int
    result: Result


def measure(folder: Path, profile: Profile, documents: Collection[str] = ()) -> ProfileCost:
    """Reads a data typeset again with one reading process and asks its questions; `documents` names those to keep to.

    The time is that of the reading process with its start, not that of embedding and search.
    """
    base = Settings.from_env()
    reading = base.reading.model_copy(update={"profile": profile, "workers": 1})
    with tempfile.TemporaryDirectory() as home:
        before = _seconds_of_children()
        result = evaluate(
            folder,
            library=Path(home),
            settings=base.model_copy(update={"reading": reading}),
            documents=documents,
        )
        stored = sum(file.stat().st_size for file in Path(home, "pages").rglob("*.webp"))
        return ProfileCost(profile, _seconds_of_children() - before, stored, result)


def report(sets: Sequence[Path], documents: Collection[str] = ()) -> str:
    """Returns a Markdown table: cost of a page, page recall@1/3/5 and layout recall@1/5/10 by set and profile."""
    lines = [
        "| set | profile | pages | processor a page, ms | stored a page, KB | page recall | layout recall |",
        "|---|---|---|---|---|---|---|",
    ]
    for folder in sets:
        for profile in Profile:
            lines.append(_row(folder, measure(folder, profile, documents)))
    return "\n".join(lines)


def _row(folder: Path, reading: ProfileCost) -> str:
    pages = reading.result.pages
    cells = (
        folder.name,
        reading.profile,
        str(pages),
        f"{1000 * reading.seconds / pages:.0f}",
        f"{reading.stored / pages / 1000:.0f}",
        _recall(reading.result.page),
        _recall(reading.result.layout or {}),
    )
    return f"| {' | '.join(cells)} |"


def _recall(values: dict[str, float]) -> str:
    return " / ".join(f"{value:.3f}".removeprefix("0") for value in values.values()) or "–"


def _seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
