"""What the tests and the executed examples share: reading processes, and a tiny library with its `folder`."""

from __future__ import annotations

import gc
import os
import ssl
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when NumPy is imported: tests share the processors

from octavo import Pipeline
from tests.shared_workers import sharing_workers

PACKAGE = Path(__file__).parent / "octavo"

gc.disable()  # imports of large packages leave no garbage, and looking for some takes a third of their time


def pytest_collection_finish() -> None:
    """Looks for garbage from now on, and not among what was imported."""
    gc.freeze()
    gc.enable()


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leaves out the package's modules without examples: each process of the tests would import them all."""
    if collection_path.suffix == ".py" and collection_path.is_relative_to(PACKAGE):
        return True if b">>>" not in collection_path.read_bytes() else None
    return None


@pytest.fixture(scope="session", autouse=True)
def _shared_workers() -> Iterator[None]:
    with sharing_workers():
        yield


@pytest.fixture(scope="session", autouse=True)
def _shared_certificates() -> Iterator[None]:
    """Reads the certificates of authorities once: each client of HTTP would take longer to read them than to ask."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        yield


@pytest.fixture(scope="session")
def example_pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    folder = tmp_path_factory.mktemp("example")
    (folder / "note.txt").write_text("Capital expenditure in 2018 was 1,577 million dollars.")
    with Pipeline(folder / "library") as pipeline:
        pipeline.ingest(folder / "note.txt")
        yield pipeline


@pytest.fixture(autouse=True)
def _pipeline_in_examples(request: pytest.FixtureRequest, doctest_namespace: dict[str, Any]) -> None:
    if isinstance(request.node, pytest.DoctestItem) and any(
        "pipeline." in example.source or "(pipeline" in example.source for example in request.node.dtest.examples
    ):
        pipeline = request.getfixturevalue("example_pipeline")
        doctest_namespace |= {"pipeline": pipeline, "folder": pipeline.library.folder.parent}
