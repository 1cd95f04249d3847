# %% [markdown]
# # LlamaIndex
#
# A library is a retriever, a postprocessor, an embedding, a query engine and a chat engine of LlamaIndex, so that it
# takes its place in an application that is there already.

# %%
import tempfile
from pathlib import Path

from llama_index.core.llms import MockLLM
from llama_index.core.postprocessor import SimilarityPostprocessor
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.schema import NodeWithScore, TextNode

from octavo import Pipeline
from octavo.apps.samples import copy_sample

folder = Path(tempfile.mkdtemp())
pipeline = Pipeline(folder / "library")
pipeline.ingest(copy_sample("report.pdf", folder))

# %% [markdown]
# The retriever is the first pass: its nodes carry their document, page and boxes, and the score of that pass.

# %%
retriever = pipeline.as_retriever()
for node in retriever.retrieve("What was capital expenditure in 2018?")[:3]:
    print(f"{node.score:.2f}", node.metadata["name"], "page", node.metadata["page_number"])

# %% [markdown]
# The query engine answers as `Pipeline.ask` does, with citations in the response's metadata.

# %%
response = pipeline.as_query_engine().query("What was capital expenditure in 2018?")
print(response)
print(response.metadata["answer"].citations[0].quote)

# %% [markdown]
# The retriever and the postprocessor, which gives nodes their relevancy in [0, 1], in an engine of LlamaIndex's own.
# `MockLLM` stands for a model.

# %%
engine = RetrieverQueryEngine.from_args(
    retriever,
    llm=MockLLM(max_tokens=20),
    node_postprocessors=[pipeline.as_postprocessor(k=3), SimilarityPostprocessor(similarity_cutoff=0.5)],
)
print([node.metadata["page_number"] for node in engine.query("How many people work here?").source_nodes])

# %% [markdown]
# The postprocessor scores nodes of any origin.

# %%
nodes = [
    NodeWithScore(node=TextNode(text="The night shift counts 58 people."), score=0.1),
    NodeWithScore(node=TextNode(text="Bananas ripen in a warm room."), score=0.2),
]
for node in pipeline.as_postprocessor(k=2, threshold=0).postprocess_nodes(nodes, query_str="Who works at night?"):
    print(f"{node.score:.2f}", node.text)
pipeline.close()
