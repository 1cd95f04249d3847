"""The configuration of a run: data, systems, metrics and a judge, in a small YAML file."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from octavo.eval.judges import Aspect, JudgeOptions
from octavo.eval.runs.system import System, first_of
from octavo.ingest import OctavoError


class ConfigError(OctavoError):
    """A run's file cannot be read; the text names the setting."""


class Metric(StrEnum):
    """The metrics beside retrieval and the judge by rules, each by the model that judges."""

    CORRECTNESS = "correctness"
    ASPECTS = "aspects"
    RAGCHECK = "ragcheck"
    CROSSCHECK = "crosscheck"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Data(_Strict):
    """A folder of documents and questions; `limit` questions at even distances (0: all), `across` all its documents."""

    path: Path
    limit: int = Field(0, ge=0)
    across: bool = False
    unanswerable: bool = True

    @property
    def name(self) -> str:
        return self.path.name + (" (across)" if self.across else "")


class JudgeConfig(JudgeOptions):
    """The model that judges; `pictures` of the evidence go with what needs them, 0 for a model that sees none.

    `labels` is a folder of answers that people graded, on which it is measured (`labels_limit` of them, 0: all).
    `panel` are further models that grade every answer; the grade that most of them give counts, that of the first
    judge where they are even. `others` are the models that CrossCheckGPT asks for evidence, `cross_samples` times
    each; the judge itself where there are none.
    """

    samples: int = Field(1, ge=1, le=15)
    pictures: int = Field(0, ge=0, le=16)
    picture_side: int = Field(1024, ge=64)
    aspects: tuple[Aspect, ...] = tuple(Aspect)
    labels: Path | None = None
    labels_limit: int = Field(0, ge=0)
    panel: tuple[JudgeOptions, ...] = ()
    others: tuple[JudgeOptions, ...] = ()
    cross_samples: int = Field(2, ge=1, le=20)


class RunConfig(_Strict):
    """A run. Relative paths are taken from the folder of its file; `out` is where the run is kept.

    In the file, `settings` beside `systems` are those that all systems share, as far as they do not set them again.
    `labels` is a folder of answers that people graded, for a run without a judging model. `libraries` is where
    ingested libraries and verdicts are kept, to be used again by other runs.
    """

    data: tuple[Data, ...] = Field(min_length=1)
    systems: tuple[System, ...] = Field(default_factory=lambda: (System(name="embedded"),), min_length=1)
    metrics: tuple[Metric, ...] = ()
    judge: JudgeConfig | None = None
    labels: Path | None = None
    out: Path
    libraries: Path = Path(".octavo-eval")
    seed: int = 7

    @model_validator(mode="before")
    @classmethod
    def _shared(cls, data: Any) -> Any:
        if not isinstance(data, dict) or not isinstance(shared := data.get("settings"), dict):
            return data
        systems = data.get("systems") or [{"name": "embedded"}]
        merged = [
            system | {"settings": shared | (system.get("settings") or {})} if isinstance(system, dict) else system
            for system in systems
        ]
        return {name: value for name, value in data.items() if name != "settings"} | {"systems": merged}

    @field_validator("data", mode="before")
    @classmethod
    def _paths(cls, value: Any) -> Any:
        rows = value if isinstance(value, list) else [value]
        return [row if isinstance(row, dict) else {"path": row} for row in rows]


def load(path: Path) -> RunConfig:
    """Reads a run's YAML file; raises `ConfigError` naming the file and the setting that is wrong."""
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is no YAML: {' '.join(str(error).split())}.") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path} holds no settings: it needs at least `data`.")
    values.setdefault("out", f"runs/{path.stem}")
    try:
        config = RunConfig.model_validate(values)
    except ValidationError as error:
        raise ConfigError(f"{path}, {first_of(error)}.") from error
    if config.metrics and config.judge is None:
        raise ConfigError(f"{path}: {', '.join(config.metrics)} need a judge: set judge.url.")
    names = [system.name for system in config.systems]
    if len(set(names)) < len(names):
        raise ConfigError(f"{path}: two systems have the same name.")
    sets = [data.name for data in config.data]
    if twice := [name for name in sets if sets.count(name) > 1]:
        raise ConfigError(f"{path}: two data sets are called {twice[0]}: give each a run of its own.")
    return _from(config, path.parent)


def _from(config: RunConfig, folder: Path) -> RunConfig:
    """Returns the config with its paths taken from a folder."""
    judge = config.judge
    if judge and judge.labels:
        judge = judge.model_copy(update={"labels": folder / judge.labels})
    return config.model_copy(
        update={
            "data": tuple(data.model_copy(update={"path": folder / data.path}) for data in config.data),
            "judge": judge,
            "labels": folder / config.labels if config.labels else None,
            "out": folder / config.out,
            "libraries": folder / config.libraries,
        }
    )
