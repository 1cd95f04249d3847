"""Settings of the whole: typed options, from keyword arguments or from `OCTAVO_*` environment variables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError as VariableError

from octavo.ingest.errors import SettingsError
from octavo.ingest.options import EngineOptions, ImageOptions, PoolEngineOptions, ReadOptions
from octavo.rag.model_cards import ModelCard
from octavo.rag.query.rules import QueryRules

SingleVector = Annotated[
    Literal["mean", "muvera"],
    Field(description="what stands for an entry's tokens where candidates are found (multi-vector): mean, or MUVERA's"),
]


class StaticEmbeddingOptions(BaseModel):
    """The embedded default: static word-piece vectors of what a page says (256 dimensions)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["static"] = "static"


PooledTokens = Literal["neighbors", "alike"]


class ServedEmbeddingOptions(BaseModel):
    """A model that vLLM serves for embedding (`vllm serve MODEL --runner pooling`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["served"] = "served"
    url: str = Field(description="base URL of the endpoint, such as http://127.0.0.1:8001/v1")
    model: str = Field(description="the model's name there")
    card: ModelCard | str = Field("", description="which model it is, if its name does not tell, or its card")
    instruction: str = Field("", description="what questions search for, for models that take one; empty: the card's")
    dimensions: int = Field(0, ge=0, description="dimensions that are kept of a Matryoshka model's; 0: all")
    token_pooling: int = Field(1, ge=1, le=16, description="tokens that are kept as one (multi-vector)")
    pooled_tokens: PooledTokens = Field("neighbors", description="which tokens are: neighbors, or those most alike")
    single_vector: SingleVector = "mean"
    interleaved: bool = Field(False, description="true: a chunk is one input of its text and its figures and tables")
    concurrency: int = Field(16, ge=1, le=256, description="requests at a time")
    timeout: float = Field(120, gt=0, description="seconds that the server may be silent")
    key: str = Field("", description="API key, where the endpoint asks for one", repr=False)


class LocalEmbeddingOptions(BaseModel):
    """The same models in this process, through transformers (`pip install "octavo[transformers]"`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["transformers"] = "transformers"
    model: str = Field(description="a folder with its weights, or its name on the hub")
    card: ModelCard | str = Field("", description="which model it is, if its name does not tell, or its card")
    instruction: str = Field("", description="what questions search for, for models that take one; empty: the card's")
    dimensions: int = Field(0, ge=0, description="dimensions that are kept of a Matryoshka model's; 0: all")
    token_pooling: int = Field(1, ge=1, le=16, description="tokens that are kept as one (multi-vector)")
    pooled_tokens: PooledTokens = Field("neighbors", description="which tokens are: neighbors, or those most alike")
    single_vector: SingleVector = "mean"
    interleaved: bool = Field(False, description="true: a chunk is one input of its text and its figures and tables")
    batch: int = Field(4, ge=1, le=256, description="texts or pictures at a time")
    max_tokens: int = Field(8192, ge=64, description="tokens of a text or picture; longer ones are shortened")
    remote_code: bool = Field(False, description="true: run the code that comes with the model's weights")
    device: str = Field("", description="such as cuda or cpu; empty: a GPU where there is one")
    dtype: Literal["bfloat16", "float16", "float32"] = "bfloat16"


EmbeddingOptions = Annotated[
    StaticEmbeddingOptions | ServedEmbeddingOptions | LocalEmbeddingOptions, Field(discriminator="kind")
]


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


PictureRoute = Literal["image", "caption", "both", "inverted"]
DescriptionStyle = Literal["search", "short", "detailed", "values"]
DenseIndexName = Literal["sign-bits", "chroma", "lancedb", "llama-index"]
SparseIndexName = Literal["sqlite", "lancedb"]


@dataclass(frozen=True, slots=True)
class IndexOptions:
    """The engines that search a library's vectors (`dense`) and its words (`sparse`), and their address (`uri`).

    `first_dimensions` are those whose signs the first pass goes by (0: all).
    """

    dense: DenseIndexName = "sign-bits"
    sparse: SparseIndexName = "sqlite"
    uri: str = ""
    first_dimensions: int = 0


EMBEDDED_ENGINES = IndexOptions()
"""The engines that lie in the library's folder."""


class PlanOptions(BaseModel):
    """Switches of the plans by which questions are answered without a model, in the order in which they are tried.

    `octavo eval plans` measures each. A question whose plan is off is answered by a later one, at last by `lookup`.

    >>> PlanOptions(summary=False).off
    ('summary',)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    page_sets: bool = Field(True, description="pages or documents that mention one thing and, or, but not another")
    parts: bool = Field(True, description="a question of two parts as two questions")
    whole: bool = Field(True, description="title, authors, date and length of a document; how many documents")
    summary: bool = Field(True, description="headings and central sentences of a document or a collection")
    periods: bool = Field(True, description="how something is over several reports: a quote from each")
    sections: bool = Field(True, description="what stands under a heading or on a page that is named")
    definitions: bool = Field(True, description="what a word or an abbreviation stands for, as a document defines it")
    figures: bool = Field(True, description="figures and tables by number: caption, content, what is said of them")
    regions: bool = Field(True, description="how many tables, charts or figures")
    rows: bool = Field(True, description="how many rows of a table a question selects, and what they come to")
    grid: bool = Field(True, description="the cell of a row and a column named by a day, a time, a range or a code")
    items: bool = Field(True, description="how many items a list has")
    which: bool = Field(True, description="which documents hold what is described")
    contacts: bool = Field(True, description="phone numbers, e-mail and web addresses, opening hours")
    chronology: bool = Field(True, description="what comes first or last in time; from one time of day to another")
    extremes: bool = Field(True, description="which row, column or document has the highest or lowest number")
    totals: bool = Field(True, description="sum or mean of a column")
    scaled: bool = Field(True, description="an amount of a recipe for another number of people")
    compute: bool = Field(True, description="difference, growth, share, ratio, sum, product and metrics")
    prose: bool = Field(True, description="the sum of numbers of one kind that a sentence states")
    select: bool = Field(True, description="which rows of a table a question selects")
    compare: bool = Field(True, description="two documents, years or columns side by side")
    lists: bool = Field(True, description="a whole list, or one of its items")
    lookup: bool = Field(True, description="the passages that fit best")

    @property
    def off(self) -> tuple[str, ...]:
        """The names of the plans that are off."""
        return tuple(name for name in type(self).model_fields if not getattr(self, name))


class AnsweringOptions(BaseModel):
    """Options of answers: the plans are for those without a model, all others for a model's."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    plans: PlanOptions = PlanOptions()
    steps: int = Field(
        3,
        ge=0,
        le=10,
        description="passes of a model at a question, the answer is the last; 0 or 1: it answers at once",
    )
    step_tokens: int = Field(20_000, ge=0, description="tokens of prompts and replies after which it looks no further")
    step_seconds: float = Field(60, ge=0, description="seconds after which it looks no further")
    tools: Literal["auto", "functions", "json"] = Field(
        "auto", description="how steps are asked for; auto: by function calls where the endpoint has them, else by JSON"
    )
    notes: Literal["auto", "always", "never"] = Field(
        "auto", description="notes on each picture before the answer; auto: on those that the server does not take"
    )
    check: Literal["off", "words", "model"] = Field(
        "words",
        description="how a model's answer is checked against its evidence; words: numbers, names and words of each "
        "sentence are looked up in it; model: the model scores each sentence as well, one request each",
    )
    grounding: Literal["words", "model", "both"] = Field(
        "words",
        description="how the boxes of a model's claims are found; words: by those of the claim; model: the model is "
        "shown the page and names them, one request or two a claim; both: it is asked where words fit nothing, or a "
        "figure is cited",
    )
    pointing: Literal["auto", "marks", "boxes"] = Field(
        "auto",
        description="how the model names places: by numbered marks on the page, or by boxes in thousandths of its "
        "sides; auto: boxes where its card says that it was trained on them",
    )


class SpeechOptions(BaseModel):
    """An endpoint that writes down what is said in videos (`/v1/audio/transcriptions`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    url: str = Field("", description="base URL of the endpoint, such as http://127.0.0.1:8003/v1")
    model: str = Field("whisper-1", description="the model's name there; one that tells times")
    timeout: float = Field(600, gt=0, description="seconds that the server may be silent")
    key: str = Field("", description="API key, where the endpoint asks for one", repr=False)


class Settings(BaseModel):
    """Everything that can be set, with its default.

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
    images: Annotated[
        ImageOptions, NoDecode, BeforeValidator(lambda value: {"url": value} if isinstance(value, str) else value)
    ] = ImageOptions()
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
            raise _settings_error(error) from error

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
        try:
            return cls(**_Environment(**values).model_dump(exclude_unset=True))
        except ValidationError as error:
            raise _settings_error(error) from error
        except VariableError as error:
            raise SettingsError(f"A variable that begins with OCTAVO_ is no JSON: {error}.") from error


class _Environment(Settings, BaseSettings):
    model_config = SettingsConfigDict(env_prefix="OCTAVO_", env_nested_delimiter="__", extra="forbid")

    def __init__(self, **values: Any) -> None:
        BaseSettings.__init__(self, **values)


def _settings_error(error: ValidationError) -> SettingsError:
    where, text = complaint(error)
    return SettingsError(f"{'.'.join(where)}: {text}.", setting=".".join(where))


def complaint(error: ValidationError) -> tuple[tuple[str, ...], str]:
    """Returns the first setting that is wrong, as the names down to it, and what is wrong with it, in words for people.

    >>> try:
    ...     StaticEmbeddingOptions(kind="none")
    ... except ValidationError as error:
    ...     complaint(error)
    (('kind',), "Input should be 'static'")
    """
    first = error.errors()[0]
    where = tuple(str(part) for part in first["loc"])
    if where[:1] in (("embedding",), ("relevancy",), ("engine",)):  # pydantic puts the kind between
        where = where[:1] + where[2:]
    texts = {
        "extra_forbidden": "there is no such setting",
        "missing": "it is missing",
        "union_tag_not_found": "its options depend on its kind: set the kind as well",
    }
    text = texts.get(first["type"], first["msg"])
    return where, text.removeprefix("Value error, ")
