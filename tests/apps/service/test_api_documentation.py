"""The API is described, and what the documentation says can be run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from octavo.apps.service import Role
from octavo.apps.service.http.openapi import TAGS
from tests.apps.service.conftest import Running

PAGE = Path(__file__).resolve().parents[3] / "docs" / "guides" / "api.md"


@pytest.fixture(scope="module")
def described(local: Running) -> dict[str, Any]:
    with local.client() as client:
        result: dict[str, Any] = client.get("/openapi.json").json()
    return result


def test_every_operation_is_described(described: dict[str, Any]) -> None:
    operations = {
        f"{method} {path}": one for path, methods in described["paths"].items() for method, one in methods.items()
    }
    names = [one["operationId"] for one in operations.values()]
    assert len(set(names)) == len(names)
    for name, one in operations.items():
        assert one["summary"][0].isupper(), name
        assert one["description"].rstrip().endswith("."), name
        assert one["tags"][0] in TAGS, name
        assert "422" not in one["responses"], name
        if one["tags"] != ["probes"]:
            refused = one["responses"]["404"]["content"]["application/json"]["schema"]
            assert refused == {"$ref": "#/components/schemas/ErrorOut"}, name


def test_every_json_body_has_an_example(described: dict[str, Any]) -> None:
    for path, methods in described["paths"].items():
        for one in methods.values():
            schema = one.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            if name := schema.get("$ref", "").rpartition("/")[2]:
                assert described["components"]["schemas"][name]["examples"], path


def test_the_page_shows_what_is_described(local: Running) -> None:
    with local.client() as client:
        page = client.get("/docs").text
    for tag, text in TAGS.items():
        assert tag in page
        assert text.split("'")[0] in page
    assert "Create a chat completion" in page
    assert "Such as" in page


def test_the_requests_of_the_documentation_run(local: Running, tmp_path: Path) -> None:
    assert shutil.which("curl"), "the documentation's requests need curl"
    _, *blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    script = "\n".join(["set -e", *blocks])
    wanted = [line.removeprefix("# → ") for line in script.splitlines() if line.startswith("# → ")]
    environment = {**os.environ, "OCTAVO": local.url, "KEY": "octavo_any"}
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True)
    try:
        assert done.returncode == 0, done.stderr
        assert [piece for piece in wanted if piece not in done.stdout] == []
        with zipfile.ZipFile(tmp_path / "feedback.zip") as archive:
            (query,) = archive.read("queries.jsonl").decode().splitlines()
            assert json.loads(query)["gold_pages"] == [0]
            assert archive.read(json.loads(query)["doc"]).decode().startswith("Capital expenditure")
            assert json.loads(archive.read("labels.jsonl"))["label"] == "Correct Answer"
    finally:
        with local.client() as client:
            client.delete("/api/collections/reports")


def test_feedback_is_downloaded_by_owners_alone(shared: Running) -> None:
    shared.service.collections.set_member("default", "cem", Role.EDITOR)
    try:
        with shared.client(shared.service.users.make_key("cem", "")[1]) as client:
            for path in ("feedback", "feedback/dataset"):
                assert client.get(f"/api/collections/default/{path}").status_code == 403
                assert client.get(f"/api/collections/vault/{path}").status_code == 404
        with shared.client(shared.service.users.make_key("ann", "")[1]) as client:
            assert client.get("/api/collections/default/feedback/dataset").headers["content-type"] == "application/zip"
    finally:
        shared.service.collections.set_member("default", "cem", None)
