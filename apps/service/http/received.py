"""Content of requests: files, and the key that makes a request take effect once."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Header, Request, UploadFile
from fastapi.encoders import jsonable_encoder
from starlette.responses import Response

from octavo.apps.service.http.authentication import CurrentCaller
from octavo.apps.service.http.requests import CurrentService
from octavo.apps.service.rights import Caller
from octavo.apps.service.service import Service
from octavo.apps.service.store.replies import Replies, StoredReply


@contextmanager
def receive_file(file: UploadFile) -> Iterator[Path]:
    """Yields the path of an uploaded file's bytes, in a folder of the request that is deleted after the block."""
    with tempfile.TemporaryDirectory(prefix="octavo-upload-") as folder:
        part = Path(folder, "file")
        with part.open("wb") as out:
            shutil.copyfileobj(file.file, out, 1 << 20)
        yield part


class OnceOnly:
    """Serves a request that changes something; one with an `Idempotency-Key` takes effect once."""

    def __init__(self, service: Service, caller: Caller, key: str, place: str) -> None:
        self._replies, self._caller, self._key, self._place = Replies(service.database), caller, key, place

    def __call__(self, body: object, serve: Callable[[], Any], status: int = 200) -> Response:
        """Returns what `serve` makes, as JSON; `body` is what the request said, to tell another one by."""

        def reply() -> StoredReply:
            return StoredReply(status, json.dumps(jsonable_encoder(serve()), ensure_ascii=False, separators=(",", ":")))

        request = json.dumps([self._place, jsonable_encoder(body)], sort_keys=True)
        result = self._replies.once(self._caller, self._key, request, reply)
        return Response(result.body, result.status, media_type="application/json")


async def once_of(
    service: CurrentService,
    caller: CurrentCaller,
    request: Request,
    idempotency_key: Annotated[
        str,
        Header(
            max_length=128,
            pattern=r"^[\w.:-]*$",
            description="any text of your own; the same request with the same key takes effect once",
        ),
    ] = "",
) -> OnceOnly:
    """Returns what serves this request once."""
    return OnceOnly(service, caller, idempotency_key, f"{request.method} {request.url.path}")


Once = Annotated[OnceOnly, Depends(once_of)]
