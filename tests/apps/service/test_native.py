"""The native API over HTTP."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from PIL import Image

from tests.apps.service.conftest import Running

DOCUMENTS = "/api/collections/default/documents"


def events(text: str) -> list[tuple[str, dict[str, object]]]:
    """The server-sent events of a response."""
    found = []
    for block in text.strip().split("\n\n"):
        kind, data = block.split("\n", 1)
        found.append((kind.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_a_page_is_seen_with_its_elements_and_picture(local: Running) -> None:
    with local.client() as client:
        document = client.get(DOCUMENTS).json()["items"][0]
        assert (document["name"], document["pages"], document["metadata"]) == ("note.txt", 1, {"year": 2021})
        page = client.get(f"{DOCUMENTS}/note.txt/pages/0").json()
        assert page["page_number"] == 1
        element = page["elements"][0]
        assert "polished" in element["text"]
        whole = Image.open(BytesIO(client.get(page["image"]).content))
        box = ",".join(str(side) for side in element["box"])
        part = Image.open(BytesIO(client.get(f"{page['image']}?box={box}").content))
        small = Image.open(BytesIO(client.get(f"{page['image']}?width=100").content))
        assert part.width < whole.width
        assert part.height < whole.height
        assert small.width == 100
        assert "polished" in client.get(f"{DOCUMENTS}/note.txt/export").text
        exported = client.get(f"{DOCUMENTS}/note.txt/export?format=html")
        assert "sandbox" in exported.headers["content-security-policy"]
        assert client.get(f"{DOCUMENTS}/note.txt/pages/7").status_code == 404


def test_search_and_ask(local: Running) -> None:
    with local.client() as client:
        hits = client.post("/api/collections/default/search", json={"question": "polished mirror", "level": "chunk"})
        assert hits.json()[0]["name"] == "note.txt"
        asked = {"question": "When was the mirror polished?"}
        answer = client.post("/api/collections/default/ask", json=asked).json()
        assert "2021" in answer["text"]
        assert answer["citations"][0]["image"].endswith(",".join(f"{s:.5g}" for s in _last_box(answer)))
        stream = events(client.post("/api/collections/default/ask", json={**asked, "stream": True}).text)
    assert [kind for kind, _ in stream] == ["retrieved", "delta", "answer"]
    assert stream[-1][1] == answer


def _last_box(answer: dict[str, list[dict[str, list[list[float]]]]]) -> list[float]:
    return [round(side, 1) for side in answer["citations"][0]["boxes"][-1]]


def test_an_upload_is_a_job_that_is_watched_to_its_end(local: Running) -> None:
    with local.client() as client:
        client.post("/api/collections", json={"name": "uploads"}).raise_for_status()
        files = {"files": ("tower.txt", b"The tower of Brennholm is 212 metres high.")}
        headers = {"idempotency-key": "upload-1"}
        place = "/api/collections/uploads/documents"
        first = client.post(place, files=files, data={"metadata": '{"town": "Brennholm"}'}, headers=headers)
        again = client.post(place, files=files, data={"metadata": '{"town": "Brennholm"}'}, headers=headers)
        assert (first.status_code, again.json()) == (202, first.json())
        other = client.post(place, files=files, data={"metadata": "{}"}, headers=headers)
        assert (other.status_code, other.json()["error"]["code"]) == (409, "conflict")
        job = first.json()[0]
        told = events(client.get(f"/api/collections/uploads/jobs/{job['id']}/events").text)
        assert told[-1][1]["state"] == "done"
        document = client.get(f"{place}/{job['document']}").json()
        assert (document["name"], document["metadata"]) == ("tower.txt", {"town": "Brennholm"})
        assert len(client.get("/api/collections/uploads/jobs").json()["items"]) == 1
        assert client.delete(f"{place}/tower.txt").status_code == 204
        assert client.get(place).json()["items"] == []
        assert client.delete("/api/collections/uploads").status_code == 204
        assert client.get(place).status_code == 404


def test_failed_files_are_listed_with_their_reason_and_can_be_retried(local: Running) -> None:
    with local.client() as client:
        client.post("/api/collections", json={"name": "failing"}).raise_for_status()
        base = "/api/collections/failing"
        job = client.post(f"{base}/documents", files={"files": ("x.pdf", b"%PDF-1.7 nothing")}).json()[0]
        events(client.get(f"{base}/jobs/{job['id']}/events").text)
        failed = client.get(f"{base}/jobs?state=failed").json()["items"]
        assert [one["id"] for one in failed] == [job["id"]]
        assert failed[0]["reason"].startswith("x.pdf")
        assert client.post(f"{base}/jobs/{job['id']}/cancel").status_code == 409
        assert client.post(f"{base}/jobs/{job['id']}/retry").json()["state"] in ("queued", "running", "failed")
        told = events(client.get(f"{base}/jobs/{job['id']}/events").text)
        assert (told[-1][1]["state"], told[-1][1]["attempts"]) == ("failed", 2)
        client.delete(base)


def test_lists_come_in_parts(local: Running) -> None:
    with local.client() as client:
        part = client.get(DOCUMENTS, params={"limit": 1}).json()
        assert (len(part["items"]), part["next"]) == (1, None)
        assert client.get(DOCUMENTS, params={"limit": 0}).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/api/collections", {"name": "../etc"}, 400, "invalid-request"),
        ("POST", "/api/collections", {"name": "default"}, 409, "conflict"),
        ("DELETE", "/api/collections/default", None, 400, "invalid-request"),
        ("GET", "/api/collections/none", None, 404, "not-found"),
        ("POST", "/api/collections/default/ask", {"question": " "}, 400, "invalid-request"),
        ("POST", "/api/collections/default/ask", {"question": "x" * 5000}, 413, "too-large"),
        ("POST", "/api/collections/default/ask", {"question": "x", "k": 0}, 400, "invalid-request"),
        (
            "POST",
            "/api/collections/default/ask",
            {"question": "x", "documents": ["../../etc/passwd"]},
            404,
            "not-found",
        ),
        ("POST", "/api/collections/default/ask", {"question": "x", "filter": {"a": {"b": 1}}}, 400, "invalid-metadata"),
        (
            "POST",
            "/api/collections/default/ask",
            {"question": "x", "region": {"document": "note.txt", "page": 9, "box": [0, 0, 9, 9]}},
            404,
            "not-found",
        ),
        ("GET", f"/api/audit?before={1 << 70}", None, 400, "invalid-request"),
        ("POST", "/api/collections", {"name": "x", "metadata": {"a": {}}}, 400, "invalid-metadata"),
        ("POST", "/v1/embeddings", {"model": "default", "input": ["x"] * 300}, 413, "too-large"),
        ("GET", "/api/nothing", None, 404, "not-found"),
    ],
)
def test_errors_have_one_shape(local: Running, method: str, path: str, body: object, status: int, code: str) -> None:
    with local.client() as client:
        response = client.request(method, path, json=body)
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (status, code)
    assert error["message"].endswith(".") or code == "http"
    assert error["request_id"] == response.headers["x-request-id"]
    assert str(local.service.settings.library) not in response.text


def test_other_names_and_sites_are_refused_and_requests_bounded(local: Running) -> None:
    with local.client() as client:
        rebound = client.get("/v1/models", headers={"host": "evil.example"})
        assert (rebound.status_code, rebound.json()["error"]["code"]) == (403, "forbidden")
        foreign = client.post("/v1/embeddings", json={}, headers={"origin": "http://evil.example"})
        assert foreign.status_code == 403
        assert client.post("/v1/embeddings", content=b"x" * 400_000).status_code == 413
        large = client.post(DOCUMENTS, files={"files": ("big.txt", b"x" * 300_000)})
        assert (large.status_code, large.json()["error"]["code"]) == (413, "too-large")
        named = client.get("/v1/models", headers={"x-request-id": "mine-1"})
        assert named.headers["x-request-id"] == "mine-1"


def test_probes_and_metrics(local: Running) -> None:
    with local.client() as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/readyz").json() == {"status": "ok"}
        client.post("/api/collections/default/ask", json={"question": "When was the mirror polished?"})
        told = client.get("/metrics").text
    assert 'octavo_answers_total{kind="quoted"}' in told
    assert 'route="/api/collections/{collection}/ask"' in told
    assert "mirror" not in told


def test_feedback_is_kept_for_the_owner(local: Running) -> None:
    with local.client() as client:
        given = {"question": "When?", "rating": "down", "wrong_box": True, "pages": [1]}
        identity = client.post("/api/collections/default/feedback", json=given).json()["id"]
        kept = client.get("/api/collections/default/feedback").json()["items"]
    assert [(one["id"], one["rating"], one["wrong_box"]) for one in kept if one["id"] == identity] == [
        (identity, "down", True)
    ]


def test_concepts_are_in_force_at_the_next_question(local: Running) -> None:
    concepts = "/api/collections/default/concepts"
    with local.client() as client:
        said = {"aliases": ["our glass"], "note": "It is kept by Ann Ferrow."}
        assert client.put(f"{concepts}/Mirror", json=said).json() == {
            "name": "Mirror", "category": "", "pictures": 0, **said
        }  # fmt: skip
        assert [concept["name"] for concept in client.get(concepts).json()] == ["Mirror"]
        answer = client.post("/api/collections/default/ask", json={"question": "Who is our glass kept by?"}).json()
        assert "Ann Ferrow" in answer["text"]
        assert (answer["citations"][0]["part"], answer["citations"][0]["image"]) == ("concept", "")
        client.put(f"{concepts}/mirror", json={"aliases": ["our glass"]})
        when = client.post("/api/collections/default/ask", json={"question": "When was our glass polished?"}).json()
        assert "2021" in when["text"]
        [place] = client.get(f"{concepts}/Mirror/places").json()
        assert (place["name"], place["page_number"]) == ("note.txt", 1)
        assert client.delete(f"{concepts}/MIRROR").status_code == 204
        assert client.get(f"{concepts}/Mirror/places").status_code == 404
