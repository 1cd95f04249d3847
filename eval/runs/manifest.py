"""The manifest of a run, from which its figures can be remade: data, settings, models, seed and code."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import subprocess
from pathlib import Path
from typing import Any

from octavo import __version__
from octavo.eval.datasets import Dataset
from octavo.eval.runs.config import RunConfig
from octavo.ingest import OctavoError
from octavo.ingest.store.files import write_file

FILE = "run.json"


def manifest(config: RunConfig, datasets: dict[str, Dataset]) -> dict[str, Any]:
    """Returns the run in JSON, without keys; `fingerprint` is a hash of what its figures depend on."""
    plain = _without_keys(config.model_dump(mode="json", exclude={"out", "libraries", "labels"}))
    if plain["judge"]:
        plain["judge"].pop("labels")
    for data in plain["data"]:
        data["path"] = Path(data["path"]).name
    hashes = {name: dataset.hash for name, dataset in datasets.items()}
    return {
        "fingerprint": hashlib.sha256(json.dumps([plain, hashes], sort_keys=True).encode()).hexdigest()[:16],
        "config": plain,
        "data": {
            name: {"hash": item.hash, "questions": len(item.questions), "documents": len(item.documents)}
            for name, item in datasets.items()
        },
        "seed": config.seed,
        "code": code(),
        "python": platform.python_version(),
    }


def keep(folder: Path, current: dict[str, Any]) -> dict[str, Any]:
    """Writes the manifest, or checks that the run there is the same; gives it with what that run knows already.

    Raises `OctavoError` when it is another run.
    """
    path = folder / FILE
    if path.exists():
        there = json.loads(path.read_text(encoding="utf-8"))
        if there["fingerprint"] != current["fingerprint"]:
            what = ", ".join(_differences(there, current))
            raise OctavoError(f"{folder} holds a run with other {what}: name another folder as `out`.")
        current = current | {key: value for key, value in there.items() if key not in current}
    update(folder, current)
    return current


def _differences(there: dict[str, Any], current: dict[str, Any]) -> list[str]:
    """Returns the differences of two runs: settings of their file, and data sets whose questions are not the same."""
    before, now = there["config"], current["config"]
    settings = sorted(key for key in before.keys() | now.keys() if before.get(key) != now.get(key))
    hashes = {name: data["hash"] for name, data in there["data"].items()}
    questions = [name for name, data in current["data"].items() if hashes.get(name, data["hash"]) != data["hash"]]
    return settings + [f"questions in {name}" for name in questions]


def update(folder: Path, current: dict[str, Any]) -> None:
    """Writes the manifest whole."""
    write_file(folder / FILE, json.dumps(current, ensure_ascii=False, indent=1).encode())


def read(folder: Path) -> dict[str, Any]:
    """Returns a run's manifest; raises `OctavoError` where there is no run."""
    path = folder / FILE
    if not path.is_file():
        raise OctavoError(f"{folder} is no run: it holds no {FILE}; make one by `octavo eval run CONFIG.yaml`.")
    current: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return current


def _without_keys(value: Any) -> Any:
    """Returns the same without API keys.

    >>> _without_keys({"judge": [{"url": "u", "key": "secret"}], "settings": {"llm_key": "secret"}})
    {'judge': [{'url': 'u'}], 'settings': {}}
    """
    if isinstance(value, dict):
        return {name: _without_keys(of) for name, of in value.items() if name not in ("key", "llm_key")}
    return [_without_keys(of) for of in value] if isinstance(value, list) else value


def code() -> str:
    """Returns the version of this code: the package's, with the commit where it runs from a checkout."""
    where = Path(__file__).resolve().parents[2]
    if not ((where / ".git").exists() and shutil.which("git")):
        return __version__
    process = subprocess.run(
        ["git", "-C", str(where), "describe", "--always", "--dirty", "--exclude", "*"], capture_output=True, text=True
    )
    return __version__ + (f"+{process.stdout.strip()}" if process.returncode == 0 else "")
