"""Embedding by any text model behind OpenAI's `/v1/embeddings`: OpenAI, Ollama, TEI, llama.cpp, LM Studio."""

from __future__ import annotations

from typing import Any, ClassVar

from octavo.rag.clients.errors import EndpointError
from octavo.rag.clients.http import Endpoint
from octavo.rag.embedding.inputs import EmbeddingInput, prompt
from octavo.rag.embedding.served import EMBEDDING_SETTINGS, ServedEmbedder, numbers
from octavo.rag.model_cards import ModelCard
from octavo.rag.settings import ServedEmbeddingOptions

_PROMPTS = (
    ("e5", "query: {text}", "passage: {text}"),
    ("nomic-embed-text", "search_query: {text}", "search_document: {text}"),
    ("snowflake-arctic-embed", "query: {text}", "{text}"),
    ("mxbai-embed", "Represent this sentence for searching relevant passages: {text}", "{text}"),
    ("embeddinggemma", "task: search result | query: {text}", "title: none | text: {text}"),
    (
        "qwen3-embedding",
        "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:{text}",
        "{text}",
    ),
)
"""The prompts that models were trained with for questions and passages, by a part of their names."""


class TextEndpointEmbedder(ServedEmbedder):
    """Vectors of texts by the request's `input`; pooling and normalization are the server's.

    Raises `EndpointError`, one sentence that names the endpoint and the setting.
    """

    via: ClassVar[str] = "an endpoint"

    def __init__(self, options: ServedEmbeddingOptions, card: ModelCard) -> None:
        super().__init__(options, card)

    def _body(self, item: EmbeddingInput) -> dict[str, Any]:
        return {"model": self.options.model, "input": prompt(item, self.card), "encoding_format": "float"}


_probed: dict[tuple[str, str], ModelCard] = {}
"""Cards that were made, by endpoint and model."""


def probed_card(options: ServedEmbeddingOptions) -> ModelCard:
    """Returns the card of a model that is not known; its dimensions are found by one text, once a process.

    Raises `EndpointError`.
    """
    key = options.url, options.model
    if key not in _probed:
        _probed[key] = _probe(options)
    return _probed[key]


def _probe(options: ServedEmbeddingOptions) -> ModelCard:
    endpoint = Endpoint(options.url, EMBEDDING_SETTINGS, key=options.key, timeout=options.timeout)
    try:
        with endpoint.open() as http:
            body = {"model": options.model, "input": "dimensions", "encoding_format": "float"}
            row = numbers(endpoint, endpoint.post(http, "embeddings", body), "embedding")
    except EndpointError as error:
        raise EndpointError(
            f"There is no model card for {options.model!r}, and it could not be asked for its dimensions: name the "
            f"model that it is by OCTAVO_EMBEDDING__CARD, or mend this. {error}",
            error.status,
            error.reply,
        ) from error
    name = options.model.lower()
    question, passage = next(((q, p) for part, q, p in _PROMPTS if part in name), ("{text}", "{text}"))
    return ModelCard(
        name=options.model,
        dimension=len(row),
        licence="unknown",
        pooling="own",
        question=question,
        passage=passage,
        sees=False,
    )
