"""Answers questions of the chat: the search for a question with pictures or boxes on pages, and the answer."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace

from octavo.apps.addresses import hidden_addresses, hide_address, without_address
from octavo.apps.chat.pictures import PicturePages
from octavo.apps.chat.preferences import Preferences
from octavo.apps.chat.turns import AskedQuestion, RegionSelection, Turn
from octavo.apps.turns import SearchPlaces
from octavo.ingest import Box, OctavoError
from octavo.ingest.store.documents import DocumentStore
from octavo.rag import Delta, Evidence, Finished, PageRegion, Pipeline, QuestionContext, Scope
from octavo.rag.evidence import Event
from octavo.rag.query.followups import Say, condense, reword
from octavo.rag.regions import find_region, region_words
from octavo.rag.removals import repeat_until

WORDS = 40
"""Words of a picture or a box that are searched for."""
MOST_REGIONS = 8
"""Parts of pages that one question takes."""
CONTEXT_TURNS = 3
"""Turns whose pictures a model still sees."""


@dataclass(frozen=True, slots=True)
class ChatQuery:
    """A question as it is asked of the pipeline: `text` stands alone, `words` (of pictures and boxes) are searched
    for with it.

    `pictures` are those of the question, then of earlier turns, as evidence; the first `own` are the question's.
    `note` says how `text` came about where that is not as it should be.
    """

    text: str
    words: str = ""
    pictures: tuple[Evidence, ...] = ()
    own: int = 0
    note: str = ""

    @property
    def search_text(self) -> str:
        """The text of the search."""
        return f"{self.text} {self.words}".strip()


def understand(
    question: AskedQuestion,
    before: Sequence[Turn],
    pages: PicturePages,
    say: Say | None = None,
    *,
    supports_images: bool = False,
    hidden: str = "",
) -> ChatQuery:
    """Returns the query of a question after the turns `before` it; `say` asks the model, where there is one.

    `supports_images` says that pictures themselves are searched for, beside the words in them. `hidden` is the address
    of a model server that the note does not name.

    Raises `OctavoError` where there is nothing to search for.
    """
    text, note = question.text.strip(), ""
    if before and text and not question.pictures and not question.regions:
        if say:
            turns = [(turn.resolved_text, turn.answer.text if turn.answer else "") for turn in before]
            text, note = reword(text, turns, say)
        else:
            text = condense(text, before[-1].resolved_text)
    pictures = [pages.evidence(picture) for picture in question.pictures]
    texts = [*(region.words for region in question.regions), *(e.text for e in pictures)]
    words = " ".join(" ".join(one.split()[:WORDS]) for one in texts)
    is_seen = supports_images and bool(texts)
    if not (words or is_seen) and (not text or (question.regions and say is None)):
        raise OctavoError(
            "No words can be read there: mark a part with text, or connect a model that sees pictures, under Settings."
        )
    earlier = [picture for turn in before[-CONTEXT_TURNS:] for picture in turn.asked.pictures]
    pictures += [pages.evidence(picture) for picture in earlier if picture not in question.pictures]
    return ChatQuery(text, words, tuple(pictures), len(question.pictures), hide_address(note, hidden))


def select_region(library: DocumentStore, document: str, page: int, box: Box) -> RegionSelection:
    """A box drawn on a page, cut at its edges, with the words in it; of a point, the element under it.

    Raises `OctavoError` for a box that holds nothing.
    """
    region = find_region(library, PageRegion(document, page, box))
    words = region_words(library.page(region.document, page), region.box)
    return RegionSelection(region.document, library.info(region.document).name, page, region.box, words)


def stream(
    pipeline: Pipeline,
    places: SearchPlaces,
    pages: PicturePages,
    preferences: Preferences,
    question: AskedQuestion,
    query: ChatQuery,
    unread: int = 0,
    hidden: str = "",
) -> Generator[Event]:
    """Yields the events of `Pipeline.stream`, with an abstention for want of documents in the chat's words.

    Its search takes one of `places`. A model is shown the pictures; a quoted answer would only repeat what is read in
    them. Neither events nor errors name the model server at `hidden`.
    """

    def events() -> Iterator[Event]:
        settings = preferences.apply_to(pipeline.settings)
        answer = pipeline.stream(
            query.text,
            level=preferences.level,
            threshold=0.0 if question.anyway else preferences.threshold,
            scope=_scope(pipeline, question),
            region=[PageRegion(region.document, region.page, region.box) for region in question.regions],
            context=_context(pipeline, pages, preferences, question, query),
            settings=settings,
        )
        return places.begin(answer, settings)

    # others may remove documents of its scope, or embed the library again
    with hidden_addresses() if hidden else nullcontext():
        for event in repeat_until(pipeline.library, events, lambda event: isinstance(event, Delta)):
            if isinstance(event, Finished) and event.answer.abstained and not event.answer.candidates:
                event = Finished(replace(event.answer, text=_nothing(unread)))
            yield without_address(event, hidden)


def _scope(pipeline: Pipeline, question: AskedQuestion) -> Scope:
    """Returns where a question looks: the documents that were chosen for it, but those that were removed since."""
    if question.documents is None:
        return Scope()
    return Scope(documents=tuple(document for document in question.documents if pipeline.library.has(document)))


def _context(
    pipeline: Pipeline, pages: PicturePages, preferences: Preferences, question: AskedQuestion, query: ChatQuery
) -> QuestionContext:
    """Returns the context that the question's pictures and those of earlier turns give."""
    is_seen = query.own and not question.regions and pipeline.index.embedding.supports_images
    picture = pages.crop(query.pictures[0]) if is_seen else None
    if not (preferences.llm_url and query.pictures):
        return QuestionContext(query.search_text, picture)
    return QuestionContext(query.search_text, picture, query.pictures, pages)


def being_read(count: int) -> str:
    """Returns the number of files that are being read, in words.

    >>> being_read(1), being_read(8)
    ('1 file is still being read', '8 files are still being read')
    """
    return f"{count} file{'s are' if count != 1 else ' is'} still being read"


def _nothing(unread: int) -> str:
    if unread:
        return f"{being_read(unread)}: ask again when the first is done."
    return "There is nothing to look in: add documents, or tick more of them."
