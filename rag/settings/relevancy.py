"""Options of the models that give entries their relevancy score."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

JudgingPrompt = Annotated[
    Literal["relevance", "assert", "qwen3-reranker"],
    Field(description="`relevance`: does it hold what the answer needs; `assert`, `qwen3-reranker`: as published"),
]


class MatchRelevancyOptions(BaseModel):
    """The embedded default: a calibrated model over match features between question and entry."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["match"] = "match"
    parameters: Path | None = Field(None, description="a file of fitted parameters; none: the one that is shipped")


class ModelRelevancyOptions(BaseModel):
    """A model that judges the best candidates, one by one."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    model: str = Field(description="its name at the endpoint; in process a folder with its weights, or a hub's name")
    shortlist: int = Field(20, ge=1, le=1000, description="candidates that it is asked about")
    sees: bool = Field(True, description="false for a model that takes no pictures")
    max_pixels: int = Field(1_300_000, ge=784, description="pixels of a picture; larger ones are made smaller")


class ServedRelevancyOptions(ModelRelevancyOptions):
    """A model behind an endpoint."""

    url: str = Field(description="base URL of the endpoint, such as http://127.0.0.1:8002/v1")
    concurrency: int = Field(16, ge=1, le=256, description="requests at a time")
    timeout: float = Field(120, gt=0, description="seconds that the server may be silent")
    key: str = Field("", description="API key, where the endpoint asks for one", repr=False)


class YesNoRelevancyOptions(ServedRelevancyOptions):
    """A chat model that is asked to say Yes or No; the score is the probability of its first token."""

    kind: Literal["yes-no"] = "yes-no"
    prompt: JudgingPrompt = "relevance"


class RerankRelevancyOptions(ServedRelevancyOptions):
    """A cross-encoder behind `/v1/rerank`, such as Qwen3-VL-Reranker or jina-reranker-m0."""

    kind: Literal["rerank"] = "rerank"


class LocalRelevancyOptions(ModelRelevancyOptions):
    """A model in this process, through transformers (`pip install "octavo[transformers]"`).

    `rerank` is a cross-encoder (a classification model); `yes-no` a chat model, by the logits of its first token.
    """

    kind: Literal["transformers"] = "transformers"
    asks: Literal["rerank", "yes-no"] = "rerank"
    prompt: JudgingPrompt = "relevance"
    batch: int = Field(8, ge=1, le=256, description="texts at a time; pictures go one by one")
    max_tokens: int = Field(4096, ge=64, description="tokens of question and entry; longer entries are shortened")
    remote_code: bool = Field(False, description="true: run the code that comes with the model's weights")
    device: str = Field("", description="such as cuda or cpu; empty: a GPU where there is one")
    dtype: Literal["bfloat16", "float16", "float32"] = "bfloat16"


RelevancyOptions = Annotated[
    MatchRelevancyOptions | YesNoRelevancyOptions | RerankRelevancyOptions | LocalRelevancyOptions,
    Field(discriminator="kind"),
]
