"""Users, keys and collections: what one may not see never shows."""

from __future__ import annotations

import base64
import random
import re
from typing import Any

import httpx
import pytest

from octavo.apps.service import Caller, Role, Service, ServiceOptions
from octavo.apps.service.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError, TooManyError
from octavo.apps.service.http.shapes import AnswerOut, EvidenceOut
from octavo.apps.service.questions import CollectionQuestion
from octavo.rag import Finished, Pipeline, Settings
from tests.apps.service.conftest import NOTE, SECRET, Running

ASK = "/api/collections/vault/ask"


@pytest.fixture(scope="module")
def keys(shared: Running) -> dict[str, str]:
    made = {name: shared.service.users.make_key(name, "test")[1] for name in ("ann", "ben")}
    made["reader"] = shared.service.users.make_key("ann", "test", Role.READER)[1]
    shared.service.collections.set_member("default", "ben", Role.READER)
    return made


def test_requests_without_a_key_are_refused(shared: Running) -> None:
    with shared.client() as client:
        refused = client.get("/v1/models")
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "unauthorized")
        assert refused.headers["www-authenticate"].startswith("Bearer")
        assert client.post("/mcp", json={}).status_code == 401
        assert client.get("/healthz").status_code == 200
    with shared.client("octavo_wrong") as client:
        assert client.get("/api/me").status_code == 401


def test_passwords_are_taken_too(shared: Running) -> None:
    with shared.client() as client:
        token = base64.b64encode(b"ben:ben-password").decode()
        assert client.get("/api/me", headers={"authorization": f"Basic {token}"}).json()["user"] == "ben"
        wrong = base64.b64encode(b"ben:other").decode()
        assert client.get("/api/me", headers={"authorization": f"Basic {wrong}"}).status_code == 401


def test_a_collection_of_others_reads_as_one_that_is_not_there(shared: Running, keys: dict[str, str]) -> None:
    with shared.client(keys["ben"]) as client:
        assert [one["name"] for one in client.get("/api/collections").json()["items"]] == ["default"]
        hidden = client.post(ASK, json={"question": "How many astrolabes?"})
        absent = client.post("/api/collections/vaulx/ask", json={"question": "How many astrolabes?"})
        assert (hidden.status_code, absent.status_code) == (404, 404)
        assert hidden.json()["error"]["message"].replace("vault", "vaulx") == absent.json()["error"]["message"]
        for path in ("documents", "jobs", "members", "documents/secret.txt", "documents/secret.txt/pages/0/image"):
            assert client.get(f"/api/collections/vault/{path}").status_code == 404
        assert client.get("/v1/models/vault").status_code == 404
        assert client.post("/v1/vector_stores/vault/search", json={"query": "x"}).status_code == 404
    with shared.client(keys["ann"]) as client:
        assert "812" in client.post(ASK, json={"question": "How many silver astrolabes does the vault hold?"}).text


def test_roles_and_keys_bound_what_may_be_done(shared: Running, keys: dict[str, str]) -> None:
    upload = {"files": ("x.txt", b"words")}
    with shared.client(keys["ben"]) as client:
        assert client.post("/api/collections/default/documents", files=upload).status_code == 403
        assert client.delete("/api/collections/default/documents/note.txt").status_code == 403
        assert client.put("/api/collections/default/members/ben", json={"role": "owner"}).status_code == 403
        assert client.get("/api/collections/default/feedback").status_code == 403
        assert client.post("/api/users", json={"name": "eve", "password": "long-enough"}).status_code == 403
        assert client.get("/api/audit").status_code == 403
    with shared.client(keys["reader"]) as client:
        assert client.get("/api/collections/vault").json()["role"] == "reader"
        assert client.post("/api/collections/vault/documents", files=upload).status_code == 403
        assert client.post("/api/collections", json={"name": "more"}).status_code == 403
        assert client.post("/api/keys", json={"role": "owner"}).status_code == 403
        assert client.get("/api/users").status_code == 403
        assert client.delete("/api/collections/vault/members/ann").status_code == 403


def test_keys_expire_and_are_revoked(shared: Running) -> None:
    users = shared.service.users
    key, secret = users.make_key("cem", "short", days=1e-11)
    assert users.caller(secret) is None
    _, ending = users.make_key("cem", "long", days=1)
    assert users.caller(ending) == Caller("cem", expires=True)
    key, secret = users.make_key("cem", "long")
    assert users.caller(secret) == Caller("cem")
    with shared.client(secret) as client:
        listed = client.get("/api/keys").json()["items"]
        assert all(not one["secret"] for one in listed)
        assert client.delete(f"/api/keys/{key.id}").status_code == 204
        assert client.get("/api/me").status_code == 401
    rows = shared.service.database.connection.execute("SELECT * FROM keys").fetchall()
    assert not any(secret in str(column) for row in rows for column in row)


def test_members_are_kept_by_owners(shared: Running, keys: dict[str, str]) -> None:
    with shared.client(keys["ann"]) as client:
        client.post("/api/collections", json={"name": "team"}).raise_for_status()
        members = "/api/collections/team/members"
        assert client.put(f"{members}/ben", json={"role": "editor"}).json() == {"ann": "owner", "ben": "editor"}
        assert client.put(f"{members}/zoe", json={"role": "editor"}).status_code == 404
        assert client.delete(f"{members}/ann").status_code == 400
    with shared.client(keys["ben"]) as client:
        assert client.delete("/api/collections/team").status_code == 403
        assert client.delete(f"{members}/ben").status_code == 204
        assert client.get("/api/collections/team").status_code == 404
    with shared.client(keys["ann"]) as client:
        client.delete("/api/collections/team").raise_for_status()
        actions = [(one["user"], one["action"]) for one in client.get("/api/audit").json()]
    assert actions[:4] == [
        ("ann", "collection.remove"),
        ("ben", "member.remove"),
        ("ann", "member.editor"),
        ("ann", "collection.make"),
    ]


def test_users_are_checked(shared: Running) -> None:
    users = shared.service.users
    with pytest.raises(ConflictError, match="There is a user ann already"):
        users.add("ann", "long-enough")
    with pytest.raises(ServiceError, match="at least 8 letters"):
        users.add("dan", "short")
    with pytest.raises(ServiceError, match=r"A user's name has"):
        users.add("a b", "long-enough")
    with pytest.raises(ServiceError, match="last administrator"):
        users.remove("ann")
    with pytest.raises(NotFoundError):
        users.remove("nobody")


def answers(service: Service, caller: Caller, question: str) -> tuple[object, object]:
    """All that a user sees of a question: the answer, and the results of a search."""
    *_, last = service.stream(caller, "default", CollectionQuestion(question))
    assert isinstance(last, Finished)
    found = service.search(caller, "default", CollectionQuestion(question))
    return AnswerOut.of_answer(last.answer, "default"), [EvidenceOut.of_evidence(one, "default") for one in found]


@pytest.mark.parametrize("questions", [12, pytest.param(500, marks=pytest.mark.slow)])
def test_answers_are_those_of_a_library_without_the_others_documents(
    shared: Running, plain: Pipeline, questions: int
) -> None:
    ben = Caller("ben")
    shared.service.collections.set_member("default", "ben", Role.READER)
    words = sorted({*NOTE.split(), *SECRET.split(), "how", "many", "when", "what", "total"})
    draw = random.Random(5)
    for _ in range(questions):
        question = " ".join(draw.choices(words, k=draw.randint(1, 8))) + "?"
        answer, found = answers(shared.service, ben, question)
        alone = AnswerOut.of_answer(plain.ask(question), "default")
        assert answer == alone
        assert found == [EvidenceOut.of_evidence(one, "default") for one in plain.search(question)]


def test_a_service_for_others_needs_users(tmp_path_factory: pytest.TempPathFactory) -> None:
    settings = Settings(library=tmp_path_factory.mktemp("open") / "library")
    with (
        Service(settings, ServiceOptions(host="0.0.0.0")) as service,
        pytest.raises(ServiceError, match=r"open to everyone who reaches 0\.0\.0\.0"),
    ):
        service.check_exposure()


def test_requests_are_counted(tmp_path_factory: pytest.TempPathFactory) -> None:
    settings = Settings(library=tmp_path_factory.mktemp("rate") / "library")
    with Service(settings, ServiceOptions(requests_per_minute=2)) as service:
        service.admit(Caller("ann"))
        service.admit(Caller("ann"))
        service.admit(Caller("ben"))
        with pytest.raises(TooManyError, match="More than 2 requests in a minute"):
            service.admit(Caller("ann"))


def test_a_members_role_is_needed(shared: Running) -> None:
    with pytest.raises(NotFoundError):
        shared.service.collections.get(Caller("cem"), "vault")
    shared.service.collections.set_member("vault", "cem", Role.READER)
    with pytest.raises(ForbiddenError, match="This needs the role editor in vault; yours is reader"):
        shared.service.collections.get(Caller("cem"), "vault", Role.EDITOR)
    shared.service.collections.set_member("vault", "cem", None)


def test_no_route_tells_a_stranger_that_a_collection_is_there(shared: Running, keys: dict[str, str]) -> None:
    """Each operation that names a collection answers a stranger as it does for a name that nobody has."""
    with shared.client(keys["ben"]) as client:
        paths = client.get("/openapi.json").json()["paths"]
        asked = 0
        for path, operations in paths.items():
            for method, operation in operations.items():
                for name in ("collection", "store", "model"):
                    if f"{{{name}}}" not in path and not (name == "model" and path in BY_MODEL):
                        continue
                    asked += 1
                    replies = [_reply(client, method, path, operation, name, value) for value in ("vault", "vaulx")]
                    assert replies[0].replace("vault", "vaulx") == replies[1], (method, path)
                    assert "astrolabe" not in replies[0]
                    assert replies[0].startswith("404"), (method, path, replies[0])
        assert asked > 40
        assert shared.service.collections.members("vault") == {"ann": Role.OWNER}


BY_MODEL = ("/v1/chat/completions", "/v1/responses", "/v1/embeddings")
"""Routes that name a collection as the model of their body."""
VALUES = {"document": "secret.txt", "page": "0", "user": "ben", "file": "file-x", "batch": "vsfb_x", "job": "job-x"}
BODIES: dict[str, dict[str, object]] = {
    "/v1/chat/completions": {"messages": [{"role": "user", "content": "How many astrolabes?"}]},
    "/v1/responses": {"input": "How many astrolabes?"},
    "/v1/embeddings": {"input": "astrolabes"},
}


def _reply(client: httpx.Client, method: str, path: str, operation: dict[str, Any], name: str, value: str) -> str:
    """The status and the text of a reply without the request's id."""
    place = path.replace(f"{{{name}}}", value)
    for other in re.findall(r"{(\w+)}", place):
        place = place.replace(f"{{{other}}}", VALUES.get(other, "x"))
    content = operation.get("requestBody", {}).get("content", {})
    sent: dict[str, Any] = {}
    if "multipart/form-data" in content:
        sent["files"] = {"files": ("x.txt", b"words"), "file": ("x.txt", b"words")}
    elif "application/json" in content:
        schema = client.get("/openapi.json").json()["components"]["schemas"]
        kind = content["application/json"]["schema"].get("$ref", "").rpartition("/")[2]
        body = BODIES.get(path) or next(iter(schema.get(kind, {}).get("examples", [])), {})
        sent["json"] = body | ({"model": value} if path in BODIES else {})
    answered = client.request(method, place, **sent)
    return f"{answered.status_code} {re.sub(r'req-[0-9a-f]+', '', answered.text)}"


def test_no_route_tells_a_stranger_that_an_id_is_there(shared: Running, keys: dict[str, str]) -> None:
    """Ids of another's documents, jobs, concepts, files, batches and keys answer as ids that nobody has."""
    with shared.client(keys["ann"]) as ann, shared.client(keys["ben"]) as ben:
        document = ann.get("/api/collections/vault/documents/secret.txt").json()["id"]
        file = ann.post("/v1/files", files={"file": ("astrolabe.txt", b"An astrolabe.")}).json()["id"]
        batch = ann.post("/v1/vector_stores/vault/file_batches", json={"file_ids": [file]}).json()["id"]
        job = ann.get("/api/collections/vault/jobs").json()["items"][0]["id"]
        ann.post("/api/collections/vault/concepts", json={"name": "Astrolabe"}).raise_for_status()
        ben.post("/api/collections", json={"name": "bens"}).raise_for_status()
        key = ann.get("/api/keys").json()["items"][0]["id"]
        theirs = {"document": [document], "job": [job], "name": ["Astrolabe"], "batch": [batch], "key": [key]}
        theirs["file"] = [file, f"file-{document}"]
        asked = 0
        for path, operations in ben.get("/openapi.json").json()["paths"].items():
            place = re.sub(r"{(collection|store)}", "bens", path)
            for method, operation in operations.items():
                if (
                    path.endswith("/concepts/{name}") and method == "put"
                ):  # makes one of that name in one's own collection
                    continue
                for name in theirs.keys() & set(re.findall(r"{(\w+)}", place)):
                    for value in theirs[name]:
                        asked += 1
                        absent = _made_up(value)
                        replies = [_reply(ben, method, place, operation, name, one) for one in (value, absent)]
                        assert replies[0].replace(value, absent) == replies[1], (method, path)
                        assert replies[0].startswith("404"), (method, path, replies[0])
        assert asked > 25
        for path in ("/v1/vector_stores/bens/files", "/v1/vector_stores/bens/file_batches"):
            said = [
                ben.post(path, json={"file_id": one, "file_ids": [one]}).json()["error"]["message"]
                for one in (file, _made_up(file))
            ]
            assert said[0].replace(file, _made_up(file)) == said[1], path
        for path in (
            "/api/collections",
            "/v1/models",
            "/v1/vector_stores",
            "/v1/files",
            "/api/keys",
            "/api/me",
            "/metrics",
        ):
            assert not re.search(r"vault|astrolabe|secret\.txt", ben.get(path).text, re.I), path
        assert ann.get(f"/v1/files/{file}").status_code == 200, "nothing of another's was removed"
        assert ann.get("/api/collections/vault/concepts/astrolabe").status_code == 200
        ann.delete("/api/collections/vault/concepts/astrolabe").raise_for_status()
        ann.delete(f"/v1/files/{file}").raise_for_status()
        ben.delete("/api/collections/bens").raise_for_status()


def _made_up(value: str) -> str:
    """Returns an id of the same form that nothing has."""
    return value[:-4] + ("0000" if not value.endswith("0000") else "1111")
