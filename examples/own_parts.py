# %% [markdown]
# # Parts of your own
#
# A pipeline has three seams: what embeds, what scores relevancy, and what answers. Each is one small class. An object
# that is passed to `Pipeline` takes the place of the one that the settings name.

# %%
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from octavo import Answer, Pipeline
from octavo.rag import Delta, Entry, Evidence, Finished
from octavo.rag.answering import Answerer
from octavo.rag.embedding import Embedder, Vectors, unit
from octavo.rag.images import ImageInput
from octavo.rag.query.question import Query
from octavo.rag.relevancy import RelevancyScorer

# %% [markdown]
# ## An embedding
#
# It gives each text a vector of unit length. This one knows two concepts of a domain, each by its words, so that a
# question finds what is meant by another word. `embed_image` is asked for pictures; this one does not see.

# %%
CONCEPTS = (("mirror", "optics", "lens", "glass"), ("money", "crowns", "budget", "cost", "expenditure"))


class ConceptEmbedder(Embedder):
    """How often a text speaks of each concept."""

    model_name: str = "concepts"
    dimension: int = len(CONCEPTS) + 1

    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        counts = [[sum(text.lower().count(word) for word in words) for words in CONCEPTS] for text in texts]
        return unit(np.array([[*row, 0.1] for row in counts], dtype=np.float32))

    def embed_image(self, image: ImageInput) -> Vectors:
        return np.zeros(self.dimension, dtype=np.float32)


# %% [markdown]
# ## A relevancy score
#
# It gives each candidate the probability that it helps to answer. The threshold is compared with it.


# %%
class OfficialScorer(RelevancyScorer):
    """What has been approved is relevant; drafts are not."""

    name = "official"

    def scores(self, query: Query, entries: Sequence[Entry], first_pass: Sequence[float] = ()) -> list[float]:
        return [0.1 if "draft" in entry.text.lower() else 0.9 for entry in entries]


# %% [markdown]
# ## An answer
#
# It streams text, and ends with the whole answer.


# %%
class ListingAnswerer(Answerer):
    """The evidence, a line each."""

    model = "listing"

    def stream(
        self, question: str, evidence: Sequence[Evidence], picture: bytes | None = None
    ) -> Iterator[Delta | Finished]:
        text = "\n".join(f"{item.name}: {item.text.splitlines()[-1]}" for item in evidence)
        yield Delta(text)
        yield Finished(Answer(question, text, (), tuple(evidence), model=self.model))


# %% [markdown]
# ## All together

# %%
folder = Path(tempfile.mkdtemp())
(folder / "optics.md").write_text("# Optics\n\nThe glass of the South Dome was polished in 2021.")
(folder / "plan.md").write_text("# Plan, draft\n\nThe optics may cost 3 million crowns.")
parts = {"embedding": ConceptEmbedder(), "scorer": OfficialScorer(), "answerer": ListingAnswerer()}
with Pipeline(folder / "library", **parts) as pipeline:
    pipeline.ingest(folder / "optics.md", folder / "plan.md")
    answer = pipeline.ask("What happened to the mirror?")
print(answer.text)
print([(item.name, item.score) for item in answer.evidence])

# %% [markdown]
# A library holds one embedding's vectors. Opening it with another is an error with a code; `pipeline.embed` makes the
# vectors again without reading a file.

# %%
from octavo import OctavoError  # noqa: E402

try:
    Pipeline(folder / "library")
except OctavoError as error:
    print(error.code, "-", error)
