"""Reading by a Ray cluster of several nodes, each with processes of its own, whose workers and nodes are killed."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pymupdf
import pytest

from octavo.ingest import Document, OctavoError, Page, ReadOptions
from octavo.ingest.engines.base import Descriptions, Prepared, read_files
from octavo.ingest.engines.ray import RayEngine
from octavo.ingest.options import RayEngineOptions
from octavo.ingest.store.checkpoints import PageCheckpoints
from octavo.ingest.store.library import Library
from octavo.rag import Level, Pipeline, Settings
from tests.conftest import make_pdf
from tests.ingest.readers.test_video import SUBTITLES, TALK, write
from tests.rag.embedding_server import pooling
from tests.rag.test_descriptions import tell

pytest.importorskip("ray", reason='reading on a cluster is not tested: pip install "octavo[ray]"')
KILLS = int(os.environ.get("OCTAVO_TEST_KILLS", "20"))
FILES = 40


class Nodes:
    """A cluster whose head has no processor, so that all reading is done by nodes that may be killed."""

    def __init__(self, nodes: int) -> None:
        from ray.cluster_utils import Cluster

        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
        # Else a machine that also does other work gives workers no time.
        os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112 - Ray's own spelling
        self.cluster = Cluster(
            initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False, "memory": 0}
        )
        self.nodes = [self._add() for _ in range(nodes)]

    def _add(self) -> Any:
        return self.cluster.add_node(num_cpus=1, memory=4_000_000_000, object_store_memory=200_000_000)

    def kill_node(self) -> None:
        """Kills a node at once, and starts another."""
        self.cluster.remove_node(self.nodes.pop(0), allow_graceful=False)
        self.nodes.append(self._add())


@pytest.fixture
def nodes() -> Iterator[Nodes]:
    import ray

    cluster = Nodes(2)
    ray.init(address=cluster.cluster.address, log_to_driver=False, logging_level="error")
    yield cluster
    ray.shutdown()
    cluster.cluster.shutdown()


def reports(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        text = f"Capital expenditure of year {1900 + number} was {number}77 million crowns."
        make_pdf(folder / f"report{number}.pdf", ((f"Report {number}", text), ("Staff", f"They were {number}.")))
    return folder


def workers() -> list[psutil.Process]:
    """The processes of workers of Ray that read."""
    every = psutil.process_iter(["cmdline"])
    return [process for process in every if "ray::_read" in " ".join(process.info["cmdline"] or [])]


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_killed_workers_and_nodes_lose_and_duplicate_no_file(nodes: Nodes, tmp_path: Path) -> None:
    folder = reports(tmp_path / "files", FILES)
    (folder / "twin.pdf").write_bytes((folder / "report7.pdf").read_bytes())
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7")
    draw, over, killed = random.Random(3), threading.Event(), Counter[str]()

    def ingest(pipeline: Pipeline) -> list[Counter[str]]:
        rounds = [Counter(r.status for r in pipeline.ingest(*files))]
        while not over.is_set():
            rounds.append(Counter(r.status for r in pipeline.ingest(*files, force=True)))
        return rounds

    addresses = [f"file://{path}" for path in sorted(folder.iterdir())]
    files = [*addresses[::2], *(path.removeprefix("file://") for path in addresses[1::2])]
    with (
        Pipeline(Settings(library=tmp_path / "library", engine=RayEngineOptions(retries=20))) as pipeline,
        ThreadPoolExecutor(1) as thread,
    ):
        running = thread.submit(ingest, pipeline)
        while killed.total() < KILLS and not running.done():  # nodes are started by the main thread alone
            time.sleep(draw.uniform(0.2, 2))
            if draw.random() < 0.2:
                nodes.kill_node()
                killed["node"] += 1
            elif found := workers():
                with contextlib.suppress(psutil.NoSuchProcess):
                    draw.choice(found).kill()
                    killed["worker"] += 1
        over.set()
        rounds = running.result()
        print(dict(killed), rounds)
        assert killed.total() == KILLS
        assert rounds[0] == {"added": FILES, "skipped": 1, "failed": 1}
        assert all(statuses == {"replaced": FILES + 1, "failed": 1} for statuses in rounds[1:])
        assert len(pipeline.documents()) == FILES
        assert pipeline.index.count(Level.PAGE) == 2 * FILES
        for number in draw.sample(range(FILES), 5):
            [hit] = pipeline.search(f"What was capital expenditure of year {1900 + number}?", k=1)
            assert f"{number}77 million" in hit.text
        assert {r.status for r in pipeline.ingest(folder)} == {"skipped", "failed"}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_run_that_is_killed_goes_on_with_the_rest(tmp_path: Path) -> None:
    folder = reports(tmp_path / "files", 12)
    command = [sys.executable, "-c", "from octavo.apps.cli.main import main; main()", "ingest", str(folder)]
    command += ["--engine", "ray", "--library", str(tmp_path / "library"), "--json"]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert first.stdout is not None
    while '"added"' not in first.stdout.readline():
        pass
    first.send_signal(signal.SIGKILL)
    first.communicate()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert done.stdout.count('"skipped"') >= 1
    with Pipeline(tmp_path / "library") as pipeline:
        assert len(pipeline.documents()) == 12


STOPPED = """
import sys, time
from pathlib import Path
from octavo.ingest.options import RayEngineOptions
from octavo.ingest.store.checkpoints import PageCheckpoints
from octavo.rag import Pipeline, Settings

saved, save = [], PageCheckpoints.save
def stop_after_three(self, document, reading, page):
    save(self, document, reading, page)
    saved.append(page.number)
    if len(saved) == 3:
        print(saved, flush=True)
        time.sleep(600)
PageCheckpoints.save = stop_after_three
Pipeline(Settings(library=Path(sys.argv[1]), engine=RayEngineOptions())).ingest(sys.argv[2])
"""


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("scheme", ["", "file://"])
def test_a_half_read_file_goes_on_with_the_pages_that_are_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    file, library = tmp_path / "herons.pdf", tmp_path / "library"
    make_pdf(file, tuple((f"Part {n}", f"The herons of pond {n} are counted.") for n in range(7)))
    with subprocess.Popen(
        [sys.executable, "-c", STOPPED, str(library), f"{scheme}{file}"], stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "[0, 1, 2]\n"
        first.kill()
    read, save = list[int](), PageCheckpoints.save

    def noted(self: PageCheckpoints, document: str, reading: str, page: Page) -> None:
        read.append(page.number)
        save(self, document, reading, page)

    monkeypatch.setattr(PageCheckpoints, "save", noted)
    with (
        Pipeline(Settings(library=library, engine=RayEngineOptions())) as pipeline,
        Pipeline(tmp_path / "whole") as whole,
    ):
        [done] = pipeline.ingest(f"{scheme}{file}")
        assert (done.status, done.pages, read) == ("added", 7, [3, 4, 5, 6])
        whole.ingest(file)
        again, once = pipeline.document(done.document).content, whole.document(done.document).content
        assert again.pages == once.pages
        assert all(pipeline.library.image(page.image) == whole.library.image(page.image) for page in once.pages)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_documents_are_the_same_as_those_of_one_machine(tmp_path: Path) -> None:
    folder = reports(tmp_path / "files", 2)
    (folder / "note.txt").write_text("Otters swim.")
    write(folder / "talk.mp4", TALK)
    (folder / "talk.en.vtt").write_text(SUBTITLES)
    engine = RayEngineOptions(memory=1)
    with Pipeline(tmp_path / "here") as here, Pipeline(Settings(library=tmp_path / "there", engine=engine)) as there:
        here.ingest(folder)
        assert [r.status for r in there.ingest(folder, metadata={"year": 2018})] == ["added"] * 4
        for info in here.documents():
            assert there.document(info.id).content == here.document(info.id).content
            for page in here.document(info.id).content.pages:
                assert there.library.image(page.image) == here.library.image(page.image)
        asked = "What was capital expenditure of year 1901?"
        assert [(h.id, h.score) for h in there.search(asked)] == [(h.id, h.score) for h in here.search(asked)]
        assert {info.metadata["year"] for info in there.documents()} == {2018}
        with Pipeline(Settings(library=tmp_path / "from a store", engine=engine)) as fetched:
            assert [r.status for r in fetched.ingest(f"file://{folder}")] == ["added"] * 4
            for info in here.documents():
                assert fetched.document(info.id).content.pages == here.document(info.id).content.pages


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_workers_describe_figures_and_what_is_described_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "windmills.pdf"
    with pymupdf.open() as pdf:
        page = pdf.new_page()
        page.insert_text((72, 72), "Windmills of Harrow")
        picture = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 400, 400))
        picture.clear_with(90)
        page.insert_image(pymupdf.Rect(72, 100, 500, 500), pixmap=picture)
        pdf.save(file)
    engine = RayEngineOptions()
    with pooling(respond=tell) as server:
        model = {"llm_url": server.url, "describe": 3}
        with Pipeline(Settings(library=tmp_path / "here", **model)) as here:
            here.ingest(file)
            [info] = here.documents()
            pages = here.document(info.id).content.pages
        assert "A bar chart of windmills." in pages[0].text
        asked = len(server.requests)
        with Pipeline(Settings(library=tmp_path / "there", engine=engine, **model)) as there:
            assert [r.status for r in there.ingest(file)] == ["added"]
            assert len(server.requests) == 2 * asked
            assert [r.status for r in there.ingest(file, force=True)] == ["replaced"]
            assert len(server.requests) == 2 * asked
            assert there.document(info.id).content.pages == pages
            assert there.document(info.id).content.path == str(file)
            [hit] = there.search("chart of windmills", k=1)
            assert hit.name == "windmills.pdf"
    with Pipeline(Settings(library=tmp_path / "alone", engine=engine, **model)) as alone:
        [failed] = alone.ingest(file)
    assert (failed.status, failed.reason.count(server.url)) == ("failed", 1)


def gpus_of_worker(document: Document, images: Mapping[str, bytes], descriptions: Descriptions) -> list[Any]:
    import ray

    return ray.get_gpu_ids()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_workers_wait_for_the_part_of_a_gpu_that_is_asked_for(
    nodes: Nodes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told = threading.Event()
    files = sorted(reports(tmp_path / "files", 3).iterdir())
    with Library(tmp_path / "library") as library:
        engine = RayEngine(
            RayEngineOptions(gpus=0.5),
            ReadOptions(),
            save_image=library.save_image,
            load_image=library.image,
            progress=lambda step: told.set(),
            prepare=gpus_of_worker,
            checkpoints=library.checkpoints,
            descriptions=library.model_output,
        )
        with library.writer(), engine, ThreadPoolExecutor(1) as thread:
            running = thread.submit(lambda: list(read_files(files, engine)))
            assert told.wait(60)
            assert "No machine of the Ray cluster has a processor with 1,500 MB of memory and 0.5 GPU" in caplog.text
            assert not running.done()
            nodes.cluster.add_node(num_cpus=2, num_gpus=1, memory=4_000_000_000, object_store_memory=200_000_000)
            results = running.result()
    assert [sorted(map(str, result.prepared)) for result in results if isinstance(result, Prepared)] == [["0"]] * 3


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_machine_that_has_no_gpu_says_so(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("Otters swim.")
    engine = RayEngineOptions(gpus=1)
    with (
        Pipeline(tmp_path / "library") as pipeline,
        pytest.raises(OctavoError, match=r"no room for a worker here, .* 1 GPU") as raised,
    ):
        pipeline.ingest(tmp_path / "note.txt", engine=engine)
    assert raised.value.setting == "engine.gpus"


def test_a_cluster_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("Otters swim.")
    engine = RayEngineOptions(address="nowhere")
    with Pipeline(tmp_path / "library") as pipeline, pytest.raises(OctavoError, match="The Ray cluster nowhere"):
        pipeline.ingest(tmp_path / "note.txt", engine=engine)
