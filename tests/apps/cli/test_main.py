"""The `octavo` command as a user types it."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from octavo import __version__
from octavo.apps.cli.main import app, main
from octavo.ingest.store.library import Library
from tests.apps.cli.command import octavo, octavo_apart
from tests.conftest import make_pdf


def test_a_folder_becomes_an_answer_with_a_drawn_page(tmp_path: Path) -> None:
    documents, library = tmp_path / "documents", tmp_path / "library"
    documents.mkdir()
    make_pdf(documents / "report.pdf")
    (documents / "broken.pdf").write_bytes(b"%PDF-1.7 nothing follows")
    done = octavo_apart("ingest", documents, "--library", library)
    assert done.returncode == 1
    assert "broken.pdf" in done.stdout
    assert "1 added, 1 failed" in done.stdout
    asked = octavo_apart(
        "ask", "What was capital expenditure in 2018?", "--library", library, "--image", tmp_path / "out.png"
    )
    assert asked.returncode == 0
    assert "1,577" in asked.stdout
    assert "report.pdf, page 2" in asked.stdout
    with Image.open(tmp_path / "out.png") as drawn:
        assert drawn.width > 500


def test_a_question_about_a_place(report_library: Path) -> None:
    asked = octavo("ask", "What stands here?", "--at", "report.pdf:3:0%,0%,100%,50%", "--library", report_library)
    assert "night shift" in asked.stdout
    assert "report.pdf, page 3" in asked.stdout


def test_a_question_about_places_on_several_pages(report_library: Path) -> None:
    places = ("--at", "report.pdf:2:0%,0%,100%,50%", "--at", "report.pdf:3:0%,0%,100%,50%")
    asked = octavo("ask", "What stands in these?", *places, "--library", report_library)
    assert "1,577" in asked.stdout
    assert "night shift" in asked.stdout


def test_json_is_the_whole_answer(report_library: Path) -> None:
    asked = octavo("ask", "How many people work on the night shift?", "--library", report_library, "--json")
    answer = json.loads(asked.stdout)
    assert "58" in answer["text"]
    assert answer["citations"][0]["page"] == 2
    assert len(answer["citations"][0]["boxes"][0]) == 4
    found = json.loads(octavo("search", "night shift", "--library", report_library, "--json", "-k", "2").stdout)
    assert found[0]["page"] == 2
    listed = json.loads(octavo("list", "--library", report_library, "--json").stdout)
    assert {info["name"] for info in listed} == {"report.pdf", "note.txt"}


def test_abstaining_exits_with_3(report_library: Path) -> None:
    asked = octavo("ask", "Which zebra won the submarine regatta?", "--library", report_library)
    assert asked.returncode == 3
    assert "Nothing found" in asked.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("ask",), 1, "The question is empty"),
        (("search", "x", "--level", "word"), 2, "--level"),
        (("search", "x", "--pages", "7-3"), 2, "--pages"),
        (("search", "x", "--kind", "poem"), 2, "--kind"),
        (("remove", "absent.pdf"), 1, "holds no document"),
        (("ingest", "absent-folder"), 1, "There is no file"),
        (("ask", "Who works on the night shift?", "--picture", "absent.png"), 1, "There is no picture absent.png"),
        (("ask", "Who works on the night shift?", "--image", "page.docx"), 2, "--image"),
        (
            ("ask", "How many people work on the night shift?", "--image", "absent/page.png"),
            1,
            "cannot be written to absent/page.png",
        ),
    ],
)
def test_bad_use_is_one_sentence(report_library: Path, arguments: tuple[str, ...], code: int, says: str) -> None:
    done = octavo(*arguments, "--library", report_library)
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("command", "variable", "value", "says"),
    [
        (("demo", "demo"), "OCTAVO_READING__DPI", "x", "OCTAVO_READING__DPI: "),
        (("doctor",), "OCTAVO_EMBEDDING__KIND", "served", "OCTAVO_EMBEDDING__URL: it is missing"),
        (("eval", "retrieval", "absent"), "OCTAVO_K", "0", "OCTAVO_K: Input should be greater"),
        (("chat",), "OCTAVO_CHAT_USERS", "ann", "no JSON"),
        (("chat",), "OCTAVO_CHAT_PORT", "70000", "OCTAVO_CHAT_PORT"),
        (("chat",), "OCTAVO_CHAT_HOST", "0.0.0.0", "name users with --auth-file"),
    ],
)
def test_a_variable_that_is_wrong_is_named(
    tmp_path: Path, command: tuple[str, ...], variable: str, value: str, says: str
) -> None:
    done = octavo(*command, cwd=tmp_path, COLUMNS="200", **{variable: value})
    assert done.returncode in (1, 2)
    assert says in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr


def test_all_documents_are_known_before_one_is_removed(report_library: Path) -> None:
    assert octavo("remove", "note.txt", "absent.pdf", "--library", report_library).returncode == 1
    listed = octavo("list", "--library", report_library)
    assert "note.txt" in listed.stdout


def test_names_are_listed_in_full_where_a_program_reads(tmp_path: Path) -> None:
    note = tmp_path / f"{'a-long-name-' * 12}.txt"
    note.write_text("The ferry leaves at nine.")
    assert octavo("ingest", note, "--library", tmp_path / "library").returncode == 0
    assert note.name in octavo("list", "--library", tmp_path / "library").stdout
    licences = octavo("models", "--list").stdout
    assert "CC-BY-NC-4.0" in licences
    assert "…" not in licences


def test_documents_read_by_an_older_version_are_noted_until_read_anew(tmp_path: Path) -> None:
    note, library = tmp_path / "note.txt", tmp_path / "library"
    note.write_text("The ferry leaves at nine.")
    octavo("ingest", note, "--library", library)
    assert "older Octavo" not in octavo("list", "--library", library).stdout
    with Library(library) as opened:
        opened.connection.execute("UPDATE documents SET reading = 0")
    for command in (("list",), ("doctor",), ("ingest", note)):
        done = octavo(*command, "--library", library)
        assert done.returncode == 0
        assert "1 of 1 document was read by an older Octavo: `octavo ingest --force PATH`" in done.stdout
    octavo("ingest", note, "--force", "--library", library)
    assert "older Octavo" not in octavo("list", "--library", library).stdout


def test_an_empty_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = octavo("ingest", tmp_path / "empty", "--library", tmp_path / "library")
    assert done.returncode == 0
    assert "Nothing to read" in done.stdout


def test_an_unknown_setting_is_reported(report_library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCTAVO_TRESHOLD", "0.5")
    assert "OCTAVO_TRESHOLD: is no setting: did you mean OCTAVO_THRESHOLD?" in octavo("doctor").stdout
    monkeypatch.setenv("OCTAVO_READING__DIP", "100")
    done = octavo("list", "--library", report_library)
    assert done.returncode == 2
    assert "no such setting" in " ".join(done.stderr.split())


def test_stopping_says_what_is_kept(tmp_path: Path) -> None:
    for number in range(4):
        make_pdf(tmp_path / f"{number}.pdf", ((f"Part {number}", "The ferry leaves at nine."),))
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"  # ignored in the background
        "from octavo.apps.cli.main import main; main()"
    )
    command = [sys.executable, "-c", code, "ingest", str(tmp_path)]
    with subprocess.Popen([*command, "--library", str(tmp_path / "library")], stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr
        assert "0.pdf" in run.stderr.readline()
        run.send_signal(signal.SIGINT)
        rest = run.stderr.read()
    assert run.returncode == 130
    assert "the same command goes on" in rest
    assert "Traceback" not in rest


def test_a_document_that_is_named_twice_is_removed_once(report_library: Path, tmp_path: Path) -> None:
    library = shutil.copytree(report_library, tmp_path / "library")
    done = octavo("remove", "report.pdf", "note.txt", "report.pdf", "--library", library)
    assert done.stdout.splitlines() == ["removed report.pdf (3 pages)", "removed note.txt (1 page)"]
    assert json.loads(octavo("embed", "--json", "--library", library).stdout) == {"embedded": 0}


def test_a_missing_library_is_said(tmp_path: Path) -> None:
    done = octavo("ask", "x", "--library", tmp_path / "none")
    assert done.returncode == 1
    assert "octavo ingest" in done.stderr
    assert not (tmp_path / "none").exists()


def test_doctor_names_what_it_found(report_library: Path) -> None:
    done = octavo("doctor", "--library", report_library, "--json")
    checks = {check["name"]: check for check in json.loads(done.stdout)}
    assert checks["library"]["ok"]
    assert "2 documents" in checks["library"]["text"]
    assert checks["python"]["ok"]


def test_the_version_is_told() -> None:
    assert octavo("--version").stdout == f"octavo {__version__}\n"


def test_metadata_filters_and_exports(tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("The harbour master closes the gate at nine.")
    library = ("--library", tmp_path / "library")
    assert octavo("ingest", note, "--meta", "team=north", "--meta", "team=west", *library).returncode == 0
    for wanted, count in (("team=west", 1), ("team=south", 0)):
        done = octavo("search", "harbour gate", "--filter", wanted, "--json", *library)
        assert len(json.loads(done.stdout)) == count
    hit = json.loads(octavo("search", "harbour gate", "--json", *library).stdout)[0]
    assert (hit["page"], hit["page_number"]) == (0, 1)
    assert "closes the gate at nine" in octavo("export", "note.txt", *library).stdout
    octavo("export", "note.txt", "--format", "html", "-o", tmp_path / "note.html", *library)
    assert '<section data-page="1">' in (tmp_path / "note.html").read_text()
    assert "--meta is key=value" in octavo("ingest", note, "--meta", "team", *library).stderr


def test_a_folder_is_kept_in_step(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "note.txt").write_text("The harbour master closes the gate at nine.")
    library = ("--library", tmp_path / "library")
    assert octavo("sync", folder, "--dry-run", *library).stdout.splitlines()[-1] == "would be 1 added"
    assert octavo("sync", folder, *library).stdout.splitlines() == ["added    note.txt", "1 added"]
    assert octavo("sync", folder, *library).stdout.splitlines() == ["1 skipped"]


def test_a_model_that_is_not_there_leaves_the_quotes(report_library: Path) -> None:
    model = ("--llm-url", "http://127.0.0.1:9")
    done = octavo("ask", "How many people work on the night shift?", *model, "--library", report_library)
    assert done.returncode == 0
    assert "58" in done.stdout
    assert "http://127.0.0.1:9 cannot be reached" in done.stdout


def test_a_manifest_is_read_and_what_failed_is_listed_for_another_try(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("Otters swim.")
    (tmp_path / "list.txt").write_text(f"{tmp_path / 'note.txt'}\n{tmp_path / 'gone.txt'}\n")
    library, failures = ("--library", tmp_path / "library"), tmp_path / "failures.jsonl"
    done = octavo("ingest", "--manifest", tmp_path / "list.txt", "--failures", failures, "--json", *library)
    assert done.returncode == 1
    assert sorted((r["path"], r["status"]) for r in json.loads(done.stdout)) == [
        (str(tmp_path / "gone.txt"), "failed"),
        (str(tmp_path / "note.txt"), "added"),
    ]
    [line] = map(json.loads, failures.read_text().splitlines())
    assert line == {
        "path": str(tmp_path / "gone.txt"),
        "reason": "gone.txt cannot be read: No such file or directory.",
        "code": "unreadable",
    }
    (tmp_path / "gone.txt").write_text("Herons wade.")
    assert octavo("ingest", "--manifest", failures, *library).returncode == 0
    assert "--failures is a file of its own" in octavo("ingest", "--manifest", failures, "--failures", failures).stderr
    assert octavo("ingest").returncode == 2


@pytest.mark.parametrize(
    "arguments", [["ask"], ["list"], ["backup"], ["eval"], ["eval", "retrieval"], ["users", "add"], ["asc"], []]
)
def test_a_command_alone_is_as_it_is_among_all(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["octavo", *arguments, "--help"])
    monkeypatch.setattr(sys.modules["__main__"], "__package__", None)  # else the program is `python -m pytest`
    with pytest.raises(SystemExit):
        main()
    among_all = CliRunner().invoke(app, sys.argv[1:], prog_name="octavo")
    assert capsys.readouterr() == (among_all.stdout, among_all.stderr)
