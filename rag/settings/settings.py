"""The settings of a pipeline, from keyword arguments or from `OCTAVO_*` environment variables."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from octavo.ingest.errors import SettingsError
from octavo.ingest.options import EngineOptions, ImageOptions, PoolEngineOptions, ReadOptions
from octavo.rag.query.rules import QueryRules
from octavo.rag.settings.answering import AnsweringOptions
from octavo.rag.settings.embedding import EmbeddingOptions, StaticEmbeddingOptions
from octavo.rag.settings.errors import settings_error
from octavo.rag.settings.index import DenseIndexName, IndexOptions, SparseIndexName
from octavo.rag.settings.relevancy import MatchRelevancyOptions, RelevancyOptions
from octavo.rag.settings.speech import SpeechOptions

PREFIX = "OCTAVO_"
"""Begins the names of variables."""
Images = Annotated[ImageOptions, BeforeValidator(lambda value: {"url": value} if isinstance(value, str) else value)]
"""Where screenshots are: options, or their URL alone."""
PictureRoute = Literal["image", "caption", "both", "inverted"]
DescriptionStyle = Literal["search", "short", "detailed", "values"]


class Settings(BaseModel):
    """All settings with their defaults.

    `Settings(...)` reads no environment; `Settings.from_env()` does. Raises `SettingsError` for a value that a setting
    cannot have.

    >>> Settings(k=3).k
    3
    """

    model_config = ConfigDict(extra="forbid")

    library: Path = Field(Path(".octavo"), description="the library's folder")
    documents_uri: str = Field(
        "",
        description="postgresql://… of documents that writers on several machines share, and that the library's folder "
        "follows; empty: the folder's own",
        repr=False,
    )
    images: Images = ImageOptions()
    reading: ReadOptions = ReadOptions()
    engine: Annotated[EngineOptions, Field(discriminator="kind")] = PoolEngineOptions()
    embedding: EmbeddingOptions = StaticEmbeddingOptions()
    dense_index: DenseIndexName = Field(
        "sign-bits", description="how vectors are searched: by sign bits and then exactly, or by an engine"
    )
    sparse_index: SparseIndexName = Field(
        "sqlite",
        description="how words are searched: by the library's database, or by the engine that holds the vectors",
    )
    index_uri: str = Field(
        "",
        description="where the engine is: the URL of a Chroma server (empty: Chroma in the library's folder), a folder "
        "or s3://… of LanceDB, or package.module:function that makes a LlamaIndex vector store for a name",
    )
    first_dimensions: int = Field(
        0, ge=0, multiple_of=64, description="dimensions whose signs the first pass of sign-bits goes by; 0: all"
    )
    relevancy: RelevancyOptions = MatchRelevancyOptions()
    query: QueryRules = QueryRules()
    k: int = Field(5, ge=1, le=100, description="the most entries that an answer rests on")
    threshold: float = Field(
        0.8, ge=0, le=1, description="no answer where the best relevancy is lower; quotes need a third of its odds"
    )
    relative_threshold: float = Field(
        0.5, ge=0, le=1, description="else entries of at least this part of it are evidence"
    )
    candidates: int = Field(60, ge=5, le=1000, description="pages that the first pass gives to the relevancy score")
    copies: Literal["collapse", "keep"] = Field(
        "collapse",
        description="collapse: what says and looks the same as better evidence is named with it, and not used",
    )
    concepts: int = Field(2, ge=0, le=10, description="concepts of the user's own that a question recalls; 0: none")
    picture_expand: int = Field(
        0, ge=0, le=10, description="figures that a question's picture shows, whose captions are searched for as well"
    )
    picture_route: PictureRoute = Field(
        "image",
        description="a question's picture is searched by its vector, by that of its words, by both, or by that of a "
        "text which a model with two towers in this process takes for the same (inverted)",
    )
    documents_first: int = Field(
        0, ge=0, description="documents with the nearest vectors whose pages are ranked by themselves as well; 0: none"
    )
    document_vector: Literal["mean", "weighted"] = Field(
        "mean",
        description="which vector of a document that is: the mean of its chunks', or one in which chunks weigh by the "
        "softmax of their similarity to the question",
    )
    second_pass: bool = Field(
        True, description="the document that comes first is searched once more by itself, where scores compare entries"
    )
    llm_url: str = Field("", description="base URL of an OpenAI-compatible endpoint; empty: answers are quotes")
    llm_model: str = Field("", description="model name; empty: the endpoint's first model")
    llm_key: str = Field("", description="API key, where the endpoint asks for one", repr=False)
    llm_headers: dict[str, str] = Field({}, description="headers of each request, as JSON", repr=False)
    llm_body: dict[str, Any] = Field({}, description="fields of each request, as JSON; one that is null is left out")
    llm_ca: Path | None = Field(None, description="PEM file of an authority that signed the endpoint's certificate")
    llm_gguf: str = Field("", description="without an endpoint: a GGUF file, or a hub's repository, to run in process")
    llm_mmproj: str = Field("", description="the projector that lets that model see, a GGUF file")
    llm_context: int = Field(0, ge=0, description="tokens of the model's context; 0: what the server tells, else 8,192")
    llm_max_tokens: int = Field(700, ge=16, description="tokens that an answer may have")
    llm_images: int = Field(4, ge=0, description="pictures that go with a question; 0 for a model that sees none")
    llm_image_side: int = Field(1280, ge=64, description="longest side of a picture, pixels")
    llm_image_budget: Literal["shaped", "equal"] = Field(
        "shaped", description="how pictures share their half of a prompt: by size and shape (LEOPARD), or all alike"
    )
    llm_image_order: Literal["beside", "first", "last"] = Field(
        "beside", description="pictures beside the text that they belong to, before all text, or after all evidence"
    )
    llm_question_order: Literal["last", "first"] = Field("last", description="the question after or before evidence")
    llm_evidence_order: Literal["best-first", "best-last", "walk"] = Field(
        "best-first", description="the order of evidence; walk: by a random walk over entries that have words in common"
    )
    llm_neighbors: int = Field(
        0, ge=0, le=5, description="paragraphs that refer to a figure or table of the evidence and go with it; 0: none"
    )
    answering: AnsweringOptions = AnsweringOptions()
    describe: int = Field(
        0, ge=0, description="figures of a document described at ingestion, by the model or else their colors; 0: none"
    )
    describe_style: DescriptionStyle = Field(
        "search",
        description="how: for someone who searches, in one short sentence, in detail part by part, or by its values",
    )
    speech: SpeechOptions = SpeechOptions()
    llm_timeout: float = Field(120, gt=0, description="seconds that the model may be silent")
    llm_fallback: bool = Field(True, description="quotes where the model fails; false: the failure is raised")

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise settings_error(error) from error

    @property
    def index(self) -> IndexOptions:
        """The engines that search the library: `dense_index`, `sparse_index`, `index_uri` and `first_dimensions`."""
        return IndexOptions(self.dense_index, self.sparse_index, self.index_uri, self.first_dimensions)

    @classmethod
    def from_env(cls, **values: Any) -> Settings:
        """Returns the settings of the environment, in which `values` take precedence.

        Every setting has a variable, nested ones with two underscores: `OCTAVO_LIBRARY`, `OCTAVO_K`,
        `OCTAVO_LLM_URL`, `OCTAVO_READING__DPI`. Raises `SettingsError`.
        """
        if not any(name.upper().startswith(PREFIX) for name in os.environ):
            return cls(**values)
        return cls(**_variables(values))


def _variables(values: dict[str, Any]) -> dict[str, Any]:
    """Returns the settings that variables give, or `values`, which take precedence; raises `SettingsError`."""
    from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError as VariableError

    class Environment(Settings, BaseSettings):
        model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid")

        images: Annotated[Images, NoDecode] = ImageOptions()

        def __init__(self, **values: Any) -> None:
            BaseSettings.__init__(self, **values)

    try:
        return Environment(**values).model_dump(exclude_unset=True)
    except ValidationError as error:
        raise settings_error(error) from error
    except VariableError as error:
        raise SettingsError(f"A variable that begins with OCTAVO_ is no JSON: {error}.") from error
