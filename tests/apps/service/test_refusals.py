"""Who was refused stands in the audit log, and nobody can fill that log by being refused."""

from __future__ import annotations

import re
from pathlib import Path

from starlette.testclient import TestClient

from octavo.apps.service import Service, ServiceOptions, create_app
from octavo.apps.service.refusals import BURST, LONGEST_NAME, PAUSE, Refusals
from octavo.apps.service.rights import Caller
from octavo.apps.service.store.audit import AuditLog
from octavo.apps.service.store.database import open_database
from octavo.rag import Settings

ADMIN = Caller("ann", is_admin=True)
ORIGIN = "http://127.0.0.1:8080"


def test_wrong_passwords_and_keys_are_in_the_audit_log_without_either(tmp_path: Path) -> None:
    with Service(Settings(library=tmp_path / "library"), ServiceOptions(chat=False)) as service:
        service.add_user("ann", "ann-password")
        key, secret = service.users.make_key("ann", "")
        service.users.revoke("ann", key.id)
        with TestClient(create_app(service), ORIGIN, headers={"origin": ORIGIN}) as client:
            form = re.search(r'name="token" value="(\w+)"', client.get("/login").text)
            assert form
            for name in ("ann", "x" * 150, "ann\n10.0.0.1 ben\x00"):
                given = {"token": form[1], "name": name, "password": "a-guess-at-it"}
                assert client.post("/login", data=given).status_code == 401
            assert client.get("/api/me", auth=("ben", "a-guess-at-it")).status_code == 401
            for wrong in (secret, "octavo_made-up"):
                assert client.get("/api/me", headers={"authorization": f"Bearer {wrong}"}).status_code == 401
            assert client.get("/api/me").status_code == 401  # names nobody
            assert client.get("/api/me", auth=("ann", "ann-password")).status_code == 200
        entries = service.audit(ADMIN, 100)
    assert [(one["user"], one["action"], one["subject"]) for one in reversed(entries)] == [
        ("", "session.refuse", "testclient ann"),
        ("", "session.refuse", f"testclient {'x' * LONGEST_NAME}"),
        ("", "session.refuse", "testclient ann\ufffd10.0.0.1 ben\ufffd"),
        ("", "session.refuse", "testclient ben"),
        ("", "key.refuse", "testclient"),
        ("", "key.refuse", "testclient"),
    ]


def test_a_flood_of_refusals_is_counted_and_not_written(tmp_path: Path) -> None:
    moment = 0.0
    database = open_database(tmp_path)
    log = AuditLog(database)
    refusals = Refusals(log, lambda: moment)
    for number in range(BURST + 500):
        refusals.note("session.refuse", "192.0.2.1", f"user{number}")
    assert len(log.entries(1_000)) == BURST
    moment += PAUSE
    for number in range(3):
        refusals.note("key.refuse", f"2001:db8::{number}")
    assert log.entries(1)[0]["subject"] == "2001:db8::0 (and 500 more before)"
    moment += PAUSE
    refusals.note("session.refuse", "192.0.2.1", "ben")
    assert log.entries(1)[0]["subject"] == "192.0.2.1 ben (and 2 more before)"
    assert len(log.entries(1_000)) == BURST + 2
    database.close()
