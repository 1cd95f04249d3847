"""What the tests and the executed examples share: reading processes, and a tiny library with its `folder`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from octavo import Pipeline
from tests.shared_workers import sharing_workers


@pytest.fixture(scope="session", autouse=True)
def _shared_workers() -> Iterator[None]:
    with sharing_workers():
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
