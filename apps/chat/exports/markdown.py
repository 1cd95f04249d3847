"""A conversation as Markdown with the pages it rests on, in one ZIP file."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from typing import IO

from octavo.apps.chat.exports.cited import cited_pages, own_picture, part_picture
from octavo.apps.chat.pictures import PicturePages
from octavo.apps.chat.turns import Turn
from octavo.ingest import OctavoError
from octavo.rag.images import encode_image

_MARKS = re.compile(r"([\\`*_{}\[\]()#+!|<>~-])")
_REFERENCE = re.compile(r"((?<!\\)(?:\\\\)*)\](?=[(:\[])")
_ADDRESS = re.compile(r"\b(https?|ftp|file|mailto|tel|javascript|data|[a-z][a-z0-9+-]{1,15}(?=://)):|\b(www)\.", re.I)


def write(turns: Sequence[Turn], title: str, pages: PicturePages, target: IO[bytes]) -> None:
    """Writes `conversation.md` and `pages/*.png`, cited boxes drawn on them, into the ZIP file `target`."""
    pictures: dict[str, bytes] = {}
    parts = [f"# {_text(title)}", *(_turn(turn, n, pages, pictures) for n, turn in enumerate(turns, 1))]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conversation.md", "\n\n".join(parts) + "\n")
        for name, data in pictures.items():
            archive.writestr(name, data)


def _turn(turn: Turn, number: int, pages: PicturePages, pictures: dict[str, bytes]) -> str:
    question = turn.asked
    parts = [f"## {number}. {_text(question.text) or 'A question without words'}"]
    for n, region in enumerate(question.regions, 1):
        parts.append(f"Asked about this part of {_text(region.name)}, page {region.page + 1}:")
        name = f"pages/{number}-asked-{n}.png"
        try:
            pictures[name] = encode_image(part_picture(region, pages), lossless=True)
            parts.append(f"![part]({name})")
        except OctavoError as error:
            parts.append(f"*{_text(str(error))}*")
    for n, picture in enumerate(question.pictures, 1):
        name = f"pages/{number}-picture-{n}.png"
        pictures[name] = encode_image(own_picture(picture, pages), lossless=True)
        parts.append(f"![picture]({name})")
    if turn.error or turn.answer is None:
        return "\n\n".join([*parts, f"*{_text(turn.error or 'No answer.')}*"])
    answer = turn.answer
    parts.append(_quote(answer.text))
    parts += [f"*{_text(problem)}*" for problem in answer.problems]
    ended = [f"Written by {_text(answer.model)}."] if answer.model else []
    ended += ["Stopped before its end."] if turn.stopped else []
    parts += [f"*{' '.join(ended)}*"] if ended else []
    for n, cited in enumerate(cited_pages(turn, pages), 1):
        numbers = ", ".join(f"[{number}]" for number in cited.numbers)
        place = f"{numbers} {_text(cited.name)}, page {cited.page}"
        if cited.picture is None:
            parts.append(f"{place} ({_text(cited.problem)})")
            continue
        pictures[f"pages/{number}-{n}.png"] = encode_image(cited.picture, lossless=True)
        parts.append(f"{place}:\n\n![{numbers}](pages/{number}-{n}.png)")
    return "\n\n".join(parts)


def _text(text: str) -> str:
    """Returns text that Markdown shows as it is."""
    return _dead(_MARKS.sub(r"\\\1", " ".join(text.split())))


def _quote(text: str) -> str:
    """Returns an answer's Markdown without HTML, and without pictures and links, which are a document's or a model's.

    >>> print(_quote("**So** [it](http://a.example) says, see www.a.example <b>"))
    **So** [it\\](http&#58;//a.example) says, see www&#46;a.example &lt;b>
    """
    return _dead(_REFERENCE.sub(r"\1\\]", text.replace("<", "&lt;").replace("![", "!\\[")))


def _dead(text: str) -> str:
    """Returns text in which no program finds an address to link."""
    return _ADDRESS.sub(lambda match: f"{match[1]}&#58;" if match[1] else f"{match[2]}&#46;", text)
