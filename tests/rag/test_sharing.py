"""Documents that writers on several machines share in PostgreSQL, and the folders that follow them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from octavo.apps.chat.store.history import History, new_conversation
from octavo.apps.cli.main import app
from octavo.apps.service import Service, ServiceOptions
from octavo.apps.service.rights import LOCAL, Caller, Role
from octavo.ingest import LibraryError
from octavo.ingest.errors import EmbeddingMismatchError, ReadError
from octavo.ingest.store import postgres
from octavo.ingest.store.postgres import PostgresDocuments
from octavo.ingest.store.postgres_database import PostgresRows
from octavo.rag import Pipeline, Settings
from octavo.rag.sharing import keep_library, share_library, sweep_shared
from tests.apps.chat.turns import TURN
from tests.postgres import empty_schema, server
from tests.rag.made import HashEmbedding

pytestmark = pytest.mark.slow

TOPICS = ("owl", "dam", "mirror", "glacier", "harbor", "violin", "comet", "orchard", "lantern")
WRITER = """
import sys
from octavo.rag import Pipeline, Settings
folder, uri, images, *files = sys.argv[1:]
with Pipeline(Settings(library=folder, documents_uri=uri, images=images)) as pipeline:
    print(*sorted(result.status for result in pipeline.ingest(*files)))
"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with server() as uri:
        yield uri


@pytest.fixture
def uri(address: str) -> str:
    return empty_schema(address)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    result = []
    for topic in TOPICS:
        file = tmp_path / f"{topic}.txt"
        file.write_text(
            f"The {topic} of Elmhollow was seen in 19{len(topic)}{len(result)}. It is kept by the {topic} society."
        )
        result.append(file)
    return result


def settings(tmp_path: Path, name: str, uri: str) -> Settings:
    return Settings(library=tmp_path / name, documents_uri=uri, images=f"file://{tmp_path}/images")


def copied(file: Path) -> Path:
    return Path(shutil.copy(file, file.with_name("sent.txt")))


def names(pipeline: Pipeline) -> list[str]:
    return [info.name for info in pipeline.documents()]


def best(pipeline: Pipeline, topic: str) -> str:
    return pipeline.search(f"When was the {topic} of Elmhollow seen?", k=1)[0].name


def test_two_writers_at_once_lose_and_double_nothing(tmp_path: Path, uri: str, files: list[Path]) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path / name), uri, f"file://{tmp_path}/images", *map(str, some)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for name, some in (("one", files[:6]), ("two", files[3:]))
    ]
    told = [writer.communicate(timeout=300)[0].split() for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert [len(statuses) for statuses in told] == [6, 6]
    assert all(status in ("added", "replaced", "skipped") for statuses in told for status in statuses)
    everything = sorted(file.name for file in files)
    for name in ("one", "two", "three"):  # the third machine writes nothing
        with Pipeline(settings(tmp_path, name, uri)) as pipeline:
            assert names(pipeline) == everything
            assert [info.paths for info in pipeline.documents()] == [(str(tmp_path / name),) for name in everything]
            assert [best(pipeline, topic) for topic in TOPICS] == [f"{topic}.txt" for topic in TOPICS]
            document = pipeline.document("owl.txt")
            assert document.pages[0].image.size[0] > 0
    with closing(PostgresDocuments(uri)) as documents:
        assert len(documents.ids()) == len(files)


def test_changes_of_one_library_are_found_by_the_other_at_once(tmp_path: Path, uri: str, files: list[Path]) -> None:
    owl, dam, mirror = files[:3]
    with Pipeline(settings(tmp_path, "one", uri)) as one, Pipeline(settings(tmp_path, "two", uri)) as two:
        one.ingest(owl, dam, metadata={"year": 2018})
        assert names(two) == ["dam.txt", "owl.txt"]
        assert two.search("Elmhollow", filter={"year": 2018}, k=2)
        one.set_metadata("owl.txt", {"year": 2019})
        assert [hit.name for hit in two.search("Elmhollow", filter={"year": 2019}, k=2)] == ["owl.txt"]

        owl.write_text("The owl of Elmhollow sings at dusk.")
        assert [result.status for result in two.ingest(owl)] == ["replaced"]
        assert one.document("owl.txt").pages[0].text == "The owl of Elmhollow sings at dusk."
        assert {info.name: info.metadata for info in one.documents()} == {
            "dam.txt": {"year": 2018},
            "owl.txt": {"year": 2019},
        }

        moved = dam.rename(tmp_path / "weir.txt")
        assert [result.status for result in one.ingest(moved)] == ["renamed"]
        assert names(two) == ["owl.txt", "weir.txt"]
        assert two.library.info(two.library.find("weir.txt").id).paths == (str(moved),)

        copy = tmp_path / "copy.txt"
        copy.write_bytes(moved.read_bytes())
        assert [result.status for result in two.ingest(copy)] == ["skipped"]
        assert one.documents()[1].paths == (str(copy), str(moved))
        two.remove("weir.txt")
        assert names(one) == ["owl.txt"]
        one.ingest(mirror)
        assert best(two, "mirror") == "mirror.txt"
    with Pipeline(settings(tmp_path, "late", uri)) as late:
        assert names(late) == ["mirror.txt", "owl.txt"]


def test_a_library_is_shared_and_taken_back(tmp_path: Path, uri: str, files: list[Path]) -> None:
    own = Settings(library=tmp_path / "one")
    with Pipeline(own) as pipeline:
        pipeline.ingest(*files, metadata={"kind": "note"})
        before = [[(hit.id, hit.score) for hit in pipeline.search(f"the {t} society", k=9)] for t in TOPICS]
    with pytest.raises(LibraryError, match="keep their screenshots where all machines see them"):
        share_library(own, uri)
    shared = settings(tmp_path, "one", uri)
    with pytest.raises(LibraryError, match="has documents that are not shared"):
        Pipeline(shared)
    assert share_library(shared, uri) == len(files)
    command = ["migrate", "--library", str(tmp_path / "one"), "--to"]
    again = CliRunner().invoke(app, [*command, "postgres", "--uri", uri])
    assert again.stdout.startswith("9 documents are shared, and were read back.")
    assert "--uri postgresql://" in str(CliRunner().invoke(app, [*command, "postgres"]).exception)
    with pytest.raises(LibraryError, match="follows shared documents: set documents_uri"):
        Pipeline(own)
    for name in ("one", "two"):
        with Pipeline(settings(tmp_path, name, uri)) as pipeline:
            after = [[(hit.id, hit.score) for hit in pipeline.search(f"the {t} society", k=9)] for t in TOPICS]
            assert after == before
            assert pipeline.document("owl.txt").pages[0].image.size[0] > 0
    with Pipeline(tmp_path / "other") as pipeline:
        pipeline.ingest(files[0])
    with pytest.raises(LibraryError, match="are others than those of the library"):
        share_library(settings(tmp_path, "other", uri), uri)
    back = CliRunner().invoke(app, [*command, "folder"])
    assert back.stdout == "9 documents are the library's own. Unset OCTAVO_DOCUMENTS_URI.\n"
    assert keep_library(settings(tmp_path, "two", uri)) == len(files)
    for name in ("one", "two"):
        with Pipeline(tmp_path / name) as pipeline:
            assert [[(hit.id, hit.score) for hit in pipeline.search(f"the {t} society", k=9)] for t in TOPICS] == before
            image = pipeline.library.page(pipeline.library.find("owl.txt").id, 0).image
            assert pipeline.library.image_url(image).startswith((tmp_path / name).as_uri())
            pipeline.remove("owl.txt")
    with Pipeline(settings(tmp_path, "three", uri)) as pipeline:
        assert len(pipeline.documents()) == len(files)
        assert pipeline.document("owl.txt").pages[0].image.size[0] > 0


def test_a_service_is_shared_and_taken_back(tmp_path: Path, uri: str, files: list[Path]) -> None:
    own = Settings(library=tmp_path / "one", images=f"file://{tmp_path}/images")
    conversation, texts = new_conversation(), [file.read_text() for file in files]
    with Service(own, ServiceOptions(chat=False)) as service:
        service.add_user("ann", "correct horse")
        _, secret = service.users.make_key("ann", "")
        ann = Caller("ann", is_admin=True)
        service.collections.make(ann, "vault", "The vault", {"floor": 2})
        with service.collections.opened("vault") as pipeline:
            pipeline.ingest(files[1])
        service.start_jobs()
        service.upload(ann, "default", copied(files[0]), "owl.txt")
        service.upload(ann, "vault", copied(files[3]), "glacier.txt")
        service.own_files.keep(ann, copied(files[4]), "harbor.txt", "assistants")
        while not all(job.is_over for name in ("default", "vault") for job in service.jobs.of(name)):
            time.sleep(0.05)
    with closing(History(own.library)) as history:
        history.begin("ann", conversation, TURN)
        history.add_picture("ann", b"webp", "words")
    command = ["migrate", "--library", str(own.library), "--to"]
    environment = {"OCTAVO_IMAGES": own.images.url}
    refused = CliRunner().invoke(app, [*command, "postgres", "--uri", uri], env=environment)
    assert "need one folder for users' files that all of them see: set files" in str(refused.exception)
    inside = CliRunner().invoke(app, [*command, "postgres", "--uri", uri, "--files", str(own.library)], env=environment)
    assert "lies in the library: name a folder outside of it" in str(inside.exception)
    environment["OCTAVO_SERVICE_FILES"] = str(tmp_path / "files")
    for found in (3, 0):  # the second finds all of it there
        told = CliRunner().invoke(app, [*command, "postgres", "--uri", uri, "--json"], env=environment)
        assert told.exit_code == 0, told.exception
        assert json.loads(told.stdout)["files"] == found
    assert not list(own.library.rglob("owl.txt"))
    shared = settings(tmp_path, "two", uri)
    with Service(shared, ServiceOptions(chat=False, files=tmp_path / "files")) as service:
        caller = service.users.caller(secret)
        assert caller == Caller("ann", is_admin=True, limit=Role.OWNER)
        vault = service.collections.get(caller, "vault")
        assert (vault.title, vault.metadata, vault.role) == ("The vault", {"floor": 2}, Role.OWNER)
        assert [info.name for info in service.documents(caller, "vault")] == ["dam.txt", "glacier.txt"]
        assert [job.name for job in service.jobs.of("default")] == ["owl.txt"]
        assert [kept.path.read_text() for kept in service.own_files.all(caller)] == [texts[4]]
        for name, document, text in (("default", "owl.txt", texts[0]), ("vault", "glacier.txt", texts[3])):
            with service.collections.opened(name) as pipeline:
                (path,) = pipeline.library.find(document).paths
            assert path.startswith(str(tmp_path / "files"))
            assert Path(path).read_text() == text
        service.remove(caller, "vault", "glacier.txt")
        assert not list(tmp_path.glob("files/**/glacier.txt"))
        service.upload(caller, "default", copied(files[2]), "mirror.txt")
        service.collections.make(caller, "attic")
    with closing(History(shared.library, uri)) as history:
        assert history.turns("ann", conversation) == [TURN]
    environment["OCTAVO_DOCUMENTS_URI"] = uri
    for _ in range(2):
        told = CliRunner().invoke(app, [*command, "folder"], env=environment)
        assert told.exit_code == 0, told.exception
        assert "3 files of users are in the folder, and their hashes are the same." in told.stdout
    with Service(Settings(library=own.library), ServiceOptions(chat=False)) as service:
        assert service.users.caller(secret) == caller
        assert [one.name for one in service.collections.of(caller)] == ["attic", "default", "vault"]
        assert [info.name for info in service.documents(caller, "vault")] == ["dam.txt"]
        assert [job.name for job in service.jobs.of("default")] == ["mirror.txt", "owl.txt"]
        with service.collections.opened("default") as pipeline:
            (path,) = pipeline.library.find("owl.txt").paths
        places = [
            Path(path),
            *(kept.path for kept in service.own_files.all(caller)),
            Path(service.jobs.of("default")[0].path),
        ]
        assert [place.read_text() for place in places] == [texts[n] for n in (0, 4, 2)]
        assert all(place.is_relative_to(own.library) for place in places)
    with closing(History(own.library)) as history:
        assert history.turns("ann", conversation) == [TURN]


def test_collections_of_a_service_are_not_mixed(tmp_path: Path, uri: str, files: list[Path]) -> None:
    with Service(settings(tmp_path, "one", uri), ServiceOptions(chat=False)) as service:
        service.collections.make(LOCAL, "vault")
        for name, file in (("default", files[0]), ("vault", files[1])):
            with service.collections.opened(name) as pipeline:
                pipeline.ingest(file)
        assert [info.name for info in service.documents(LOCAL, "default")] == ["owl.txt"]
        assert [info.name for info in service.documents(LOCAL, "vault")] == ["dam.txt"]
    with Pipeline(settings(tmp_path, "two", uri)) as two:
        assert names(two) == ["owl.txt"]


def test_screenshots_that_no_shared_document_has_are_deleted_while_others_write(
    tmp_path: Path, uri: str, files: list[Path]
) -> None:
    owl, dam = files[:2]
    shared = settings(tmp_path, "one", uri)
    with Pipeline(shared) as one, Pipeline(settings(tmp_path, "two", uri)) as two:
        one.ingest(owl, dam)
        (image,) = [page.image for page in one.document("owl.txt").content.pages]
        (kept,) = [page.image for page in one.document("dam.txt").content.pages]
        owl_read = one.document("owl.txt").content
        one.remove("owl.txt")
        assert sweep_shared(shared) == 0  # written within a week
        assert sweep_shared(shared, days=0) == 1
        assert (two.library.has_image(image), two.library.has_image(kept)) == (False, True)

        with pytest.raises(ReadError, match=r"Screenshots of owl.txt were deleted while it was read"):
            two.index.add(owl_read, owl)  # read before the sweep, added after it
        assert names(two) == ["dam.txt"]
        assert [done.status for done in two.ingest(owl)] == ["added"]
        assert one.document("owl.txt").pages[0].image.size[0] > 0

        with closing(PostgresDocuments(uri)) as documents:
            one.remove("owl.txt")
            used, last = documents.images()
            assert used == {kept}
            documents.condemn({image})
            two.ingest(owl)  # between the two steps of a sweep
            assert documents.delete_condemned({image}, last, lambda images: None) == 0
        assert two.library.has_image(image)
    told = CliRunner().invoke(
        app, ["sweep", "--days", "0", "--library", str(tmp_path / "one")], env={"OCTAVO_DOCUMENTS_URI": uri}
    )
    assert told.stdout == "0 screenshots are deleted.\n"


def test_a_document_comes_with_its_metadata_or_not_at_all(
    tmp_path: Path, uri: str, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    owl, dam = files[:2]
    with Pipeline(settings(tmp_path, "one", uri)) as one, Pipeline(settings(tmp_path, "two", uri)) as two:
        one.ingest(owl, metadata={"year": 2018})
        with monkeypatch.context() as patched:
            patched.setattr(postgres, "dump_metadata", _lost)
            with pytest.raises(LibraryError, match="lost"):
                one.ingest(owl, dam, metadata={"floor": 2}, force=True)
        assert [(info.name, info.metadata) for info in two.documents()] == [("owl.txt", {"year": 2018})]
        one.ingest(owl, dam, metadata={"floor": 2}, force=True)
        assert [(info.name, info.metadata) for info in two.documents()] == [
            ("dam.txt", {"floor": 2}),
            ("owl.txt", {"floor": 2, "year": 2018}),
        ]


def _lost(metadata: object) -> str:
    raise LibraryError("The connection is lost.")


def test_a_folder_that_was_cut_off_goes_on(
    tmp_path: Path, uri: str, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Pipeline(settings(tmp_path, "one", uri)) as one:
        one.ingest(*files)
    with monkeypatch.context() as patched:
        patched.setattr(PostgresDocuments, "document", _failing_after(4))
        with pytest.raises(LibraryError, match="lost"):
            Pipeline(settings(tmp_path, "two", uri))
    with Pipeline(settings(tmp_path, "two", uri)) as two:
        assert len(two.documents()) == len(files)


def _failing_after(calls: int):  # type: ignore[no-untyped-def]
    real, count = PostgresDocuments.document, [0]

    def document(self: PostgresDocuments, identity: str):  # type: ignore[no-untyped-def]
        count[0] += 1
        if count[0] > calls:
            raise LibraryError("The connection is lost.")
        return real(self, identity)

    return document


def test_shared_vectors_are_by_one_embedding(tmp_path: Path, uri: str, files: list[Path]) -> None:
    with Pipeline(settings(tmp_path, "one", uri)) as one:
        one.ingest(files[0])
    with closing(PostgresDocuments(uri)) as documents:
        assert documents.get("embedding") == "wordllama-l2-supercat-256 (256 dimensions)"
    with pytest.raises(EmbeddingMismatchError, match="cannot be mixed"):
        Pipeline(settings(tmp_path, "two", uri), embedding=HashEmbedding())


def test_a_newer_version_and_no_server_are_told(tmp_path: Path, uri: str) -> None:
    with closing(PostgresDocuments(uri)) as documents:
        documents.set_default("other", "1")
    with closing(PostgresRows(uri)) as rows, rows.transaction() as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'version'")
    with pytest.raises(LibraryError, match="A newer Octavo made the shared database"):
        PostgresDocuments(uri)
    with pytest.raises(LibraryError, match="cannot be reached"):
        PostgresDocuments(f"postgresql://octavo@/postgres?host={tmp_path}")
