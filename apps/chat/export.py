"""A conversation as Markdown with the pages it rests on, in one ZIP file."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from typing import IO

from octavo.apps.chat.pictures import PREFIX, PicturePages
from octavo.apps.chat.turns import Turn
from octavo.ingest import OctavoError
from octavo.rag.answering.highlight import highlight
from octavo.rag.images import decode_image, encode_image

_MARKS = re.compile(r"([\\`*_{}\[\]()#+!|<>~-])")
_REFERENCE = re.compile(r"((?<!\\)(?:\\\\)*)\](?=[(:\[])")
_ADDRESS = re.compile(r"\b(https?|ftp|file|mailto|tel|javascript|data|[a-z][a-z0-9+-]{1,15}(?=://)):|\b(www)\.", re.I)


def write(turns: Sequence[Turn], title: str, pages: PicturePages, target: IO[bytes]) -> None:
    """Writes `conversation.md` and `pages/*.png`, cited boxes drawn on them, into the ZIP file `target`."""
    drawn: dict[str, bytes] = {}
    parts = [f"# {_text(title)}", *(_turn(turn, n, pages, drawn) for n, turn in enumerate(turns, 1))]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conversation.md", "\n\n".join(parts) + "\n")
        for name, data in drawn.items():
            archive.writestr(name, data)


def _turn(turn: Turn, number: int, pages: PicturePages, drawn: dict[str, bytes]) -> str:
    asked = turn.asked
    parts = [f"## {number}. {_text(asked.text) or 'A question without words'}"]
    if asked.spot:
        name = f"pages/{number}-asked.png"
        page = pages.page(asked.spot.document, asked.spot.page)
        image = decode_image(pages.image(page.image))
        drawn[name] = encode_image(image.crop(page.pixels(asked.spot.box, image.size)), lossless=True)
        parts.append(
            f"Asked about this part of {_text(asked.spot.name)}, page {asked.spot.page + 1}:\n\n![part]({name})"
        )
    for n, picture in enumerate(asked.pictures, 1):
        name = f"pages/{number}-picture-{n}.png"
        drawn[name] = encode_image(decode_image(pages.image(PREFIX + picture)), lossless=True)
        parts.append(f"![picture]({name})")
    if turn.error or turn.answer is None:
        return "\n\n".join([*parts, f"*{_text(turn.error or 'No answer.')}*"])
    answer = turn.answer
    parts.append(_quoted(answer.text))
    ended = [f"Written by {_text(answer.model)}."] if answer.model else []
    ended += ["Stopped before its end."] if turn.stopped else []
    parts += [f"*{' '.join(ended)}*"] if ended else []
    places = list(dict.fromkeys((c.document, c.page, c.name) for c in answer.citations))
    for n, (document, page_number, name) in enumerate(places, 1):
        cited = (c.number for c in answer.citations if (c.document, c.page) == (document, page_number))
        numbers = ", ".join(f"[{n}]" for n in dict.fromkeys(cited))
        file = f"pages/{number}-{n}.png"
        try:
            drawn[file] = encode_image(highlight(pages, document, page_number, answer.citations), lossless=True)
        except OctavoError as error:
            parts.append(f"{numbers} {_text(name)}, page {page_number + 1} ({_text(str(error))})")
            continue
        parts.append(f"{numbers} {_text(name)}, page {page_number + 1}:\n\n![{numbers}]({file})")
    return "\n\n".join(parts)


def _text(text: str) -> str:
    """Text that Markdown shows as it is."""
    return _dead(_MARKS.sub(r"\\\1", " ".join(text.split())))


def _quoted(text: str) -> str:
    """An answer's Markdown without HTML, and without pictures and links, which are a document's or a model's.

    >>> print(_quoted("**So** [it](http://a.example) says, see www.a.example <b>"))
    **So** [it\\](http&#58;//a.example) says, see www&#46;a.example &lt;b>
    """
    return _dead(_REFERENCE.sub(r"\1\\]", text.replace("<", "&lt;").replace("![", "!\\[")))


def _dead(text: str) -> str:
    """Text in which no program finds an address to link."""
    return _ADDRESS.sub(lambda match: f"{match[1]}&#58;" if match[1] else f"{match[2]}&#46;", text)
