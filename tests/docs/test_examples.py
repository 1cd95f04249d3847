"""What the documentation shows works: its `sh` and `python` blocks run, page by page, and its scripts do.

Blocks of `bash` and `py` need servers, hardware or an installation: their commands are looked up, their Python parsed.
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from octavo.apps.cli.main import app
from tests.apps.cli.command import octavo

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"^```(sh|bash|python|py)\n(.*?)^```$", re.S | re.M)


def blocks(page: Path) -> list[tuple[str, str]]:
    """The language and the code of each block of a page."""
    return _BLOCK.findall(page.read_text(encoding="utf-8"))


def run_page(page: Path, folder: Path) -> None:
    """Runs the `sh` and `python` blocks of a page in a folder; `# → text` is what the block prints.

    Commands `octavo …` run in this process, whose start would take longer than most of their work.
    """
    for language, code in blocks(page):
        if language not in ("sh", "python"):
            continue
        said = run_python(code, folder) if language == "python" else run_shell(code, folder)
        wanted = [line.removeprefix("# → ") for line in code.splitlines() if line.startswith("# → ")]
        assert [text for text in wanted if text not in said] == [], f"{code}\n{said}"


def run_python(code: str, folder: Path) -> str:
    """Runs Python in a folder and returns what it prints."""
    out = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out):
        exec(compile(code, "example", "exec"), {})
    return out.getvalue()


def run_shell(code: str, folder: Path) -> str:
    """Runs lines of a shell in a folder, each of which has to succeed, and returns what they print."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    own = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PATH": path, "PYTHONPATH": own.rstrip(os.pathsep)}
    said = []
    for line in code.splitlines():
        if line.startswith("octavo ") and "||" not in line:
            done = octavo(*shlex.split(line, comments=True)[1:], cwd=folder)
        else:
            command = ["bash", "-ec", line]
            done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        said.append(done.stdout)
    return "".join(said)


@pytest.mark.parametrize("name", ["asking", "concepts", "filters", "library"])
def test_the_examples_of_a_guide_run(name: str, tmp_path: Path) -> None:
    run_page(ROOT / "docs" / "guides" / f"{name}.md", tmp_path)


@pytest.mark.slow
def test_the_first_hour_runs(tmp_path: Path) -> None:
    for page in sorted((ROOT / "docs" / "first-hour").glob("*.md")):
        run_page(page, tmp_path)


def run_script(name: str, folder: Path) -> None:
    """Runs a script of the examples; `folder` is the temporary folder that it makes."""
    make = tempfile.mkdtemp
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "mkdtemp", lambda *given: make(*given) if given else str(folder))
        patch.delenv("OCTAVO", raising=False)
        runpy.run_path(str(ROOT / "examples" / f"{name}.py"))


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the first script leaves: the sample report has been read into its library."""
    folder = tmp_path_factory.mktemp("pipeline")
    run_script("pipeline", folder)
    return folder


@pytest.mark.parametrize("name", ["with_llama_index", "api_client"])
def test_a_script_runs_over_the_library_of_the_first(name: str, report: Path, tmp_path: Path) -> None:
    shutil.copytree(report, tmp_path, dirs_exist_ok=True)
    run_script(name, tmp_path)


@pytest.mark.parametrize("name", ["own_parts", "own_concepts", pytest.param("evaluation", marks=pytest.mark.slow)])
def test_a_script_runs(name: str, tmp_path: Path) -> None:
    run_script(name, tmp_path)


def commands() -> Iterator[tuple[str, list[str]]]:
    """Each command `octavo …` of a block, with its page and its words."""
    for page in PAGES:
        for language, code in blocks(page):
            for line in code.replace("\\\n", " ").splitlines() if language in ("sh", "bash") else ():
                if line.startswith("octavo ") and "$" not in line:
                    for part in re.split(r" (?:·|&&|\|\|) ", line):
                        yield f"{page.relative_to(ROOT)}: {line}", shlex.split(part, comments=True)[1:]


def test_every_command_and_option_that_is_shown_exists() -> None:
    every = get_command(app)
    for place, words in commands():
        command = every
        while hasattr(command, "commands") and words and not words[0].startswith("-"):
            assert words[0] in command.commands, place
            command = command.commands[words.pop(0)]
        options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        shown = {word.split("=")[0] for word in words if re.match(r"--?[a-z]", word)}
        assert shown <= options | {"--help", "-h"}, place


def test_python_that_is_shown_can_be_parsed() -> None:
    for page in PAGES:
        for language, code in blocks(page):
            if language in ("python", "py"):
                ast.parse(code, str(page))
