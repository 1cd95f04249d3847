"""Does one piece of work again and again, and has another step of it fail each time, until one run meets no fault.

Run as `LD_PRELOAD=disk.so python -m tests.faults.points WORK STEP FOLDER`, which tries every STEP-th point with each
fault; prints what became of it as JSON. Each run is a process of its own, a fork of this one, over a fresh copy of the
library.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import pickle
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from octavo.apps.chat.store.history import History
from octavo.apps.chat.turns import AskedQuestion, Turn
from octavo.ingest import Document, OctavoError
from octavo.ingest.store.library import Library
from octavo.rag import Answer
from octavo.rag.index import Index, model_of, reembed
from tests.rag import made

FAULTS = {"full": (errno.ENOSPC, 1), "error": (errno.EIO, 0), "kill": (0, 0)}
REFUSED, DONE = 3, 0
TEXTS = ("The mirror was polished.", "Revenue grew by 12%.", "The dome opened in 2017.")
CONVERSATION = "a-conversation-1"


class OtherEmbedding(made.HashEmbedding):
    model_name: str = "hashed otherwise"
    dimension: int = 48


@dataclass(frozen=True)
class State:
    """All that a library and its chat hold, where each document stands, and what made the vectors."""

    documents: dict[str, Document]
    paths: dict[str, tuple[str, ...]]
    embedding: str | None
    turns: list[Turn]


@contextmanager
def opened(folder: Path) -> Iterator[Index]:
    with Library(folder) as library:
        kinds = {model_of(kind()): kind for kind in (made.HashEmbedding, OtherEmbedding)}
        index = Index(library, kinds[library.get("embedding") or model_of(made.HashEmbedding())]())
        try:
            yield index
        finally:
            index.close()


def add(folder: Path) -> None:
    with opened(folder) as index, index.writing():
        index.add(made.document(index.library, "new.pdf", *TEXTS, "Otters swim."), "/new.pdf")


def replace_one(folder: Path) -> None:
    with opened(folder) as index, index.writing():
        index.add(made.document(index.library, "a.pdf", *TEXTS[:2], "It closed again."), "/a.pdf", replace=True)


def remove(folder: Path) -> None:
    with opened(folder) as index:
        for info in index.library.documents():
            if info.name == "a.pdf":
                index.remove(info.id)


def embed(folder: Path) -> None:
    with Library(folder) as library:
        reembed(library, OtherEmbedding())


def turn(folder: Path) -> None:
    history = History(folder)
    try:
        asked = Turn(AskedQuestion("When did the dome open?"), "dome")
        if history.count("ann", CONVERSATION) < 2:
            at = history.begin("ann", CONVERSATION, asked)
            history.finish(at, replace(asked, answer=Answer("When did the dome open?", "In 2017.")))
    finally:
        history.close()


WORKS: dict[str, Callable[[Path], None]] = {
    "add": add, "replace": replace_one, "remove": remove, "embed": embed, "turn": turn,
}  # fmt: skip


def make(folder: Path) -> None:
    with opened(folder) as index, index.writing():
        index.add(made.document(index.library, "a.pdf", *TEXTS), "/a.pdf")
        index.add(made.document(index.library, "b.pdf", TEXTS[0], "Windmills turn."), "/b.pdf")
        index.alias(next(i.id for i in index.library.documents() if i.name == "b.pdf"), "/twin.pdf")
    history = History(folder)
    at = history.begin("ann", CONVERSATION, Turn(AskedQuestion("What was polished?"), ""))
    history.finish(
        at, Turn(AskedQuestion("What was polished?"), "", answer=Answer("What was polished?", "The mirror."))
    )
    history.close()


def look(folder: Path) -> State:
    with opened(folder) as index:
        infos = index.library.documents()
        state = State(
            {info.id: index.library.document(info.id) for info in infos},
            {info.id: info.paths for info in infos},
            index.library.get("embedding"),
            [],
        )
    history = History(folder)
    try:
        return replace(state, turns=history.turns("ann", CONVERSATION))
    finally:
        history.close()


def examine(folder: Path, before: State, after: State, work: str, code: int) -> str:
    """What is wrong with a library after a run: nothing, or one line. The next writer and the same work come after."""
    found = look(folder)
    begun = len(found.turns) == 2 and found.turns[1].answer is None and found == replace(after, turns=found.turns)
    if found not in (before, after) and not (work == "turn" and begun):
        return "half"
    if code == DONE and found != after:
        return "lost"
    if code == -signal.SIGKILL or code == REFUSED:
        check(folder, found, tidy=False)
    with opened(folder) as index, index.writing():
        pass
    check(folder, found, tidy=True)
    if not (work == "turn" and begun):
        WORKS[work](folder)
        if look(folder) != after:
            return "not done when it is done again"
        check(folder, after, tidy=True)
    left = [path.name for path in folder.rglob("*.part")]
    return f"left behind: {left}" if left else ""


def check(folder: Path, state: State, *, tidy: bool) -> None:
    with opened(folder) as index:
        made.check(index, list(state.documents.values()), tidy=tidy)
        for pragma in ("integrity_check", "foreign_key_check"):
            assert index.library.connection.execute(f"PRAGMA {pragma}").fetchall() in ([("ok",)], []), pragma
        for document in state.documents.values():
            for page in document.pages:
                index.library.image(page.image)  # which compares its hash


def forked(task: Callable[[], object]) -> tuple[int, object]:
    """Runs a task in a fork; returns its exit code, or minus the signal that ended it, and what it returned."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(ours)
        code, result = DONE, None
        try:
            result = task()
        except OctavoError as error:
            code, result = REFUSED, str(error)
        except Exception:  # noqa: BLE001  (the caller reports it)
            code, result = 1, traceback.format_exc()
        with os.fdopen(theirs, "wb") as out:
            pickle.dump(result, out)
        os._exit(code)
    os.close(theirs)
    with os.fdopen(ours, "rb") as pipe:
        said = pipe.read()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), pickle.loads(said) if said else None


def succeeded(task: Callable[[], object]) -> object:
    code, result = forked(task)
    assert code == DONE, result
    return result


@dataclass
class Tally:
    """How many points there are, how many were tried, how the work ended, and what was wrong."""

    points: int = 0
    tried: int = 0
    done: int = 0
    refused: int = 0
    killed: int = 0
    wrong: list[str] = field(default_factory=list)


def run(work: str, step: int, folder: Path) -> Tally:
    base, whole = folder / "base", folder / "whole"
    succeeded(lambda: make(base))
    shutil.copytree(base, whole)
    succeeded(lambda: WORKS[work](whole))
    before, after = succeeded(lambda: look(base)), succeeded(lambda: look(whole))
    assert isinstance(before, State)
    assert isinstance(after, State)
    assert before != after
    tally = Tally()
    for fault in FAULTS:
        n = 1 + len(work) % step
        while point(work, fault, n, before, after, folder, tally):
            tally.points = max(tally.points, n)
            n += step
    return tally


def point(work: str, fault: str, n: int, before: State, after: State, folder: Path, tally: Tally) -> bool:
    """Tries one point; returns False where the work ended before it came to it."""
    disk, tried = ctypes.CDLL(None), folder / "tried"
    shutil.rmtree(tried, ignore_errors=True)
    shutil.copytree(folder / "base", tried)

    def faulty() -> int:
        number, persistent = FAULTS[fault]
        disk.faults_arm(str(tried).encode(), ctypes.c_long(n), number, persistent)
        try:
            WORKS[work](tried)
        finally:
            count = disk.faults_count()
            disk.faults_arm(b"", ctypes.c_long(0), 0, 0)
        return int(count)

    code, said = forked(faulty)
    if code == DONE and isinstance(said, int) and said < n:
        return False
    tally.tried += 1
    tally.done += code == DONE
    tally.refused += code == REFUSED
    tally.killed += code == -signal.SIGKILL
    if code not in (DONE, REFUSED, -signal.SIGKILL):
        tally.wrong.append(f"{work}, {fault} at {n}: ended with {code}: {said}")
    looked, wrong = forked(lambda: examine(tried, before, after, work, code))
    if looked != DONE or wrong:
        tally.wrong.append(f"{work}, {fault} at {n}, ended with {code} ({said}): {wrong}")
    return True


if __name__ == "__main__":
    name, step, place = sys.argv[1:]
    print(json.dumps(vars(run(name, int(step), Path(place)))))
