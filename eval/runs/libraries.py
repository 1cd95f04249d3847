"""The libraries of a run's systems: those that read, embed and describe alike share one, and no file is read twice."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from octavo.eval.datasets import Dataset
from octavo.eval.runs.config import RunConfig
from octavo.eval.runs.system import System
from octavo.ingest.store.backup import backup
from octavo.rag import Settings
from octavo.rag.embedding import make_embedder
from octavo.rag.index import reembed
from octavo.rag.library import open_library


def library_folder(config: RunConfig, system: System, dataset: Dataset) -> Path:
    """Returns the folder of a system's library of a data set: systems that read, embed and describe alike share it."""
    options = system.options(Path())
    described = {"describe", "describe_style", "llm_model"} if options.describe else set[str]()
    settings = options.model_dump(mode="json", include={"reading", "embedding"} | described)
    digest = hashlib.sha256(json.dumps([settings, dataset.documents], sort_keys=True).encode()).hexdigest()[:8]
    return config.libraries / f"{dataset.folder.resolve().name}-{digest}"


def copy_library(config: RunConfig, system: System, dataset: Dataset) -> None:
    """Makes a system's library out of that of another system of the run that reads alike and describes nothing.

    The copy is embedded as the system's settings say; figures are described in it afterwards. Nothing is made where
    the system has its library already, and where no other has one.
    """
    folder = library_folder(config, system, dataset)
    if folder.exists() or (source := _source(config, system, dataset)) is None:
        return
    options, own = source.options(Path()), system.options(folder)
    copy = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(copy, ignore_errors=True)
    backup(library_folder(config, source, dataset), copy, own.images)
    if options.embedding != own.embedding:
        with open_library(own.model_copy(update={"library": copy})) as library:
            reembed(library, make_embedder(own), options=own.index)
    copy.rename(folder)


def _source(config: RunConfig, system: System, dataset: Dataset) -> System | None:
    own = system.options(Path())
    for other in config.systems:
        options: Settings = other.options(Path())
        reads_alike = options.reading == own.reading and not options.describe
        if reads_alike and library_folder(config, other, dataset).exists():
            return other
    return None
