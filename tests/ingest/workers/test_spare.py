"""Processes for single tasks are taken again while somebody needs them, and end when nobody does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from octavo.ingest.workers.process import WorkerLostError
from octavo.ingest.workers.spare import SpareWorkers
from tests.ingest import faults


def test_the_next_task_takes_the_same_process_and_an_unused_one_ends() -> None:
    workers = SpareWorkers(memory=1_000, idle=3_600)
    first = workers.call(faults.identity, timeout=30)
    assert workers.call(faults.identity, timeout=30) == first
    workers.end_unused()
    assert len(workers) == 1
    workers.idle = 0
    workers.end_unused()
    assert len(workers) == 0


@pytest.mark.parametrize(
    ("task", "arguments", "error"), [(faults.crash, (), WorkerLostError), (faults.refuse, ("no",), ValueError)]
)
def test_a_process_whose_task_failed_is_not_taken_again(
    task: Callable[..., None], arguments: tuple[str, ...], error: type[Exception]
) -> None:
    workers = SpareWorkers(memory=1_000, idle=3_600)
    with pytest.raises(error):
        workers.call(task, *arguments, timeout=30)
    assert len(workers) == 0
