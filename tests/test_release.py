"""What a release says of itself agrees, and its workflows run what they name and nothing that may change under them."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from octavo import __version__

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def test_the_version_is_one() -> None:
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == __version__
    newest = re.search(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert newest is not None
    assert newest[1].split()[0] == __version__


def test_actions_are_pinned_to_commits() -> None:
    for file in WORKFLOWS:
        for action in re.findall(r"uses: (\S+)", file.read_text()):
            assert action.startswith("./") or re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), f"{file.name}: {action}"


def test_jobs_have_no_more_rights_than_they_need() -> None:
    for file in WORKFLOWS:
        workflow = yaml.safe_load(file.read_text())
        assert workflow["permissions"] == {"contents": "read"}
        for name, job in workflow["jobs"].items():
            writes = {right for right, value in job.get("permissions", {}).items() if value == "write"}
            assert not writes or file.name == "release.yml", f"{file.name}: {name}"


def test_the_commands_of_make_that_workflows_run_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    for file in [*WORKFLOWS, ROOT / "CONTRIBUTING.md", ROOT / "README.md", ROOT / ".ci" / "run"]:
        for names in re.findall(r"^(?:.*run: )?make ([a-z -]+?)(?: *#.*)?$", file.read_text(encoding="utf-8"), re.M):
            assert set(names.split()) <= targets, f"{file.name}: make {names}"
