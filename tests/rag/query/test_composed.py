"""A picture and words that change it: what is searched for of both (composed retrieval)."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image, ImageDraw, ImageFont

from octavo.rag.query.question import parse_query_with_picture


@pytest.fixture(scope="module")
def chart() -> bytes:
    image = Image.new("RGB", (700, 260), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(40)
    draw.text((30, 30), "Ferry passengers, Norholm, 2016", fill="black", font=font)
    draw.text((30, 150), "Morning 412", fill="black", font=font)
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("question", "searched", "left_out"),
    [
        ("What does this chart show?", {"ferri", "norholm", "2016", "412"}, set()),
        ("The same for 2018", {"ferri", "norholm", "2018"}, {"2016", "412"}),
        ("What was it in 2016?", {"ferri", "norholm", "2016", "412"}, set()),
        ("The same for Eastmere instead of Norholm", {"ferri", "eastmer", "2016"}, {"norholm", "412"}),
        ("Dasselbe für Eastmere, aber nicht für Norholm", {"ferri", "2016"}, {"norholm", "412"}),
        ("Le même pour Eastmere au lieu de Norholm", {"ferri", "2016"}, {"norholm", "412"}),
    ],
)
def test_words_change_what_is_searched_for_of_a_picture(
    chart: bytes, question: str, searched: set[str], left_out: set[str]
) -> None:
    query = parse_query_with_picture(question, chart)
    english = set(query.terms_in("en"))
    assert searched <= english
    assert not left_out & english
