# %% [markdown]
# # Concepts of your own
#
# People call things by names that no document holds: a project's code name, a nickname of a machine. A library keeps
# such concepts with their names, notes and pictures, and the next question uses them.

# %%
import tempfile
from pathlib import Path

from octavo import Pipeline
from octavo.apps.samples import copy_sample

folder = Path(tempfile.mkdtemp())
pipeline = Pipeline(folder / "library")
pipeline.ingest(copy_sample("report.pdf", folder))
print(pipeline.ask("How much does the brick hold?").abstained)

# %% [markdown]
# ## Names
#
# A question with an alias is also asked under the concept's other names.

# %%
concepts = pipeline.concepts
concepts.add("energy store", aliases=["the brick"], category="plant", note="The brick is serviced by Ashby Power.")
answer = pipeline.ask("How much does the brick hold?")
print(answer.text.splitlines()[0])
print(answer.citations[0].name, "page", answer.citations[0].page_number)

# %% [markdown]
# ## Notes
#
# An answer may rest on a note. It is cited as the user's own word, not as a document's.

# %%
answer = pipeline.ask("Who services the brick?")
print(answer.text.splitlines()[0])
print(answer.citations[0].name)

# %% [markdown]
# ## Places
#
# `where` links a concept to the documents: pages and boxes (in PDF points) of its names and pictures.

# %%
for mention in concepts.where("energy store")[:3]:
    print(mention.name, "page", mention.page_number, mention.text)

# %% [markdown]
# ## Pictures
#
# A concept is known by its pictures too: here a figure of the report, shown again at half of its size in a question.

# %%
page = next(page for page in pipeline.document("report.pdf").pages if "Spectrograph" in page.text)
figure = next(element for element in page.elements if "Spectrograph" in element.text)
picture = page.crop(figure.box)
concepts.add("light path", pictures=[picture], note="Drawn for visitors of the South Dome.")
smaller = picture.resize((picture.width // 2, picture.height // 2))
answer = pipeline.ask("Who was this drawn for?", picture=smaller)
print(answer.text.splitlines()[0])

# %% [markdown]
# Concepts change at any time; what is removed is unknown to the next question.

# %%
concepts.edit("energy store", aliases=["the brick", "the battery"])
print(pipeline.ask("How much does the battery hold?").text.splitlines()[0])
concepts.remove("energy store")
print([concept.name for concept in concepts.all()])
pipeline.close()
