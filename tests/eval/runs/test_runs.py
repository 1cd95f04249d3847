"""Runs that answer and judge, and go on after a kill."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from octavo import __version__
from octavo.eval.runs import load, rows, run
from octavo.eval.runs.config import ConfigError
from octavo.eval.runs.execute import ANSWERS, VERDICTS
from octavo.eval.runs.manifest import code, read as manifest_of
from octavo.eval.runs.summary import tables
from octavo.ingest import OctavoError
from tests.conftest import make_pdf
from tests.eval.judges.faulty import graded, says, serving
from tests.eval.test_datasets import write
from tests.rag.made import start
from tests.rag.model_server import closed_port

Row = dict[str, Any]
QUESTIONS = (
    ("a", "What was capital expenditure in 2018?", "1,577 million crowns", [1]),
    ("b", "How many people work on the night shift?", "58", [2]),
    ("c", "When did it open its second dome?", "2017", [0]),
)


def dataset(folder: Path, count: int = 0) -> Path:
    folder.mkdir()
    made = [(f"q{n}", f"Question {n}?", str(n), [0]) for n in range(count)] or QUESTIONS
    write(folder, *({"id": i, "question": q, "answer": a, "doc": "pdfs/a.pdf", "gold_pages": p} for i, q, a, p in made))
    if not count:
        unknown = {"id": "u", "question": "Who painted the ceiling?", "answer": "Not answerable", "doc": "pdfs/a.pdf"}
        write(folder, unknown | {"gold_pages": [], "answerable": False}, name="unanswerable.jsonl")
    make_pdf(folder / "pdfs" / "a.pdf")
    return folder


def config(folder: Path, **given: Any) -> Path:
    path = folder / "run.yaml"
    path.write_text(yaml.safe_dump({"data": ["set"]} | given))
    return path


def test_a_run_answers_and_keeps_what_answers_rest_on(tmp_path: Path) -> None:
    dataset(tmp_path / "set")
    steps: list[tuple[str, int, int]] = []
    out = run(load(config(tmp_path)), lambda stage, done, of, row: steps.append((stage, done, of)))
    assert out == tmp_path / "runs" / "run"
    assert steps[-1] == ("set, embedded", 4, 4)
    found = {row["id"]: row for row in rows.read(out / ANSWERS)}
    assert found["a"]["rules"]["grade"] == "correct"
    assert found["a"]["retrieval"]["page"]["recall@1"] == 1
    assert found["a"]["citations"][0]["page"] == 1
    assert len(found["a"]["citations"][0]["boxes"][0]) == 4
    assert 0 < found["a"]["evidence"][0]["score"] <= 1
    assert len(found["a"]["evidence"][0]["regions"][0]) == 5
    assert (found["a"]["prompt"], found["a"]["model"]) == ([], "")
    assert (found["u"]["retrieval"], found["u"]["answerable"]) == ({}, False)
    made = manifest_of(out)
    assert made["data"]["set"]["questions"] == 4
    assert made["code"].startswith("0.")
    before = (out / ANSWERS).read_bytes()
    run(load(config(tmp_path)))
    assert (out / ANSWERS).read_bytes() == before


def test_a_model_answers_and_another_judges(tmp_path: Path) -> None:
    dataset(tmp_path / "set")

    def judge(request: Row) -> Row:
        text = says(request)
        if "grade YES or NO" in text:
            return {"reason": "x", "grade": "YES"}
        if "yes, no, or unsure" in text:
            return {"verdict": "no"}
        if "a few plain sentences" in text:
            return {"answer": "It was 7."}
        if "<span>" in text:
            return {"reason": "x", "objective": True, "score": 1}
        return graded(request) if "<gold_answer>" in text else {"reason": "x", "score": 0.5}

    with serving(reply=judge) as server, answering() as model:
        systems = [
            {"name": "model", "settings": {"llm_url": model, "llm_images": 0}},
            {"name": "pictures", "settings": {"llm_url": model}, "modality": "image", "level": "page"},
        ]
        judging = {"url": server.url, "pictures": 1, "aspects": ["answer_relevancy", "image_faithfulness"]}
        judging["others"] = [{"url": server.url, "key": "secret"}]
        metrics = ["correctness", "aspects", "ragcheck", "crosscheck"]
        out = run(load(config(tmp_path, systems=systems, judge=judging, metrics=metrics)))
        asked = len(server.requests)
        crosschecked = [json.dumps(r) for r in server.requests if "a few plain sentences" in says(r)]
        blind = [request for request in crosschecked if "1,577 million crowns" not in request]
        assert len(crosschecked) == 2 * len(blind) > 0
        assert all("image_url" in request for request in blind)
        run(load(config(tmp_path, systems=systems, judge=judging, metrics=metrics)))
        assert len(server.requests) == asked
    answered = {row["key"]: row for row in rows.read(out / ANSWERS)}
    judged = {row["key"]: row for row in rows.read(out / VERDICTS)}
    assert set(judged) == set(answered)
    assert len(judged) == 8
    first = answered["set/model/a"]
    assert "Capital expenditure in 2018" in first["prompt"][-1]["content"]
    assert first["prompt_tokens"] > 100
    assert "[picture]" not in first["prompt"][-1]["content"]
    pictured = answered["set/pictures/a"]["prompt"][-1]["content"]
    assert "[picture]" in pictured
    assert "1,577 million crowns. Revenue" not in pictured
    verdict = judged["set/model/a"]
    assert verdict["correctness"]["grade"] == "correct"
    assert verdict["aspects"]["image_faithfulness"]["holds"] is True
    assert verdict["ragcheck"]["correctness"] == 1
    assert verdict["crosscheck"] == {"explicit": 1, "implicit": 1}
    assert manifest_of(out)["judge_model"] == "tiny"
    assert "secret" not in (out / "run.json").read_text()


def test_a_panel_of_judges_goes_by_the_majority(tmp_path: Path) -> None:
    dataset(tmp_path / "set")

    def contrary(_: Row) -> Row:
        return {"reason": "no", "grade": "refusal"}

    with serving(reply=graded) as one, serving(reply=contrary) as two, serving(reply=contrary) as three:
        judging = {"url": one.url, "panel": [{"url": two.url}, {"url": three.url, "model": "other"}]}
        out = run(load(config(tmp_path, judge=judging, metrics=["correctness"])))
    found = {row["key"]: row["correctness"] for row in rows.read(out / VERDICTS)}
    assert found["set/embedded/a"]["judges"] == ["correct", "refusal", "refusal"]
    assert (found["set/embedded/a"]["grade"], found["set/embedded/a"]["reason"]) == ("refusal", "no")
    (table,) = tables(out)
    assert table.judges()["judges, alpha"] < 0.5


def test_the_judge_of_a_run_is_set_against_people(tmp_path: Path) -> None:
    from tests.eval.judges.test_labels import ROWS, write as write_labels

    dataset(tmp_path / "set")
    (tmp_path / "labels").mkdir()
    write_labels(tmp_path / "labels", *ROWS)

    def reply(request: Row) -> Row:
        return {"reason": "x", "nearer": "tie"} if "<first>" in says(request) else graded(request)

    with serving(reply=reply) as server:
        out = run(load(config(tmp_path, judge={"url": server.url, "labels": "labels"})))
    by_rules, by_model = manifest_of(out)["agreement"]
    assert (by_rules["judge"], by_rules["accuracy"]["mean"]) == ("rules", 0.75)
    assert (by_model["judge"], by_model["labels"], by_model["failed"]) == ("tiny", 4, 0)
    assert manifest_of(out)["bias"]["position"]["pairs"] == 1


def test_a_model_that_cannot_be_asked_ends_the_run_and_a_broken_document_does_not(tmp_path: Path) -> None:
    folder = dataset(tmp_path / "set")
    systems = [{"name": "model", "settings": {"llm_url": f"http://127.0.0.1:{closed_port()}/v1"}}]
    with pytest.raises(OctavoError, match="cannot be reached"):
        run(load(config(tmp_path, systems=systems, out="unreachable")))
    (folder / "pdfs" / "b.pdf").write_bytes(b"%PDF-1.7 nothing follows")
    rows_there = (folder / "queries.jsonl").read_text()
    broken = {"id": "x", "question": "What else?", "answer": "7", "doc": "pdfs/b.pdf", "gold_pages": [0]}
    (folder / "queries.jsonl").write_text(f"{rows_there}\n{json.dumps(broken)}")
    out = run(load(config(tmp_path)))
    found = {row["id"]: row for row in rows.read(out / ANSWERS)}
    assert (found["x"]["abstained"], found["x"]["retrieval"]["page"]["recall@5"]) == (True, 0)
    assert "b.pdf" in manifest_of(out)["unread"]["set"]["pdfs/b.pdf"]
    judge = {"url": f"http://127.0.0.1:{closed_port()}/v1"}
    with pytest.raises(OctavoError, match="cannot be reached"):
        run(load(config(tmp_path, judge=judge, metrics=["correctness"], out="unjudged")))
    assert "b.pdf" in manifest_of(tmp_path / "unjudged")["unread"]["set"]["pdfs/b.pdf"]


@pytest.mark.parametrize(
    ("given", "says_so"),
    [
        ({"data": []}, "data"),
        ({"sistems": []}, "sistems: there is no such setting"),
        ({"systems": [{"name": "a", "settings": {"kk": 3}}]}, r"systems\.0\.settings: kk: there is no such setting"),
        ({"systems": [{"name": "a", "settings": {"k": 0}}]}, r"settings: k: Input should be greater than"),
        ({"settings": {"library": "x"}}, "library: the run makes it"),
        ({"judge": {"pictures": 1}}, r"judge\.url: it is missing"),
        ({"data": ["set", {"path": "set", "limit": 3}]}, "two data sets are called set"),
        ({"systems": [{"name": "a"}, {"name": "a"}]}, "same name"),
        ({"metrics": ["correctness"]}, "need a judge"),
        ({"metrics": ["taste"]}, "metrics.0"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, given: Row, says_so: str) -> None:
    with pytest.raises(ConfigError, match=says_so):
        load(config(tmp_path, **given))


def test_the_code_is_named_without_git_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert code() == __version__


def test_other_settings_do_not_go_into_the_same_folder(tmp_path: Path) -> None:
    dataset(tmp_path / "set")
    run(load(config(tmp_path)))
    with pytest.raises(OctavoError, match="a run with other systems: name another folder"):
        run(load(config(tmp_path, systems=[{"name": "embedded", "settings": {"k": 2}}])))
    path = tmp_path / "set" / "queries.jsonl"
    path.write_text(path.read_text().replace("second dome", "first dome"))
    with pytest.raises(OctavoError, match="a run with other questions in set"):
        run(load(config(tmp_path)))


def test_a_file_that_is_no_run_is_named(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    for text, says_so in (("data: [", "is no YAML"), ("- a", "holds no settings"), ("", "holds no settings")):
        path.write_text(text)
        with pytest.raises(ConfigError, match=says_so) as raised:
            load(path)
        assert "\n" not in str(raised.value)
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "gone.yaml")


def test_missing_requirements_of_a_run_are_reported_before_it_begins(tmp_path: Path) -> None:
    dataset(tmp_path / "set")
    with pytest.raises(OctavoError, match=r"holds no labels\.jsonl"):
        run(load(config(tmp_path, labels="nowhere")))
    (tmp_path / "file").touch()
    with pytest.raises(OctavoError, match="cannot be made"):
        run(load(config(tmp_path, out="file")))


def test_a_row_that_was_cut_short_or_failed_is_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    first = rows.RowFile(path)
    first.add({"key": "a"})
    first.add({"key": "b", "error": "broken"})
    with pytest.raises(ValueError, match="already"):
        first.add({"key": "a"})
    first.close()
    with path.open("a") as file:
        file.write('{"key": "c", "tex')
    assert [row["key"] for row in rows.read(path)] == ["a", "b"]
    again = rows.RowFile(path)
    assert [row["key"] for row in again.values()] == ["a"]
    again.add({"key": "b"})
    again.close()
    assert path.read_text() == '{"key":"a"}\n{"key":"b"}\n'


@pytest.mark.parametrize(("count", "never"), [(32, "7"), pytest.param(1000, "77", marks=pytest.mark.slow)])
def test_verdicts_of_a_failing_server_survive_two_kills(tmp_path: Path, count: int, never: str) -> None:
    """Questions whose numbers begin with `never` get no verdict."""
    dataset(tmp_path / "set", count)

    def reply(request: Row) -> Row | str:
        return "No verdict today." if f"Question {never}" in says(request) else graded(request)

    with serving(reply=reply, failing=0.2, silence=1.0) as server:
        judging = {"url": server.url, "concurrency": 32, "timeout": 1.0, "tries": 12, "wait": 0.01}
        given = {"metrics": ["correctness"], "judge": judging}
        results = []
        for name, kills in (("whole", []), ("killed", [count // 8, count // 2])):
            path = config(tmp_path, **given, out=name, libraries=f"{name}-libraries")
            answered(tmp_path / name, count)
            for rows_there in kills:
                kill(path, lambda at=rows_there, out=tmp_path / name: lines(out / VERDICTS) >= at)
            run(load(path))
            results.append(rows.read(tmp_path / name / VERDICTS))
            assert lines(tmp_path / name / VERDICTS) == count
    assert len(server.served) == 9 or count < 1000
    whole, killed = ({row["key"]: _verdict(row) for row in found} for found in results)
    assert whole == killed
    assert len(whole) == count
    failed = {key for key, (_, error) in whole.items() if error}
    assert failed == {f"set/embedded/q{n}" for n in range(count) if str(n).startswith(never)}
    assert {grade for grade, _ in whole.values()} == {"correct", "incorrect", "failed"}
    assert sum(grade == "correct" for grade, _ in whole.values()) == (count - len(failed) + 1) // 2


def _verdict(row: Row) -> tuple[str, bool]:
    if row.get("error"):
        assert "no verdict that can be read" in row["error"]
    return row["correctness"]["grade"], bool(row.get("error"))


def answered(out: Path, count: int) -> None:
    """Answers of a run, every other one right."""
    out.mkdir()
    made = rows.RowFile(out / ANSWERS)
    for n in range(count):
        row = {
            "key": f"set/embedded/q{n}",
            "data": "set",
            "system": "embedded",
            "id": f"q{n}",
            "gold": str(n),
            "choices": [],
            "modality": "both",
        }
        made.add(row | {"question": f"Question {n}?", "answer": str(n) if n % 2 == 0 else "-", "abstained": False})
    made.close()


def lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def kill(path: Path, when: Callable[[], bool]) -> None:
    """Starts a run in a process of its own, and kills it without warning."""
    process = start(_run, path)
    while not when():
        assert process.is_alive()
        time.sleep(0.005)
    process.kill()
    process.join()


def _run(path: Path) -> None:
    run(load(path))


def answering() -> Any:
    """A model server that streams a cited answer."""
    from contextlib import contextmanager

    from tests.rag.model_server import Reply, serving as streaming

    @contextmanager
    def served() -> Any:
        with streaming(Reply(["It was 1,577 million crowns [1]."])) as model:
            yield model.url

    return served()
