"""Many users at once, while a large file is being read: no errors, nobody sees another's answer, memory stays flat."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pymupdf
import pytest

from octavo.apps.chat.options import ChatOptions
from octavo.apps.chat.service import ChatService
from octavo.apps.chat.store.set_aside import REMOVED, WAITING
from octavo.rag import Pipeline, Settings
from tests.apps.chat.conftest import served, wait_for
from tests.apps.chat.visitor import Visitor
from tests.conftest import make_pdf

pytest.importorskip("gradio", reason='the chat is not installed: pip install "octavo[chat]"')
USERS = 10
NAMES = ("Auk", "Bittern", "Curlew", "Dunlin", "Eider", "Fulmar", "Gannet", "Heron", "Ibis", "Jackdaw")


def large(path: Path, pages: int) -> Path:
    with pymupdf.open() as document:
        for n in range(pages):
            page = document.new_page(width=595, height=842)
            page.insert_text((60, 90), f"Log of day {n}", fontsize=20)
            for line in range(30):
                page.insert_text(
                    (60, 130 + 20 * line), f"Entry {line}: the gauge {n}-{line} stood at {n * line} metres."
                )
        document.save(path)
    return path


@contextmanager
def chat(library: Path, log: Path, *arguments: str) -> Iterator[tuple[str, int]]:
    """`octavo chat` as a process of its own: its address and process id."""
    with httpx.Client() as http, log.open("w") as out:
        command = [
            sys.executable,
            "-c",
            "from octavo.apps.cli.main import main; main()",
            "chat",
            "--library",
            str(library),
        ]
        process = subprocess.Popen([*command, "--port", "0", *arguments], stdout=subprocess.PIPE, stderr=out, text=True)
        try:
            assert process.stdout is not None
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found, log.read_text()
            http.get(found[0])
            yield found[0].rstrip("/"), process.pid
        finally:
            process.terminate()
            process.wait(30)
            assert process.stdout is not None
            process.stdout.close()


def memory(pid: int) -> float:
    """Resident memory, MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def visit(base: str, number: int, ended: threading.Event, problems: list[str], waits: list[float]) -> None:
    """Asks two questions, and goes on asking until the visit has ended."""
    visitor = Visitor(base, f"user{number}", f"password{number}")
    letter = "abcdefghij"[number]
    try:
        is_first = True
        while is_first or not ended.is_set():
            is_first = False
            for name in (NAMES[number], NAMES[(number + 3) % USERS]):
                started = time.monotonic()
                shown = visitor.ask(f"How many eggs does the {name} lay, says user{letter}?")
                waits.append(time.monotonic() - started)
                shown = re.sub(r"<[^>]*>", " ", shown)
                eggs = 100 + NAMES.index(name)
                if str(eggs) not in shown or f"user{letter}?" not in shown:
                    problems.append(f"user{number} asked for {name}: {shown[:300]}")
                if re.search(rf"user(?!{letter}\b)[a-j]\b", shown):
                    problems.append(f"user{number} was shown what is another's: {shown[:300]}")
    except (AssertionError, httpx.HTTPError) as error:
        problems.append(f"user{number}: {error!r}"[:500])
    finally:
        visitor.close()


def make_library(folder: Path, visitors: int, pages: int) -> Path:
    """A library that knows the birds that visitors ask about, and a log that waits to be read into it."""
    asked = sorted({n % USERS for visitor in range(visitors) for n in (visitor, visitor + 3)})
    make_pdf(
        folder / "birds.pdf", tuple((NAMES[n], f"The {NAMES[n]} lays {100 + n} eggs in its whole life.") for n in asked)
    )
    with Pipeline(folder / "library") as pipeline:
        pipeline.ingest(folder / "birds.pdf")
    (folder / "library" / "uploads" / "Logs").mkdir(parents=True)
    large(folder / "library" / "uploads" / "Logs" / "log.pdf", pages)
    return folder / "library"


def test_users_ask_while_a_file_is_read(tmp_path: Path) -> None:
    library, options = make_library(tmp_path, 2, 2), ChatOptions(users={f"user{n}": f"password{n}" for n in range(2)})
    problems: list[str] = []
    waits: list[float] = []
    ended = threading.Event()
    ended.set()
    with ChatService(Settings(library=library, llm_url=""), options) as service, served(service) as base:
        threads = [threading.Thread(target=visit, args=(base, n, ended, problems, waits)) for n in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wait_for(lambda: not service.jobs.busy)
        assert {info.name for info in service.pipeline.documents()} == {"birds.pdf", "log.pdf"}
    assert problems == []
    assert len(waits) == 4


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_memory_stays_flat_while_a_large_file_is_read(tmp_path: Path) -> None:
    library = make_library(tmp_path, USERS, pages=1_000)
    users = tmp_path / "users"
    users.touch(0o600)
    users.write_text("".join(f"user{n}:password{n}\n" for n in range(USERS)))
    problems: list[str] = []
    waits: list[float] = []
    with chat(library, tmp_path / "log.txt", "--auth-file", str(users)) as (base, pid):
        ended = threading.Event()
        threads = [threading.Thread(target=visit, args=(base, n, ended, problems, waits)) for n in range(USERS)]
        for thread in threads:
            thread.start()
        sizes: dict[str, list[float]] = {"while it is read": [], "afterwards": []}
        while "log.pdf" not in listed(library):
            sizes["while it is read"].append(memory(pid))
            time.sleep(1)
        for _ in range(120):
            sizes["afterwards"].append(memory(pid))
            time.sleep(1)
        ended.set()
        for thread in threads:
            thread.join()
    waits.sort()
    print(f"{len(waits)} answers, median {waits[len(waits) // 2]:.2f} s, slowest {waits[-1]:.2f} s")
    assert problems == []
    assert len(waits) >= 2 * USERS
    for when, measured in sizes.items():
        half = measured[len(measured) // 2]
        print(f"memory {when}: {half:.0f} MB at half time, {measured[-1]:.0f} MB at the end")
        assert measured[-1] < half + 40, when
    # what the document takes: the vectors of tokens, its own parts, and caches
    assert sizes["afterwards"][-1] < sizes["while it is read"][-1] + 150
    assert (tmp_path / "log.txt").read_text() == ""


def listed(library: Path) -> str:
    with Pipeline(library) as pipeline:
        return " ".join(info.name for info in pipeline.documents())


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_ten_users_upload_remove_and_ask_at_once(tmp_path: Path) -> None:
    """No turn is lost, no answer is wrong, and at the end the library holds what was not removed."""
    rounds, problems = 3, []
    options = ChatOptions(users={f"user{n}": f"password{n}" for n in range(USERS)})
    with ChatService(Settings(library=tmp_path / "library", llm_url=""), options) as service, served(service) as base:

        def held(name: str) -> str | None:
            return next((info.id for info in service.pipeline.documents() if info.name == name), None)

        def work(n: int) -> None:
            visitor = Visitor(base, f"user{n}", f"password{n}")
            try:
                visitor.upload("shared.txt", f"All of user{n} is shared.".encode(), "Shared")
                for k in range(rounds):
                    name, weight = f"bird{n}-{k}.txt", 1000 + 100 * k + n
                    sentence = f"The {NAMES[n]} of autumn weighs {weight} grams."
                    visitor.upload(name, sentence.encode(), "Birds")
                    wait_for(lambda name=name: held(name) is not None)
                    shown = visitor.ask(f"How many grams does the {NAMES[n]} of autumn weigh?")
                    found = set(re.findall(r"\b1[0-2]0\d\b", re.sub(r"<[^>]*>", " ", shown)))
                    if found != {str(weight)}:
                        problems.append(f"user{n}, round {k}, {weight}: {sorted(found)} {shown[:300]}")
                    if k < rounds - 1:
                        visitor.press_document(open="remove", ids=held(name))
            except (AssertionError, httpx.HTTPError) as error:
                problems.append(f"user{n}: {error!r}"[:500])
            finally:
                visitor.close()

        threads = [threading.Thread(target=work, args=(n,)) for n in range(USERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert problems == []
        wait_for(lambda: not service.jobs.busy)
        for user in options.users:
            kept = [turn for one in service.history.conversations(user) for turn in service.history.turns(user, one.id)]
            assert len(kept) == rounds
            assert all(turn.is_answered and not turn.error for turn in kept)
        names = {info.name for info in service.pipeline.documents()}
        assert names == {f"bird{n}-{rounds - 1}.txt" for n in range(USERS)} | {"shared.txt"}
        aside = service.documents.aside("user0")
        assert sum(one.reason == WAITING for one in aside) == USERS - 1
        assert sum(one.reason == REMOVED for one in aside) == USERS * (rounds - 1)
