"""Requests that mean harm: each is refused in one sentence, or takes no more than it may."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from octavo.apps.service import Caller, Role, Service, ServiceOptions
from octavo.apps.service.errors import (
    ConflictError,
    ForbiddenError,
    ModelServerError,
    NotFoundError,
    ServiceError,
    TooLargeError,
)
from octavo.apps.service.questions import CollectionQuestion
from octavo.apps.service.rights import LOCAL
from octavo.apps.service.store.replies import Replies, StoredReply
from octavo.rag import Finished, Settings
from tests.apps.service.conftest import NOTE, Running, add, serve
from tests.rag.model_server import closed_port

JSON = {"content-type": "application/json"}
DEFAULT = "/api/collections/default"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service with ann (administrator) and ben (editor of `default`), and little patience."""
    folder = tmp_path_factory.mktemp("guarded")
    options = ServiceOptions(chat=False, pause_seconds=0.5)
    with Service(Settings(library=folder / "library"), options) as service:
        for name in ("ann", "ben"):
            service.add_user(name, f"{name}-password")
        service.collections.set_member("default", "ben", Role.EDITOR)
        add(service, "default", folder, "note.txt", NOTE)
        yield from serve(service)


@pytest.fixture
def ben(guarded: Running) -> Iterator[httpx.Client]:
    with guarded.client(guarded.service.users.make_key("ben", "")[1]) as client:
        yield client


def spoken(guarded: Running, *lines: str, then: bytes = b"") -> bytes:
    """What the service answers to raw bytes whose body does not come in full."""
    host, port = guarded.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        head = "".join(f"{line}\r\n" for line in (*lines, f"host: {host}:{port}", "content-length: 1000000", ""))
        connection.sendall(head.encode() + then)
        return connection.recv(4096)


def test_strangers_send_no_body(guarded: Running) -> None:
    answered = spoken(guarded, f"POST {DEFAULT}/documents HTTP/1.1", "content-type: multipart/form-data; boundary=x")
    assert answered.startswith(b"HTTP/1.1 401")


def test_a_body_that_pauses_is_cut_off(guarded: Running) -> None:
    key = guarded.service.users.make_key("ben", "")[1]
    lines = (f"POST {DEFAULT}/search HTTP/1.1", "content-type: application/json", f"authorization: Bearer {key}")
    answered = spoken(guarded, *lines, then=b'{"question": ')
    assert answered.startswith(b"HTTP/1.1 408")
    assert b"The request paused for 0.5 seconds." in answered


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", f"{DEFAULT}/search", rb'{"question": "\ud800"}', 400),
        ("POST", f"{DEFAULT}/search", rb'{"question": "x", "documents": ["\ud800"]}', 404),
        ("POST", f"{DEFAULT}/search", b'{"question": "x", "filter": {"a": NaN}}', 400),
        ("PUT", f"{DEFAULT}/documents/note.txt/metadata", rb'{"a": "\ud800"}', 400),
        ("PUT", f"{DEFAULT}/documents/note.txt/metadata", b'{"a": NaN}', 400),
        ("POST", f"{DEFAULT}/search", b'{"question": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
        ("POST", f"{DEFAULT}/search", b'{"question": "x", "k": ' + b"9" * 5000 + b"}", 400),
        ("GET", f"{DEFAULT}/documents/a%00b", b"", 404),
        ("GET", f"{DEFAULT}/documents/a%ff", b"", 404),
        ("GET", "/api/nothing", b"", 404),
        ("POST", "/v1/nothing/..%2fmodels", b"{}", 404),
        ("GET", "/v1/vector_stores/default/files?after=file-gone", b"", 400),
    ],
)
def test_malformed_requests_are_told_so(ben: httpx.Client, method: str, path: str, body: bytes, status: int) -> None:
    answered = ben.request(method, path, content=body, headers=JSON)
    assert (answered.status_code, bool(answered.json()["error"]["message"])) == (status, True), answered.text


def test_long_lists_are_refused(ben: httpx.Client) -> None:
    long: list[dict[str, object]] = [
        {"question": "x", "documents": ["note.txt"] * 1_001},
        {"question": "x", "filter": {str(number): number for number in range(101)}},
        {"question": "x", "before": [{"question": "y" * 20_001}]},
    ]
    assert [ben.post(f"{DEFAULT}/ask", json=one).status_code for one in long] == [400, 400, 400]
    deep = '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}"
    upload = ben.post(f"{DEFAULT}/documents", files={"files": ("a.txt", b"words")}, data={"metadata": deep})
    assert upload.status_code == 400


def test_a_task_of_a_chat_program_is_read_in_one_pass(ben: httpx.Client) -> None:
    """A search that began again at each of these would take hours, in the loop that serves everybody."""
    for piece in ("<chat_history>", "\n", "USER :"):
        text = '### Task: {"title": ' + piece * 200_000 + ("</chat_history>" if piece != "<chat_history>" else "")
        asked = {"model": "default", "messages": [{"role": "user", "content": text}]}
        assert ben.post("/v1/chat/completions", json=asked).status_code == 413


@pytest.mark.parametrize("name", ["..", "a/..", "n" * 300 + ".txt", "記" * 100 + ".txt", "..\\..\\x.txt", "a\x00.txt"])
def test_names_of_files_stay_in_their_folder(guarded: Running, ben: httpx.Client, name: str) -> None:
    for path, field in ((f"{DEFAULT}/documents", "files"), ("/v1/files", "file")):
        status = ben.post(path, files={field: (name, b"words")}).status_code
        assert status == (400 if name.endswith("..") else 202 if field == "files" else 200)
    library = guarded.service.settings.library
    found = [path for path in library.parent.rglob("*") if path.is_file() and path.read_bytes() == b"words"]
    assert {path.relative_to(library).parts[0] for path in found} <= {"uploads", "files"}


def test_a_key_with_an_end_makes_none_without(guarded: Running) -> None:
    users = guarded.service.users
    for key in (users.make_key("ann", "", days=1)[1], users.make_key("ann", "", Role.EDITOR)[1]):
        with guarded.client(key) as client:
            assert client.post("/api/keys", json={}).status_code == 403
            assert client.delete(f"/api/keys/{users.keys('ann')[0].id}").status_code == 403
    with guarded.client(users.make_key("ben", "", Role.READER)[1]) as client:
        assert client.post("/v1/files", files={"file": ("x.txt", b"words")}).status_code == 403


def test_a_new_user_inherits_nothing_from_one_of_that_name(guarded: Running, tmp_path: Path) -> None:
    service, old = guarded.service, Caller("old")
    service.add_user("old", "old-password")
    (tmp_path / "own.txt").write_text("A diary.")
    kept = service.own_files.keep(old, tmp_path / "own.txt", "own.txt", "user_data")
    service.remove_user("old")
    assert not kept.path.exists()
    service.add_user("old", "new-password")
    assert service.own_files.all(old) == []
    with pytest.raises(NotFoundError):
        service.own_files.get(old, kept.id)


def test_a_name_of_a_user_is_no_path(guarded: Running) -> None:
    for name in ("..", ".", "_", "-x"):
        with pytest.raises(ServiceError, match="begins with a letter or digit"):
            guarded.service.add_user(name, "long-enough")


@pytest.mark.parametrize("is_fallback", [True, False])
def test_users_are_not_told_where_models_are_served(tmp_path: Path, is_fallback: bool) -> None:
    host = f"127.0.0.1:{closed_port()}"
    settings = Settings(library=tmp_path / "library", llm_url=f"http://{host}/v1", llm_fallback=is_fallback)
    with Service(settings) as service:
        add(service, "default", tmp_path, "note.txt", NOTE)
        service.add_user("ann", "ann-password")
        asked = CollectionQuestion("What was capital expenditure in 2018?")
        if is_fallback:
            *_, last = service.stream(Caller("ann"), "default", asked)
            assert isinstance(last, Finished)
            assert "the model's server" in last.answer.problems[0]
            assert host not in str(last)
        else:
            with pytest.raises(ModelServerError, match="A model server cannot be asked now"):
                list(service.stream(Caller("ann"), "default", asked))


def test_an_export_names_no_folder_of_the_server(guarded: Running, ben: httpx.Client) -> None:
    exported = ben.get(f"{DEFAULT}/documents/note.txt/export", params={"format": "json"})
    assert exported.json()["name"] == "note.txt"
    assert str(guarded.service.settings.library.parent) not in exported.text


def test_files_that_come_at_once_find_no_room_twice(tmp_path: Path) -> None:
    options = ServiceOptions(user_bytes=1_000)
    with Service(Settings(library=tmp_path / "library"), options) as service, ThreadPoolExecutor(8) as threads:

        def keep(number: int) -> bool:
            file = tmp_path / f"{number}.txt"
            file.write_text(f"{number:3}" * 100)
            try:
                service.own_files.keep(LOCAL, file, file.name, "")
            except TooLargeError:
                return False
            return True

        assert sum(threads.map(keep, range(8))) == 3


def test_a_request_with_a_key_takes_effect_once(guarded: Running) -> None:
    replies, caller, served = Replies(guarded.service.database), Caller("ben"), []

    def serve_once() -> StoredReply:
        served.append(1)
        with pytest.raises(ConflictError, match="still under way"):
            replies.once(caller, "k", "asked", lambda: StoredReply(200, ""))
        return StoredReply(201, "{}")

    assert replies.once(caller, "k", "asked", serve_once) == replies.once(caller, "k", "asked", serve_once)
    assert served == [1]
    with pytest.raises(ConflictError, match="another request"):
        replies.once(caller, "k", "other", serve_once)

    def fail() -> StoredReply:
        raise ForbiddenError("No.")

    for _ in range(2):
        with pytest.raises(ForbiddenError):
            replies.once(caller, "failing", "asked", fail)


def test_requests_that_make_something_may_be_repeated(ben: httpx.Client) -> None:
    for number, (path, body) in enumerate(
        [
            ("/api/collections", {"name": "mine"}),
            ("/v1/vector_stores", {"name": "mine"}),
            (f"{DEFAULT}/feedback", {"question": "x", "rating": "up"}),
        ]
    ):
        key = {"idempotency-key": f"again-{number}"}
        first, second = (ben.post(path, json=body, headers=key) for _ in range(2))
        assert first.is_success
        assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert ben.post("/api/collections", json={"name": "x"}, headers={"idempotency-key": "not valid"}).status_code == 400


def test_lists_of_openai_come_in_parts(ben: httpx.Client) -> None:
    for number in range(3):
        ben.post("/v1/files", files={"file": (f"{number}.txt", f"text {number}".encode())}, data={"purpose": "parts"})
    whole = [one["id"] for one in ben.get("/v1/files", params={"purpose": "parts"}).json()["data"]]
    assert len(whole) == 3
    first = ben.get("/v1/files", params={"purpose": "parts", "limit": 2}).json()
    second = ben.get("/v1/files", params={"purpose": "parts", "limit": 2, "after": first["last_id"]}).json()
    assert [one["id"] for part in (first, second) for one in part["data"]] == whole
    assert (first["has_more"], second["has_more"]) == (True, False)
    back = ben.get("/v1/files", params={"purpose": "parts", "limit": 1, "before": whole[2]}).json()
    assert ([one["id"] for one in back["data"]], back["has_more"]) == ([whole[1]], True)
    oldest = ben.get("/v1/files", params={"purpose": "parts", "order": "asc"}).json()["data"]
    assert {one["id"] for one in oldest} == set(whole)
