"""An embedding that fails half-way through a document: what is done is kept, and only the rest is asked for again."""

from __future__ import annotations

import base64
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from octavo.ingest.store.library import Library
from octavo.rag import Level, Settings
from octavo.rag.clients.errors import EndpointError
from octavo.rag.embedding import Embedder, make_embedder
from octavo.rag.index import Index
from octavo.rag.index.build import build_entries as entries_of
from tests.rag.embedding_server import TINY, PoolingServer, pooling, vector
from tests.rag.made import check, document

TEXTS = [f"the mirror was polished {n} times" for n in range(40)]
CARD = TINY.model_copy(update={"sees": False, "blank": 0})


def model(server: PoolingServer, **options: Any) -> Embedder:
    served = {"kind": "served", "url": server.url, "model": "tiny", "card": CARD, "concurrency": 2, **options}
    return make_embedder(Settings(embedding=served))


def fails_at(text: str) -> Any:
    return lambda path, body: (400, {"error": {"message": "stopped"}}) if text in str(body) else None


def kept(library: Library) -> int:
    (count,) = library.connection.execute("SELECT count(*) FROM embedding_cache").fetchone()
    return int(count)


def test_the_next_run_embeds_only_the_missing_inputs(tmp_path: Path) -> None:
    with pooling() as server:
        with Library(tmp_path / "library") as library:
            index = Index(library, model(server))
            made = document(library, "a.pdf", *TEXTS)
            server.respond = fails_at("polished 30 times")
            with pytest.raises(EndpointError, match="stopped"):
                index.add(made, made.path)
            assert library.documents() == []
            first = kept(library)
            assert first >= 30
            index.close()
        server.respond = lambda path, body: None
        server.requests.clear()
        with Library(tmp_path / "library") as library:
            index = Index(library, model(server))
            with index.writing():  # what a stopped run left is swept, and the next one draws its pages again
                index.add(document(library, "a.pdf", *TEXTS), made.path)
            own = [entry for entry in entries_of(made) if entry.level is not Level.DOCUMENT]
            assert len(server.requests) == len(own) - first
            assert kept(library) == 0
            check(index, [made])
            index.close()


def test_changed_text_and_another_model_are_embedded_anew(tmp_path: Path) -> None:
    with pooling() as server, Library(tmp_path / "library") as library:
        made = document(library, "a.pdf", *TEXTS[:8])
        server.respond = fails_at("polished 7 times")
        for dimensions in (0, 4):
            server.requests.clear()
            index = Index(library, model(server, dimensions=dimensions))
            with pytest.raises(EndpointError, match="stopped"):
                index.add(made, made.path)
            assert any("polished 1 times" in text for text in server.texts())
            index.close()
        server.respond = lambda path, body: None
        server.requests.clear()
        changed = document(library, "a.pdf", *TEXTS[:7], "nobody knows")
        index = Index(library, model(server))
        index.add(changed.__class__(**{**_fields(changed), "id": made.id}), made.path)
        asked = Counter(text for text in server.texts() if text.endswith("polished 1 times"))
        assert any("nobody knows" in text for text in server.texts())
        assert asked == {"say: Page 1\nthe mirror was polished 1 times": 1}, "its chunk, which had not come yet"
        index.close()


def test_matrices_of_tokens_are_kept_too(tmp_path: Path) -> None:
    def tokens(path: str, body: dict[str, Any]) -> tuple[int, Any]:
        if "polished 30 times" in str(body) and failing:
            return 400, {"error": {"message": "stopped"}}
        rows = np.stack([vector(word) for word in body["input"].split()])
        return 200, {"data": [{"data": base64.b64encode(rows.tobytes()).decode()}]}

    failing = True
    card = CARD.model_copy(update={"pooling": "tokens", "passage": "{text}"})
    with pooling(respond=tokens) as server, Library(tmp_path / "library") as library:
        index = Index(library, model(server, card=card))
        made = document(library, "a.pdf", *TEXTS)
        with pytest.raises(EndpointError, match="stopped"):
            index.add(made, made.path)
        first, failing = kept(library), False
        server.requests.clear()
        index.add(made, made.path)
        own = [entry for entry in entries_of(made) if entry.level is not Level.DOCUMENT]
        assert len(server.requests) == len(own) - first
        assert kept(library) == 0
        (best, score), *_ = index.nearest("the mirror was polished 30 times", Level.PAGE, 1)
        assert best == f"{made.id}/p30"
        assert score > 0.8
        index.close()


def _fields(made: Any) -> dict[str, Any]:
    return {name: getattr(made, name) for name in made.__dataclass_fields__}
