"""Who gets in, what can be fetched, and what the browser is told to refuse."""

from __future__ import annotations

import base64
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from octavo.apps.chat.exports import markdown
from octavo.apps.chat.options import ChatOptions
from octavo.apps.chat.service import ChatService
from octavo.apps.chat.store.history import new_conversation
from octavo.apps.chat.turns import AskedQuestion, Turn
from octavo.ingest import OctavoError
from octavo.rag import Answer

pytest.importorskip("gradio", reason='the chat is not installed: pip install "octavo[chat]"')
from starlette.testclient import TestClient

from octavo.apps.chat.server import application

LOCAL = "http://127.0.0.1:7860"


def basic(text: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(text.encode()).decode()}


@pytest.fixture
def client(service: ChatService) -> Iterator[TestClient]:
    with TestClient(application(service), LOCAL) as opened:
        yield opened


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def test_only_this_machine_by_its_own_name_gets_in(client: TestClient) -> None:
    assert client.get("/").status_code == 200
    assert client.get("/", headers={"host": "rebound.example"}).status_code == 403
    assert client.post("/gradio_api/queue/join", headers={"origin": "http://elsewhere.example"}).status_code == 403


def test_the_browser_is_told_to_load_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/")
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert client.get("/config").json().get("enable_queue") is not None


def test_pages_and_crops_are_pictures_and_nothing_else_can_be_fetched(client: TestClient, service: ChatService) -> None:
    report = next(info.id for info in service.pipeline.documents() if info.name == "report.pdf")
    whole = Image.open(BytesIO(client.get(f"/pictures/pages/{report}/1.webp").content))
    assert whole.width > 1000
    assert Image.open(BytesIO(client.get(f"/pictures/pages/{report}/1.webp?width=80").content)).width == 80
    crop = Image.open(BytesIO(client.get(f"/pictures/crops/{report}/1/0,0,297.5,84.2.webp").content))
    assert crop.width / crop.height == pytest.approx(297.5 / 84.2, rel=0.02)
    library = service.pipeline.library.folder
    for path in (
        f"/pictures/pages/{report}/99.webp",
        "/pictures/pages/elsewhere/0.webp",
        f"/pictures/crops/{report}/1/nan,0,9,9.webp",
        f"/pictures/crops/{report}/1/1,2.webp",
        "/pictures/questions/none.webp",
        "/export/none.zip",
    ):
        assert client.get(path).status_code == 404, path
    for path in (library / "library.sqlite", library / "chat.sqlite", Path("/etc/passwd"), Path.cwd() / "README.md"):
        assert client.get(f"/gradio_api/file={path}").status_code in (403, 404), path


def test_users_need_their_password_everywhere(service: ChatService, stack: ExitStack) -> None:
    options = ChatOptions(users={"ann": "s3cret", "bén": "pä:ss"})
    service.options = options
    client = stack.enter_context(TestClient(application(service), LOCAL))
    for path in ("/", "/config", "/gradio_api/info", "/pictures/pages/x/0.webp", "/export/x.zip", "/theme.css"):
        refused = client.get(path)
        assert refused.status_code == 401, path
        assert refused.headers["www-authenticate"].startswith("Basic")
    for wrong in ("ann:S3cret", "ann:", "eve:s3cret", ":", "ann", "bén:pä"):
        assert client.get("/", headers=basic(wrong)).status_code == 401, wrong
    assert client.get("/", headers={"authorization": "Basic !!!"}).status_code == 401
    assert client.get("/", headers={"authorization": "Bearer s3cret"}).status_code == 401
    assert client.get("/", headers=basic("ann:s3cret")).status_code == 200
    assert client.get("/config", headers=basic("bén:pä:ss")).status_code == 200


def test_guesses_are_answered_by_a_pause(service: ChatService, stack: ExitStack) -> None:
    service.options = ChatOptions(users={"ann": "s3cret"})
    client = stack.enter_context(TestClient(application(service), LOCAL))
    codes = [client.get("/", headers=basic(f"ann:{n}")).status_code for n in range(12)]
    assert codes[:10] == [401] * 10
    assert codes[-1] == 429
    locked = client.get("/", headers=basic("ann:s3cret"))
    assert locked.status_code == 429
    assert 1 <= int(locked.headers["retry-after"]) <= 2


def test_the_conversations_file_is_the_owners_only(service: ChatService) -> None:
    folder = service.pipeline.library.folder
    assert folder.stat().st_mode & 0o077 == 0
    for file in folder.glob("chat.sqlite*"):
        assert file.stat().st_mode & 0o077 == 0, file


def test_each_user_fetches_their_own_only(
    service: ChatService, stack: ExitStack, ask: Callable[..., Turn], tmp_path: Path
) -> None:
    service.options = ChatOptions(users={"ann": "a", "ben": "b"})
    client = stack.enter_context(TestClient(application(service), LOCAL))
    Image.new("RGB", (90, 60), "red").save(tmp_path / "p.png")
    picture = service.picture("ann", tmp_path / "p.png")
    conversation = new_conversation()
    ask("What was capital expenditure in 2018?", conversation, "ann")
    for path in (f"/pictures/questions/{picture}.webp", f"/export/{conversation}.zip"):
        assert client.get(path, headers=basic("ann:a")).status_code == 200
        assert client.get(path, headers=basic("ben:b")).status_code == 404


def test_the_export_is_markdown_with_the_cited_pages(
    client: TestClient, service: ChatService, ask: Callable[..., Turn], tmp_path: Path
) -> None:
    Image.new("RGB", (90, 60), "red").save(tmp_path / "p.png")
    conversation = new_conversation()
    report = next(info.id for info in service.pipeline.documents() if info.name == "report.pdf")
    ask("What was capital expenditure in 2018? <b>", conversation)
    ask("What is this?", conversation, regions=(service.region(report, 2, (50, 60, 550, 200)),))
    ask("Which zebra won the regatta?", conversation, pictures=(service.picture("", tmp_path / "p.png"),))
    archive = zipfile.ZipFile(BytesIO(client.get(f"/export/{conversation}.zip").content))
    written = archive.read("conversation.md").decode()
    assert "1,577" in written
    assert "\\<b\\>" in written
    assert written.lower().count("no model wrote this") == 2
    for name in ("pages/1-1.png", "pages/2-asked-1.png", "pages/3-picture-1.png"):
        assert f"]({name})" in written
        assert Image.open(BytesIO(archive.read(name))).width > 50
    page = Image.open(BytesIO(archive.read("pages/1-1.png"))).convert("RGB")
    citation = service.history.turns("", conversation)[0].answer.citations[0]
    x, y = (round(v * page.width / 595) for v in (citation.box.x0 + 3, citation.box.y1 - 0.5))
    assert page.getpixel((x, y))[2] < 200


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("see [it](http://a.example/x) now", "[it\\](http&#58;//a.example/x)"),
        ("![x](http://a.example/x.png)", "!\\[x\\](http&#58;"),
        ("[x]: http://a.example", "[x\\]: http&#58;"),
        ("<http://a.example> www.a.example", "&lt;http&#58;//a.example> www&#46;a.example"),
        ("JavaScript:alert(1) mailto:a@b.example", "JavaScript&#58;alert(1) mailto&#58;a"),
        ("It was **12** [1][2].", "It was **12** [1\\][2]."),
    ],
)
def test_no_link_of_a_document_lives_in_an_export(service: ChatService, tmp_path: Path, said: str, kept: str) -> None:
    asked = AskedQuestion("Is http://a.example good?")
    markdown.write([Turn(asked, "", answer=Answer("", said))], said, service.pages(""), (out := BytesIO()))
    written = zipfile.ZipFile(out).read("conversation.md").decode()
    assert kept in written
    assert "http:" not in written
    assert "www." not in written


def test_a_question_of_one_user_is_not_anothers(service: ChatService, ask: Callable[..., Turn]) -> None:
    conversation = new_conversation()
    ask("What was capital expenditure in 2018?", conversation, "ann")
    with pytest.raises(OctavoError, match="not there any more"):
        service.ask("ben", conversation, AskedQuestion("What?"))
