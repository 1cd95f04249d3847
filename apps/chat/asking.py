"""From a question with pictures or a box on a page to an answer: what is searched for, and what it rests on."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

from octavo.apps.chat.endpoint import ChatEndpoint
from octavo.apps.chat.followups import Say, condense, reworded
from octavo.apps.chat.pictures import PicturePages
from octavo.apps.chat.preferences import Preferences
from octavo.apps.chat.turns import AskedQuestion, RegionSelection, Turn
from octavo.ingest import Box, Kind, LibraryError, OctavoError, Page, Region
from octavo.ingest.store.library import Library
from octavo.rag import Answer, Evidence, Finished, Level, Pipeline, Retrieved, Scope
from octavo.rag.evidence import Event
from octavo.rag.query.analysis import terms
from octavo.rag.query.question import parse_query_with_picture

WORDS = 40
"""Words of a picture or a box that are searched for."""
REMEMBERED = 3
"""Turns whose pictures stay in sight."""
LOOKED_AT = 12
"""Entries that are shown as looked at."""


@dataclass(frozen=True, slots=True)
class ChatQuery:
    """What a question comes to: `text` stands alone, `words` (of pictures and boxes) are searched for with it.

    `given` is evidence that the asker pointed at, pictures of earlier turns included; the first of it is `shown` with
    this question. `note` says how `text` came about where that is not as it should be.
    """

    text: str
    words: str = ""
    given: tuple[Evidence, ...] = ()
    shown: bool = False
    note: str = ""

    @property
    def searched(self) -> str:
        """The text of the search."""
        return f"{self.text} {self.words}".strip()


def understand(
    asked: AskedQuestion, before: Sequence[Turn], pages: PicturePages, say: Say | None = None, *, sees: bool = False
) -> ChatQuery:
    """The query of a question after the turns `before` it; `say` asks the model, where there is one.

    `sees` says that pictures themselves are searched for, beside the words in them.

    Raises `OctavoError` where there is nothing to search for.
    """
    text, note = asked.text.strip(), ""
    if before and text and not asked.pictures and not asked.spot:
        if say:
            said = [(turn.meant, turn.answer.text if turn.answer else "") for turn in before]
            text, note = reworded(text, said, say)
        else:
            text = condense(text, before[-1].meant)
    given = [pages.evidence(picture) for picture in asked.pictures]
    if asked.spot:
        given.insert(0, _pointed_at(asked.spot))
    words = " ".join(" ".join(e.text.split()[:WORDS]) for e in given)
    shown = bool(given)
    if not (words or (shown and sees)) and (not text or (asked.spot and say is None)):
        raise OctavoError(
            "No words can be read there: mark a part with text, or connect a model that sees pictures, under Settings."
        )
    for turn in before[-REMEMBERED:]:
        given += [pages.evidence(picture) for picture in turn.asked.pictures if picture not in asked.pictures]
    return ChatQuery(text, words, tuple(given), shown, note)


def select_region(library: Library, document: str, page: int, box: Box) -> RegionSelection:
    """A box drawn on a page, cut at its edges, with the words in it; raises `OctavoError` for one without area."""
    found = library.page(document, page)
    box = box & found.box
    if not (box.width >= 2 and box.height >= 2):
        raise OctavoError("The box is too small: draw it around what you mean.")
    return RegionSelection(document, library.info(document).name, page, box, words_in(found, box))


def words_in(page: Page, box: Box) -> str:
    """The text of the lines that lie in a box for more than half; those of a figure's caption come with the figure."""
    inside = [line.text for e in page.elements for line in e.lines if line.box.coverage(box) > 0.5]
    figures = {e.index for e in page.elements if e.box.coverage(box) > 0.5}
    captions = [e.text for e in page.elements if e.about in figures and e.about is not None]
    return "\n".join(dict.fromkeys([*inside, *captions]))


def _pointed_at(spot: RegionSelection) -> Evidence:
    return Evidence(
        id=f"{spot.document}/p{spot.page}#drawn",
        level=Level.ELEMENT,
        document=spot.document,
        name=spot.name,
        title=spot.name,
        page=spot.page,
        heading="",
        text=spot.words,
        regions=(Region(spot.page, spot.box),),
        score=1.0,
        kind=Kind.FIGURE,
    )


def _inside(asked: AskedQuestion, query: ChatQuery, pages: PicturePages) -> Evidence | None:
    """The lines in a drawn box as evidence, where they share a term with the question."""
    if not asked.spot or not set(terms(query.text, stop_words=False)) & set(terms(asked.spot.words, stop_words=False)):
        return None
    box = asked.spot.box
    elements = pages.page(asked.spot.document, asked.spot.page).elements
    lying = [e.index for e in elements if any(line.box.coverage(box) > 0.5 for line in e.lines)]
    regions = tuple(Region(asked.spot.page, box, index) for index in lying)
    return replace(_pointed_at(asked.spot), regions=regions, kind=None) if regions else None


def stream(
    pipeline: Pipeline,
    endpoint: ChatEndpoint,
    pages: PicturePages,
    preferences: Preferences,
    asked: AskedQuestion,
    query: ChatQuery,
    unread: int = 0,
) -> Generator[Event]:
    """`Retrieved`, then the answer in pieces, then whole: as `Pipeline.stream`, with what the asker pointed at first.

    A model sees what was pointed at. A quoted answer rests on a drawn box where that says something of what is asked,
    and not on pictures: those it would only repeat.
    """
    if not preferences.llm_url and not query.given:
        yield from _quoted(pipeline, preferences, asked, query, unread)
        return
    index = pipeline.index
    try:
        kept, looked_at = _ranked(pipeline, pages, preferences, asked, query)
    except LibraryError:
        if pipeline.index is index:
            raise
        kept, looked_at = _ranked(pipeline, pages, preferences, asked, query)  # it was embedded anew meanwhile
    question = query.searched
    if preferences.llm_url:
        kept, question = [*query.given, *kept], query.text or "What does this show?"
    elif inside := _inside(asked, query, pages):
        kept, question = [inside, *kept], query.text
    yield Retrieved(tuple(kept), looked_at)
    if not kept:
        text = _nothing(looked_at, preferences.threshold, unread)
        yield Finished(Answer(query.text, text, looked_at=looked_at, abstained=True))
        return
    settings = preferences.applied(pipeline.settings)
    for event in endpoint.stream(settings, pages, question, kept):
        if isinstance(event, Finished):
            event = Finished(replace(event.answer, looked_at=looked_at))
        yield event


def _quoted(
    pipeline: Pipeline, preferences: Preferences, asked: AskedQuestion, query: ChatQuery, unread: int
) -> Generator[Event]:
    """`Pipeline.stream` in words for the chat."""
    index = pipeline.index
    events = partial(
        pipeline.stream,
        query.searched,
        level=preferences.level,
        threshold=0.0 if asked.anyway else preferences.threshold,
        scope=Scope(documents=asked.documents),
        settings=preferences.applied(pipeline.settings),
    )
    try:
        stream = events()
        first = next(stream)
    except LibraryError:
        if pipeline.index is index:
            raise
        stream = events()  # it was embedded anew meanwhile
        first = next(stream)
    for event in chain([first], stream):
        if isinstance(event, Finished) and event.answer.abstained and not event.answer.looked_at:
            event = Finished(replace(event.answer, text=_nothing((), preferences.threshold, unread)))
        yield event


def _ranked(
    pipeline: Pipeline, pages: PicturePages, preferences: Preferences, asked: AskedQuestion, query: ChatQuery
) -> tuple[list[Evidence], tuple[Evidence, ...]]:
    """What an answer may rest on, and what was looked at."""
    reranker = pipeline.reranker(preferences.k, 0.0 if asked.anyway else preferences.threshold)
    picture = pages.cut(query.given[0]) if query.shown and pipeline.index.embedding.supports_images else None
    parsed = parse_query_with_picture(query.searched, picture, pipeline.settings.query)
    retriever = pipeline.retriever(preferences.level, Scope(documents=asked.documents))
    ranked = reranker.rank(parsed, retriever.retrieve(parsed))
    selected = [candidate.as_evidence() for candidate in reranker.select(ranked)]
    return selected, tuple(candidate.as_evidence() for candidate in ranked[:LOOKED_AT])


def being_read(count: int) -> str:
    """How many files are on their way.

    >>> being_read(1), being_read(8)
    ('1 file is still being read', '8 files are still being read')
    """
    return f"{count} file{'s are' if count != 1 else ' is'} still being read"


def _nothing(looked_at: Sequence[Evidence], threshold: float, unread: int) -> str:
    if not looked_at and unread:
        return f"{being_read(unread)}: ask again when the first is done."
    if not looked_at:
        return "There is nothing to look in: add documents, or tick more of them."
    best = looked_at[0]
    return (
        f"The documents do not seem to answer this. The nearest place, {best.name}, page {best.page + 1}, has a "
        f"relevancy of {best.score:.2f}; an answer needs {threshold:.2f}."
    )
