"""One page of a file: its screenshot, its text from the layer or by OCR, its elements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pymupdf
from PIL import Image

from octavo.ingest import fonts, forms, ocr, render, text_layer, unread
from octavo.ingest.content import PageContent
from octavo.ingest.described import with_described
from octavo.ingest.layout import figures, regions
from octavo.ingest.layout.detector import Features, Regions, detect_regions, hidden_text, write
from octavo.ingest.layout.tables.reader import Tables
from octavo.ingest.model import FIGURES, Box, Element, Kind, Line, Page, TextSource, join_text
from octavo.ingest.options import OcrMode, Profile, ReadOptions
from octavo.ingest.turn import turned_box, turned_element, upright

if TYPE_CHECKING:
    from octavo.ingest.readers import Source

MIN_PICTURE, MAX_PICTURE = 0.03, 0.9
"""Pictures of a smaller share of the page are not read for words; one of a larger share is the page's background."""


def read_page(source: Source, document: pymupdf.Document, number: int, options: ReadOptions) -> tuple[Page, bytes]:
    """Reads page `number` (from 0) of an open document; returns it with the WebP bytes of its screenshot.

    A layout that cannot be had costs the regions, not the text: `Page.problem` then says so.
    """
    problems: list[str] = []
    is_turned = bool(document[number].rotation)
    content, back = PageContent(upright(document[number])), 0
    if number in source.elements:
        image, frame = render.screenshot(source, content.page, options), content.frame
        elements, origin = source.elements[number], TextSource.LAYER
    else:
        text = _read_text(source, content, options, 0)
        image, frame, origin, problems = text.image, text.content.frame, text.origin, list(text.problems)
        elements, problem = _elements(text, options)
        elements = with_described(elements, source.described.get(number, ()), text.lines, frame)
        elements += tuple(forms.comments(text.content.page, len(elements), join_text(elements)))
        problems += [problem] if problem else []
        back = -text.turn if is_turned and origin is not TextSource.OCR else 0
    if origin is not TextSource.OCR and options.ocr is not OcrMode.NEVER and options.profile is not Profile.FAST:
        elements, has_ocr = _with_picture_words(image, frame, elements, options, from_file=number in source.elements)
        origin = TextSource.MIXED if has_ocr else origin
    if back:  # the file says how this page is shown
        elements = tuple(turned_element(e, back, frame) for e in elements)
        image, frame = image.rotate(-back, expand=True), turned_box(frame, back, frame)
    text_of_page = join_text(elements)
    return (
        Page(
            number=number,
            width=frame.width,
            height=frame.height,
            image_width=image.width,
            image_height=image.height,
            label=source.labels[number] if number < len(source.labels) else "",
            text=text_of_page,
            source=origin if text_of_page else TextSource.NONE,
            elements=elements,
            notes=source.notes.get(number, ""),
            hidden=number in source.hidden,
            problem="; ".join(problems),
        ),
        render.webp(image, options),
    )


@dataclass(frozen=True, slots=True)
class _Text:
    """A page, turned by `turn` degrees clockwise; its lines, their origin, and the words of those that OCR read.

    Of a scan, layout and tables are told by its picture, whatever text layer lies over it.
    """

    content: PageContent
    image: Image.Image
    lines: Sequence[Line]
    origin: TextSource
    turn: int
    words: Sequence[Line] = ()
    problems: tuple[str, ...] = ()
    is_scan: bool = False


def _read_text(
    source: Source, content: PageContent, options: ReadOptions, turned: int, *, final: bool = False
) -> _Text:
    """Reads the lines of a page, turned upright as its text layer or else its picture says.

    It was turned by `turned` degrees until then; one that is `final` is not turned once more.
    """
    if not final and (turn := text_layer.needed_turn(content)):
        content, turned = PageContent(upright(content.page, turn)), turned + turn
    image = render.screenshot(source, content.page, options, turned)
    layer = text_layer.read(content, image) if options.ocr is not OcrMode.ALWAYS else text_layer.Layer()
    lines = forms.with_fields(content.page, layer.lines)
    unseen = (_unseen(content.page.number, layer.unseen),) if layer.unseen else ()
    by_layer = _Text(content, image, lines, TextSource.LAYER, turned, (), unseen)
    if options.ocr is OcrMode.NEVER:
        return by_layer
    frame = content.frame
    garbled = text_layer.is_garbled(lines) or fonts.lie(
        layer.spans, image, image.width / frame.width, fonts.known_of(source.pdf)
    )
    pictures = _pictures(content)
    picture, outlines = image, list[Box]()
    if lines and not garbled and not text_layer.is_sparse(lines, _coverage(pictures, frame)):
        outlines = unread.outlined_text(content.page, lines)
        places = outlines or unread.scanned_pictures(pictures, frame, lines, image)
        if not places:
            return by_layer
        picture = unread.only(unread.without(image, frame, lines), frame, places)
    words = ocr.read_words(picture, options)
    if not final and (turn := ocr.needed_turn(image, words)):
        return _read_text(source, PageContent(upright(content.page, turn)), options, turned + turn, final=True)
    by_ocr, parts = _place_words(words, image, frame)
    if not lines or garbled:
        return _Text(content, image, by_ocr, TextSource.OCR, turned, parts, () if lines else unseen, is_scan=True)
    both = unread.merge_text(lines, [line for line, word in zip(by_ocr, words, strict=True) if unread.is_sure(word)])
    added = [line for line in both if line not in lines]
    if not added:
        return by_layer
    is_scan = not outlines and _letters(added) > 0.5 * _letters(lines)
    if not is_scan:
        write(content.page, added)
        content = PageContent(content.page)
    return _Text(content, image, both, TextSource.MIXED, turned, parts, unseen, is_scan)


def _elements(text: _Text, options: ReadOptions) -> tuple[tuple[Element, ...], str]:
    """Returns the elements of a page of which only picture and text layer are known, and a problem, else ""."""
    content, frame = text.content, text.content.frame
    drawings = figures.merge(
        [
            *figures.drawn_regions(text.image, frame, [line.box for line in text.lines]),
            *_large(_pictures(content), frame),
        ]
    )
    result, problem = _regions(text, _features(text, drawings, options.profile))
    tables = Tables(content, frame, text.image if text.is_scan else None, text.words)
    return regions.build_elements(frame, result, text.lines, drawings, tables), problem


def _pictures(content: PageContent) -> list[Box]:
    return [picture.box & content.frame for picture in content.pictures]


def _place_words(read_words: Sequence[ocr.OcrWord], image: Image.Image, frame: Box) -> tuple[list[Line], list[Line]]:
    """Returns lines that OCR read in a picture of `frame` (points), and their words."""
    x, y = frame.width / image.width, frame.height / image.height

    def placed(text: str, box: Box) -> Line:
        points = Box(frame.x0 + box.x0 * x, frame.y0 + box.y0 * y, frame.x0 + box.x1 * x, frame.y0 + box.y1 * y)
        return Line(text_layer.clean(text), points)

    words = [placed(*word) for piece in read_words for word in piece.parts]
    return [placed(piece.text, piece.box) for piece in read_words], words


def _features(text: _Text, drawings: Sequence[Box], profile: Profile) -> Features:
    """Returns the input of the layout model: its picture only where that shows more than lines of text and rules."""
    if profile is Profile.BALANCED:
        return Features.PICTURE if drawings or text.is_scan else Features.LINES
    return Features.PICTURE if profile is Profile.THOROUGH else Features.LINES


def _regions(text: _Text, features: Features) -> tuple[Regions, str]:
    if not text.lines:
        return [], ""
    page = text.content.page
    try:
        if not text.is_scan:
            return detect_regions(page, features), ""
        with hidden_text(text.content.frame, text.lines) as stand_in:
            return detect_regions(stand_in[0], features), ""
    except (RuntimeError, ValueError, IndexError, ZeroDivisionError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return [], f"page {page.number + 1}: its layout cannot be told ({reason}), so that its text has no regions"


def _with_picture_words(
    image: Image.Image, frame: Box, elements: tuple[Element, ...], options: ReadOptions, *, from_file: bool = False
) -> tuple[tuple[Element, ...], bool]:
    """Returns pictures in which the text layer says nothing, with the words that OCR reads in them.

    Where the elements are those `from_file`, what a picture says is what stands for it: its words come after.
    """
    x, y = image.width / frame.width, image.height / frame.height
    filled, has_ocr = list(elements), False
    for n, e in enumerate(elements):
        if e.kind not in FIGURES or e.box.area < MIN_PICTURE * frame.area or (len(e.text) > 20 and not from_file):
            continue
        crop = image.crop((int(e.box.x0 * x), int(e.box.y0 * y), round(e.box.x1 * x), round(e.box.y1 * y)))
        lines = tuple(_place_words(ocr.read_words(crop, options), crop, e.box)[0]) if min(crop.size) > 40 else ()
        if lines:
            has_ocr = True
            kind = Kind.CHART if figures.is_chart(lines) else e.kind
            lines = (*e.lines, *(line for line in lines if line.text not in e.text)) if from_file else lines
            filled[n] = replace(e, kind=kind, text=" ".join(line.text for line in lines), lines=lines)
    return tuple(filled), has_ocr


def _large(pictures: Sequence[Box], frame: Box) -> list[Box]:
    """Returns the pictures of a page that are regions: neither tiny ones nor a background that fills the page."""
    return [box for box in pictures if MIN_PICTURE * frame.area <= box.area <= MAX_PICTURE * frame.area]


def _unseen(number: int, count: int) -> str:
    those = "1 line that cannot be seen was" if count == 1 else f"{count} lines that cannot be seen were"
    return f"page {number + 1}: {those} left out"


def _coverage(pictures: Sequence[Box], frame: Box) -> float:
    """Returns the share of the page, in [0, 1], that its pictures cover."""
    return min(1.0, sum(box.area for box in pictures) / frame.area) if frame.area else 0.0


def _letters(lines: Sequence[Line]) -> int:
    return sum(c.isalnum() for line in lines for c in line.text)
