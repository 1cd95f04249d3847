"""OpenAI's embeddings, by the embedders of collections."""

from __future__ import annotations

import base64
from typing import Any, Literal

import numpy as np
from fastapi import APIRouter, Request

from octavo.apps.service.http.answers import searched
from octavo.apps.service.http.authentication import CurrentCaller
from octavo.apps.service.http.requests import CurrentService
from octavo.apps.service.http.shapes import Lenient, example

router = APIRouter(prefix="/v1", tags=["OpenAI"])


class EmbeddingsIn(Lenient):
    """Texts to be embedded by the embedder of a collection."""

    model_config = example({"model": "default", "input": ["Capital expenditure"]})

    model: str
    input: str | list[str]
    encoding_format: Literal["float", "base64"] = "float"


@router.post("/embeddings", summary="Create embeddings")
async def embed(body: EmbeddingsIn, service: CurrentService, caller: CurrentCaller, request: Request) -> dict[str, Any]:
    """The vectors of texts."""
    texts = [body.input] if isinstance(body.input, str) else body.input
    rows = await searched(lambda: service.embed(caller, body.model, texts), service, request)

    def coded(row: list[float]) -> list[float] | str:
        if body.encoding_format == "float":
            return row
        return base64.b64encode(np.asarray(row, dtype="<f4").tobytes()).decode()

    data = [{"object": "embedding", "index": number, "embedding": coded(row)} for number, row in enumerate(rows)]
    words = sum(len(text.split()) for text in texts)
    usage = {"prompt_tokens": words, "total_tokens": words}
    return {"object": "list", "model": body.model, "data": data, "usage": usage}
