"""The embedding models that Octavo knows how to ask.

Prompts, placeholder pictures, pooling and resolution are those that the models' authors publish.
"""

from __future__ import annotations

from typing import Literal

from octavo.rag.model_cards.card import ModelCard

_SQUARE_28 = 28 * 28
_POOLING = ("--runner", "pooling", "--max-model-len")


def _qwen3(size: str, dimension: int, memory: float) -> ModelCard:
    return ModelCard(
        name=f"Qwen/Qwen3-VL-Embedding-{size}",
        dimension=dimension,
        licence="Apache-2.0",
        system="Represent the user's input.",
        system_question="{instruction}",
        instruction="Retrieve images or text relevant to the user's query.",
        answer=True,
        max_pixels=1_843_200,
        matryoshka=64,
        request={"continue_final_message": True, "add_special_tokens": True},
        serve=(*_POOLING, "8192"),
        memory=memory,
    )


def _sigmoid(name: str, dimension: int, licence: str, side: int, memory: float, template: str) -> ModelCard:
    return ModelCard(
        name=name,
        dimension=dimension,
        licence=licence,
        pooling="own",
        together=False,
        max_pixels=4 * side * side,
        padding="right",
        serve=("--runner", "pooling"),
        template=template,
        memory=memory,
    )


def _qwen3_text(size: str, dimension: int, memory: float) -> ModelCard:
    return ModelCard(
        name=f"Qwen/Qwen3-Embedding-{size}",
        dimension=dimension,
        licence="Apache-2.0",
        question="Instruct: {instruction}\nQuery:{text}",
        instruction="Given a web search query, retrieve relevant passages that answer the query",
        sees=False,
        matryoshka=32,
        serve=(*_POOLING, "8192"),
        memory=memory,
    )


def _text(
    name: str,
    dimension: int,
    licence: str,
    pooling: Literal["mean", "cls"],
    memory: float,
    question: str = "{text}",
    passage: str = "{text}",
) -> ModelCard:
    return ModelCard(
        name=name,
        dimension=dimension,
        licence=licence,
        pooling=pooling,
        question=question,
        passage=passage,
        sees=False,
        padding="right",
        serve=("--runner", "pooling"),
        memory=memory,
    )


def _e5(name: str, dimension: int, memory: float) -> ModelCard:
    return _text(f"intfloat/{name}", dimension, "MIT", "mean", memory, "query: {text}", "passage: {text}")


def _gme(size: str, dimension: int, memory: float) -> ModelCard:
    return ModelCard(
        name=f"Alibaba-NLP/gme-Qwen2-VL-{size}-Instruct",
        dimension=dimension,
        licence="Apache-2.0",
        system="You are a helpful assistant.",
        system_question="{instruction}",
        instruction="Find an image that matches the given text.",
        max_pixels=1280 * _SQUARE_28,
        request={"add_generation_prompt": True},
        serve=(*_POOLING, "8192"),
        template="dse_qwen2.jinja",
        memory=memory,
    )


def _colnomic(size: str, licence: str, memory: float) -> ModelCard:
    return ModelCard(
        name=f"nomic-ai/colnomic-embed-multimodal-{size}",
        dimension=128,
        licence=licence,
        pooling="tokens",
        question="Query: {text}",
        page="Describe the image.",
        together=False,
        max_pixels=768 * _SQUARE_28,
        served=False,
        memory=memory,
    )


_BGE = "Represent this sentence for searching relevant passages: {text}"

CARDS = (
    ModelCard(
        name="MrLight/dse-qwen2-2b-mrl-v1",
        dimension=1536,
        licence="Apache-2.0",
        question="Query: {text}",
        passage="Document: {text}",
        page="What is shown in this image?",
        mixed="Query: {text}",
        blank=56,
        max_pixels=2560 * _SQUARE_28,
        matryoshka=256,
        request={"add_generation_prompt": True},
        serve=(*_POOLING, "8192"),
        template="dse_qwen2.jinja",
        memory=4.4,
    ),
    ModelCard(
        name="Tevatron/dse-phi3-docmatix-v2",
        dimension=3072,
        licence="MIT",
        question="query: {text}</s>",
        passage="passage: {text}</s>",
        page="What is shown in this image?</s>",
        mixed="query: {text}</s>",
        square=1344,
        serve=(*_POOLING, "8192", "--trust-remote-code", "--mm-processor-kwargs", '{"num_crops": 16}'),
        template="phi3v.jinja",
        memory=8.3,
    ),
    ModelCard(
        name="TIGER-Lab/VLM2Vec-Full",
        dimension=3072,
        licence="Apache-2.0",
        question="{instruction}: {text}",
        instruction="Find the document image that can answer the given query",
        page="Represent the given image.",
        mixed="Represent the given image with the following question: {text}",
        max_pixels=1344 * 1344,
        serve=(*_POOLING, "4096", "--trust-remote-code", "--mm-processor-kwargs", '{"num_crops": 4}'),
        template="phi3v.jinja",
        memory=8.3,
    ),
    ModelCard(
        name="intfloat/mmE5-mllama-11b-instruct",
        dimension=4096,
        licence="MIT",
        question="{instruction}: {text}",
        instruction="Find the document image that can answer the given query",
        page="Represent the given image.\n",
        mixed="Represent the given image with the following question: {text}\n",
        max_pixels=1120 * 1120,
        padding="right",
        served=False,
        memory=21.3,
    ),
    _qwen3("2B", 2048, 4.3),
    _qwen3("8B", 4096, 16.3),
    _qwen3_text("0.6B", 1024, 1.2),
    _qwen3_text("4B", 2560, 7.5),
    _qwen3_text("8B", 4096, 15.3),
    _gme("2B", 1536, 4.4),
    _gme("7B", 3584, 16.6),
    ModelCard(
        name="VLM2Vec/VLM2Vec-V2.0",
        dimension=1536,
        licence="Apache-2.0",
        question="{instruction}: {text}",
        instruction="Find a document image that matches the given query",
        page="Represent the given image.",
        mixed="Represent the given image with the following question: {text}",
        max_pixels=1280 * _SQUARE_28,
        serve=(*_POOLING, "8192"),
        memory=4.4,
    ),
    ModelCard(
        name="jinaai/jina-embeddings-v4-vllm-retrieval",
        dimension=2048,
        licence="Qwen Research License",
        pooling="mean",
        question="Query: {text}",
        passage="Passage: {text}",
        page="Describe the image.",
        beside=(3, 6),
        together=False,
        max_pixels=768 * _SQUARE_28,
        matryoshka=128,
        serve=(*_POOLING, "8192", "--pooler-config", '{"task": "token_embed", "use_activation": false}'),
        template="jina_v4.jinja",
        memory=7.5,
    ),
    _e5("multilingual-e5-small", 384, 0.2),
    _e5("multilingual-e5-base", 768, 0.6),
    _e5("multilingual-e5-large", 1024, 1.1),
    _e5("e5-base-v2", 768, 0.2),
    _text("BAAI/bge-m3", 1024, "MIT", "cls", 1.1),
    _text("BAAI/bge-base-en-v1.5", 768, "MIT", "cls", 0.2, _BGE),
    _text("BAAI/bge-large-en-v1.5", 1024, "MIT", "cls", 0.7, _BGE),
    _text("Shitao/RetroMAE_BEIR", 768, "unknown", "cls", 0.2),
    _text("facebook/contriever", 768, "unknown", "mean", 0.2),
    _text("facebook/contriever-msmarco", 768, "unknown", "mean", 0.2),
    _text("sentence-transformers/all-MiniLM-L6-v2", 384, "Apache-2.0", "mean", 0.1),
    ModelCard(
        name="kakaobrain/align-base",
        dimension=640,
        licence="unknown",
        pooling="own",
        together=False,
        padding="right",
        served=False,
        memory=0.3,
    ),
    ModelCard(
        name="BridgeTower/bridgetower-large-itm-mlm-itc",
        dimension=512,
        licence="MIT",
        pooling="own",
        together=False,
        blank=56,
        padding="right",
        served=False,
        memory=1.7,
    ),
    _sigmoid("google/siglip2-base-patch16-224", 768, "Apache-2.0", 224, 0.8, "plain.jinja"),
    _sigmoid("openai/clip-vit-large-patch14", 768, "MIT", 224, 0.9, ""),
    ModelCard(
        name="TomoroAI/tomoro-colqwen3-embed-4b",
        dimension=320,
        licence="Apache-2.0",
        pooling="tokens",
        together=False,
        page="Describe the image.",
        max_pixels=1280 * 32 * 32,
        serve=(*_POOLING, "8192", "--trust-remote-code"),
        memory=8.9,
    ),
    ModelCard(
        name="vidore/colpali-v1.3-hf",
        dimension=128,
        licence="Gemma",
        pooling="tokens",
        together=False,
        question="Question: {text}" + "<pad>" * 10 + "\n",
        page="Describe the image.",
        square=448,
        serve=("--runner", "pooling"),
        memory=5.9,
    ),
    ModelCard(
        name="vidore/colqwen2-v1.0-hf",
        dimension=128,
        licence="Apache-2.0",
        pooling="tokens",
        question="Query: {text}",
        page="Describe the image.",
        together=False,
        max_pixels=768 * _SQUARE_28,
        served=False,
        memory=4.4,
    ),
    _colnomic("3b", "Qwen Research License", 7.5),
    _colnomic("7b", "Apache-2.0", 16.6),
    ModelCard(
        name="ModernVBERT/colmodernvbert-merged",
        dimension=128,
        licence="MIT",
        pooling="tokens",
        page="Describe the image.",
        together=False,
        max_pixels=2048 * 2048,
        padding="right",
        serve=("--runner", "pooling"),
        memory=0.5,
    ),
    ModelCard(
        name="colbert-ir/colbertv2.0",
        dimension=128,
        licence="MIT",
        pooling="tokens",
        sees=False,
        serve=("--runner", "pooling"),
        memory=0.3,
    ),
    ModelCard(
        name="antoinelouis/colbert-xm",
        dimension=128,
        licence="MIT",
        pooling="tokens",
        sees=False,
        served=False,
        memory=1.6,
    ),
)
"""The models that Octavo knows how to ask."""
