"""Requests generated from the API's own description: each is answered without a fault, by a status that is in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from octavo.apps.service import Service, ServiceOptions
from octavo.rag import Settings
from tests.apps.service.conftest import NOTE, Running, add, serve

EXAMPLES = 60
"""Requests of each operation."""
EXISTING = {"collection": "default", "store": "default", "model": "default", "document": "note.txt", "page": 0}
"""Path parameters that name what is there, in about every other request."""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with Service(Settings(library=tmp_path / "library"), ServiceOptions(chat=False)) as service:
        add(service, "default", tmp_path, "note.txt", NOTE)
        yield from serve(service)


@pytest.mark.slow
def test_no_request_breaks_the_service(running: Running) -> None:
    described = schemathesis.openapi.from_url(f"{running.url}/openapi.json")
    operations = [result.ok() for result in described.get_all_operations()]
    assert len(operations) > 60
    paths = httpx.get(f"{running.url}/openapi.json").json()["paths"]
    broken: dict[str, str] = {}
    for operation in operations:

        @settings(
            max_examples=EXAMPLES,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: schemathesis.Case) -> None:
            for name in EXISTING.keys() & case.path_parameters.keys():
                if len(str(case.path_parameters[name])) % 2:
                    case.path_parameters[name] = EXISTING[name]
            status = case.call().status_code
            if status >= 500 or str(status) not in paths[case.operation.path][case.operation.method]["responses"]:
                broken[case.formatted_path] = f"{case.method} {status}: {case.as_curl_command()}"

        ask()
    assert broken == {}
