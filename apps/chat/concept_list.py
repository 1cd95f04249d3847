"""The concepts of a library as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from markupsafe import Markup
from PIL import Image

from octavo.apps.chat.markup import render
from octavo.ingest.store.concepts import Concept
from octavo.rag.images import data_url

SIDE = 80
"""Longest side of a concept's picture, pixels."""


def concept_list(concepts: Sequence[Concept], *, can_edit: bool) -> Markup:
    """The concepts, each with its first picture, and what may be done with it."""
    rows = [(concept, _picture(concept.pictures[0]) if concept.pictures else "") for concept in concepts]
    return render("concepts.html", concepts=rows, can_edit=can_edit)


def _picture(file: bytes) -> str:
    """Returns a small copy of a picture as a data URL."""
    with Image.open(BytesIO(file)) as image:
        small = image.convert("RGB")
    small.thumbnail((SIDE, SIDE))
    out = BytesIO()
    small.save(out, "JPEG")
    return data_url(out.getvalue())
