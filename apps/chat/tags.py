"""Tags of documents: kept in their metadata under `tags`, where a search can ask for them too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from octavo.apps.chat.uploads import collection
from octavo.ingest import OctavoError
from octavo.ingest.store.documents import DocumentInfo

MOST, LONGEST = 20, 40
"""Tags of a document, and letters of a tag."""


def tags_of(info: DocumentInfo) -> list[str]:
    """Returns the tags of a document."""
    noted = info.metadata.get("tags", ())
    return [str(tag) for tag in (noted if isinstance(noted, list | tuple) else (noted,))]


def parse_tags(text: str) -> list[str]:
    """Returns the tags of a text with commas between them; raises `OctavoError` for too many or too long ones.

    >>> parse_tags("filing, #annual  report, filing,")
    ['filing', 'annual report']
    """
    tags = list(dict.fromkeys(" ".join(part.replace("#", " ").split()) for part in text.split(",")))
    tags = [tag for tag in tags if tag]
    if len(tags) > MOST or any(len(tag) > LONGEST for tag in tags):
        raise OctavoError(f"A document has at most {MOST} tags of {LONGEST} letters: shorten them.")
    return tags


def tag_word(tag: str) -> str:
    """Returns a tag as one word of a search.

    >>> tag_word("Annual report")
    '#annual-report'
    """
    return "#" + "-".join(tag.casefold().split())


def count_tags(infos: Iterable[DocumentInfo]) -> list[tuple[str, int]]:
    """Returns the tags of documents by name, each with the number of documents that have it."""
    return sorted(Counter(tag for info in infos for tag in tags_of(info)).items())


def search_documents(infos: Iterable[DocumentInfo], search: str) -> list[DocumentInfo]:
    """Returns the documents that have all words of a search in their name, title, collection or tags.

    A word such as `#filing` stands for a whole tag.
    """
    words = search.casefold().split()
    return [info for info in infos if all(_has(info, word) for word in words)]


def _has(info: DocumentInfo, word: str) -> bool:
    tags = tags_of(info)
    if word.startswith("#"):
        return word in map(tag_word, tags)
    return word in " ".join((info.name, info.title, collection(info), *tags)).casefold()


def join_tags(tags: Sequence[str]) -> str:
    """Returns tags as a text that `parse_tags` reads."""
    return ", ".join(tags)
