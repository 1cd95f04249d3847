# %% [markdown]
# # A pipeline
#
# Read documents into a library, ask, and see where the answer stands. Nothing is fetched, no model is needed: answers
# are quoted, compared or computed from the documents.

# %%
import tempfile
from pathlib import Path

from octavo import Pipeline, Scope
from octavo.apps.samples import copy_sample

folder = Path(tempfile.mkdtemp())
report = copy_sample("report.pdf", folder / "documents")  # the annual report of an invented observatory
(folder / "documents" / "plan.md").write_text(
    "# Plan for 2019\n\nCapital expenditure of 9.5 million crowns is planned for 2019. The guest house is not in it."
)

# %% [markdown]
# A library is a folder. Reading it again does nothing, a changed file replaces what its path held, and each file has a
# result of its own: `added`, `unchanged`, `replaced` or `failed`, with a reason.

# %%
pipeline = Pipeline(folder / "library")
for result in pipeline.ingest(report, metadata={"kind": "report"}) + pipeline.ingest(folder / "documents" / "plan.md"):
    print(result.path.name, result.status)

# %% [markdown]
# An answer has its text, and citations that say on which page and in which boxes it stands: PDF points from the page's
# top left corner.

# %%
answer = pipeline.ask("What was capital expenditure in 2018?")
print(answer.text)
for citation in answer.citations:
    print(citation.name, "page", citation.page_number, [tuple(map(round, box)) for box in citation.boxes])

# %%
picture = pipeline.highlight(answer, answer.citations[0].document, answer.citations[0].page)
picture.save(folder / "page.png")  # the page with the cited boxes drawn
print(picture.size)

# %% [markdown]
# Where the documents do not say it, the answer abstains and says why.

# %%
unknown = pipeline.ask("How many visitors came to the planetarium?")
print(unknown.abstained, "-", unknown.text)

# %% [markdown]
# A search gives the entries themselves, at the level of documents, pages, elements or chunks, with their relevancy.
# `scope` and `filter` bound where it looks.

# %%
for hit in pipeline.search("staff and visitors", level="page", k=3):
    print(f"{hit.score:.2f}", hit.name, "page", hit.page_number)
for hit in pipeline.search("money", level="element", k=2, scope=Scope(kinds=("table",)), filter={"kind": "report"}):
    print(hit.name, "page", hit.page_number, hit.text.splitlines()[0])

# %% [markdown]
# A document gives its pages, with their pictures, elements and tables.

# %%
page = pipeline.document("report.pdf").pages[2]
print(page.image.size, [element.kind.value for element in page.elements])
table = next(element.table for element in page.elements if element.table)
print(table.csv().splitlines()[0])
pipeline.close()
