"""Options of the models that turn texts and pictures into vectors."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from octavo.rag.model_cards import ModelCard

SingleVector = Annotated[
    Literal["mean", "muvera"],
    Field(description="what stands for an entry's tokens where candidates are found (multi-vector): mean, or MUVERA's"),
]


class StaticEmbeddingOptions(BaseModel):
    """The default: static word-piece vectors of a page's text (256 dimensions)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["static"] = "static"


PooledTokens = Literal["neighbors", "alike"]


class _ModelOptions(BaseModel):
    """Options of a served model and of one in this process."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    card: ModelCard | str = Field("", description="which model it is, if its name does not tell, or its card")
    instruction: str = Field("", description="what questions search for, for models that take one; empty: the card's")
    dimensions: int = Field(0, ge=0, description="dimensions that are kept of a Matryoshka model's; 0: all")
    token_pooling: int = Field(1, ge=1, le=16, description="tokens that are kept as one (multi-vector)")
    pooled_tokens: PooledTokens = Field("neighbors", description="which tokens are: neighbors, or those most alike")
    single_vector: SingleVector = "mean"
    interleaved: bool = Field(False, description="true: a chunk is one input of its text and its figures and tables")


class ServedEmbeddingOptions(_ModelOptions):
    """A model that vLLM serves for embedding (`vllm serve MODEL --runner pooling`)."""

    kind: Literal["served"] = "served"
    url: str = Field(description="base URL of the endpoint, such as http://127.0.0.1:8001/v1")
    model: str = Field(description="the model's name there")
    concurrency: int = Field(16, ge=1, le=256, description="requests at a time")
    timeout: float = Field(120, gt=0, description="seconds that the server may be silent")
    key: str = Field("", description="API key, where the endpoint asks for one", repr=False)


class LocalEmbeddingOptions(_ModelOptions):
    """The same models in this process, through transformers (`pip install "octavo[transformers]"`)."""

    kind: Literal["transformers"] = "transformers"
    model: str = Field(description="a folder with its weights, or its name on the hub")
    batch: int = Field(4, ge=1, le=256, description="texts or pictures at a time")
    max_tokens: int = Field(8192, ge=64, description="tokens of a text or picture; longer ones are shortened")
    remote_code: bool = Field(False, description="true: run the code that comes with the model's weights")
    device: str = Field("", description="such as cuda or cpu; empty: a GPU where there is one")
    dtype: Literal["bfloat16", "float16", "float32"] = "bfloat16"


EmbeddingOptions = Annotated[
    StaticEmbeddingOptions | ServedEmbeddingOptions | LocalEmbeddingOptions, Field(discriminator="kind")
]
