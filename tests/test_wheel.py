"""What is installed: one top-level package, with its data files, that works from any working folder."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the wheel in a folder."""
    pytest.importorskip("hatchling", reason='hatchling is not installed: pip install "octavo[dev]"')
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


@pytest.mark.slow  # most of its time goes to packing the networks again
def test_the_source_distribution_holds_what_the_wheel_does(installed: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [archive] = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        names = {"/".join(Path(name).parts[1:]) for name in packed.getnames()}
    wanted = {path.relative_to(installed).as_posix() for path in (installed / "octavo").rglob("*") if path.is_file()}
    assert wanted == {name for name in names if name.startswith("octavo/")}
    assert not any(name.startswith(("apps/", "eval/", "ingest/", "rag/")) for name in names)


def test_the_wheel_has_one_top_level_package(installed: Path) -> None:
    names = {path.name for path in installed.iterdir() if path.suffix != ".dist-info"}
    assert names == {"octavo"}
    assert not any(path.name.startswith("test_") for path in installed.rglob("*.py"))


def test_the_sample_documents_and_templates_come_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    for name in ("ingest.py", "numpy.py"):
        (tmp_path / name).write_text("raise SystemExit('a file of the working folder was run')")
    (tmp_path / "rag").mkdir()
    (tmp_path / "rag" / "__init__.py").write_text("raise SystemExit('a file of the working folder was run')")
    code = (
        "import octavo; from octavo.apps.samples import copy_samples; from octavo.apps.chat.markup import render;"
        "print(octavo.__file__); print(*(path.name for path in copy_samples(__import__('pathlib').Path('copied'))));"
        "print(render('title.html'))"
    )
    command = [sys.executable, "-P", "-c", code]
    done = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(installed)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    where, samples, title = done.stdout.split("\n")[:3]
    assert Path(where).is_relative_to(installed)
    assert samples.startswith("report.pdf scan.pdf deck.")
    assert title == '<p class="brand">Octavo</p>'
