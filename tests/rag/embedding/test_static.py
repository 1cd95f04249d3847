"""The embedded default embedding."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from PIL import Image, ImageDraw, ImageFont

from octavo.ingest import OctavoError
from octavo.rag.embedding import StaticEmbedder


def test_meaning_is_nearer_than_chance() -> None:
    question, near, far = StaticEmbedder().embed_texts(
        ["profit of the company", "earnings of the firm", "a yellow bird sings"]
    )
    assert question @ near > question @ far + 0.1


@settings(max_examples=30)
@given(st.lists(st.text(max_size=80), max_size=6))
def test_rows_are_unit_or_zero_and_the_same_alone_or_together(texts: list[str]) -> None:
    embedding = StaticEmbedder()
    rows = embedding.embed_texts(texts)
    assert rows.shape == (len(texts), embedding.dimension)
    for text, row in zip(texts, rows, strict=True):
        assert np.linalg.norm(row) == pytest.approx(1, abs=1e-4) or not row.any()
        assert np.allclose(row, embedding.embed_texts([text])[0], atol=1e-5)


def test_a_picture_is_embedded_by_its_words() -> None:
    embedding = StaticEmbedder()
    image = Image.new("RGB", (600, 120), "white")
    ImageDraw.Draw(image).text((20, 30), "quarterly revenue", fill="black", font=ImageFont.load_default(48))
    data = BytesIO()
    image.save(data, "PNG")
    row = np.array(embedding.embed_image(data.getvalue()))
    assert row @ embedding.embed_question("quarterly revenue") > 0.9
    blank = BytesIO()
    Image.new("RGB", (200, 200), "white").save(blank, "PNG")
    with pytest.raises(OctavoError, match="no words"):
        embedding.embed_image(BytesIO(blank.getvalue()))
