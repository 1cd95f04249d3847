"""The documents of examples/ as they were read once, and the rankings that they give.

`python -m tests.rag.golden` reads the documents again and writes both files; `python -m tests.rag.golden rankings`
writes the rankings alone. Then look at the differences before they are committed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter

from octavo.ingest import Document
from octavo.ingest.store.library import Library
from octavo.rag import Level
from octavo.rag.embedding.static import StaticEmbedder
from octavo.rag.index import Index
from octavo.rag.query.question import parse_query
from octavo.rag.relevancy import MatchScorer, Reranker
from octavo.rag.retrieval.retriever import Retriever

FOLDER = Path(__file__).parent
DOCUMENTS, RANKINGS = FOLDER / "documents.json", FOLDER / "rankings.json"
BEST = 10
"""The entries of a ranking that are written."""
QUESTIONS = (
    (Level.PAGE, "How high is the capital expenditure in 2018?"),
    (Level.PAGE, "What does Figure 1 show?"),
    (Level.PAGE, "What is the title of the report?"),
    (Level.PAGE, "How many tables are there?"),
    (Level.PAGE, "What stands on page 2 of the report?"),
    (Level.PAGE, "What does the last slide say?"),
    (Level.PAGE, "Who signed the letter?"),
    (Level.PAGE, "How many ferries crossed the bay in 2017 and 2018?"),
    (Level.PAGE, "Northlight Observatory domes and mirrors"),
    (Level.PAGE, "Wie viele Menschen arbeiten dort?"),
    (Level.PAGE, "What does the Verdict say?"),
    (Level.ELEMENT, "What did the Verdict say of the South Dome and the nights of 2018?"),
    (Level.ELEMENT, "What stands in the table on page 3?"),
    (Level.ELEMENT, "What was revenue in 2018?"),
    (Level.ELEMENT, "Which bar of the chart is the highest?"),
    (Level.ELEMENT, "How many people work on the night shift?"),
    (Level.CHUNK, "When did the second dome open?"),
    (Level.CHUNK, "What does the letter ask for?"),
    (Level.DOCUMENT, "Which document is about ferries?"),
)

Ranking = list[tuple[str, float]]


def as_json() -> TypeAdapter[list[Document]]:
    """Returns how documents are written and read."""
    from octavo.ingest.table import Table  # noqa: F401 - a type of a field, by its name

    adapter = TypeAdapter(list[Document], config=ConfigDict(defer_build=True))
    adapter.rebuild()
    return adapter


def load_documents() -> list[Document]:
    """Returns the documents, without pictures."""
    return as_json().validate_json(DOCUMENTS.read_text(encoding="utf-8"))


@contextmanager
def opened(folder: Path, documents: Sequence[Document]) -> Iterator[Index]:
    """Opens an index of documents by the embedded default."""
    with Library(folder) as library:
        index = Index(library, StaticEmbedder())
        with index.writing():
            for document in documents:
                index.add(document, document.path)
        yield index
        index.close()


def rankings(index: Index) -> dict[str, Ranking]:
    """Returns the best entries of each question, as (name and place, relevancy score)."""
    found = {}
    for level, question in QUESTIONS:
        query = parse_query(question)
        ranked = Reranker(MatchScorer(index)).rank(query, Retriever(index, level).retrieve(query))
        found[f"{level}: {question}"] = [
            (c.entry.id.replace(c.entry.document, c.name), round(c.score, 6)) for c in ranked[:BEST]
        ]
    return found


def read_documents(folder: Path, files: Sequence[Path]) -> list[Document]:
    """Reads files; what rankings do not need of them is left out."""
    from octavo.rag import Pipeline, Settings

    with Pipeline(Settings(library=folder)) as pipeline:
        pipeline.ingest(*files)
        read = [pipeline.library.document(pipeline.library.find(file.name).id) for file in files]
    return [
        replace(
            document,
            path=f"/samples/{document.name}",
            pages=tuple(
                replace(page, image="", elements=tuple(replace(e, lines=(), table=None) for e in page.elements))
                for page in document.pages
            ),
        )
        for document in read
    ]


def write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
