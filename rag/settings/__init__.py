"""Settings of the whole, by group: typed options with their defaults."""

from octavo.rag.settings.answering import AnsweringOptions, PlanOptions
from octavo.rag.settings.embedding import (
    EmbeddingOptions,
    LocalEmbeddingOptions,
    PooledTokens,
    ServedEmbeddingOptions,
    SingleVector,
    StaticEmbeddingOptions,
)
from octavo.rag.settings.errors import complaint
from octavo.rag.settings.index import EMBEDDED_ENGINES, DenseIndexName, IndexOptions, SparseIndexName
from octavo.rag.settings.relevancy import (
    JudgingPrompt,
    LocalRelevancyOptions,
    MatchRelevancyOptions,
    ModelRelevancyOptions,
    RelevancyOptions,
    RerankRelevancyOptions,
    ServedRelevancyOptions,
    YesNoRelevancyOptions,
)
from octavo.rag.settings.settings import DescriptionStyle, PictureRoute, Settings
from octavo.rag.settings.speech import SpeechOptions

__all__ = [
    "EMBEDDED_ENGINES",
    "AnsweringOptions",
    "DenseIndexName",
    "DescriptionStyle",
    "EmbeddingOptions",
    "IndexOptions",
    "JudgingPrompt",
    "LocalEmbeddingOptions",
    "LocalRelevancyOptions",
    "MatchRelevancyOptions",
    "ModelRelevancyOptions",
    "PictureRoute",
    "PlanOptions",
    "PooledTokens",
    "RelevancyOptions",
    "RerankRelevancyOptions",
    "ServedEmbeddingOptions",
    "ServedRelevancyOptions",
    "Settings",
    "SingleVector",
    "SparseIndexName",
    "SpeechOptions",
    "StaticEmbeddingOptions",
    "YesNoRelevancyOptions",
    "complaint",
]
