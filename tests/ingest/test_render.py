"""Screenshots: never over their bounds, the same from either renderer, and in one sentence where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from hypothesis import example, given, strategies as st
from PIL import Image

from octavo.ingest import MissingToolError, ReadOptions, Renderer
from octavo.ingest.readers import Source, open as open_source
from octavo.ingest.render import WEBP_SIDE, pixels, resolution, screenshot, webp
from tests.conftest import make_pdf


@given(
    width=st.floats(0, 1e6), height=st.floats(0, 1e6), dpi=st.integers(36, 600), most=st.integers(10_000, 100_000_000)
)
@example(width=0, height=0, dpi=144, most=10_000)
def test_no_page_passes_the_pixel_budget_or_what_webp_holds(width: float, height: float, dpi: int, most: int) -> None:
    found = resolution(width, height, ReadOptions(dpi=dpi, max_pixels=most))
    x, y = width * found / 72, height * found / 72
    assert 0 < found <= dpi
    assert x * y <= most * (1 + 1e-9)
    assert max(x, y) <= WEBP_SIDE * (1 + 1e-9)


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return open_source(make_pdf(tmp_path / "report.pdf"), ReadOptions(), workdir=tmp_path)


@pytest.fixture
def page(source: Source) -> Iterator[pymupdf.Page]:
    with pymupdf.open(source.pdf) as document:
        yield document[0]


def test_a_page_is_drawn_at_its_resolution(source: Source, page: pymupdf.Page) -> None:
    image = screenshot(source, page, ReadOptions(dpi=72))
    assert (image.mode, image.size) == ("RGB", (595, 842))


def test_without_poppler_the_package_is_named(
    source: Source, page: pymupdf.Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingToolError, match=r"install poppler-utils, or use the renderer pymupdf"):
        screenshot(source, page, ReadOptions(renderer=Renderer.POPPLER))


def test_a_page_of_few_colors_is_stored_without_loss() -> None:
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_textbox((72, 72, 520, 700), "All the plants report by the third of May. " * 60, fontsize=11)
        image = pixels(page, 144)
    stored = Image.open(BytesIO(webp(image, ReadOptions(webp_quality=1)))).convert("RGB")
    lossy = BytesIO()
    image.save(lossy, "WEBP", quality=80, method=2)
    assert np.abs(np.asarray(stored).astype(int) - np.asarray(image)).max() <= 8
    assert stored.getextrema() == image.getextrema() == ((0, 255),) * 3
    assert len(webp(image, ReadOptions())) < 0.6 * len(lossy.getvalue())


def test_a_page_of_many_colors_is_compressed_as_asked() -> None:
    ramp = np.linspace(0, 255, 600 * 400 * 3).reshape(400, 600, 3)
    image = Image.fromarray((ramp * np.random.default_rng(7).uniform(0.5, 1, ramp.shape)).astype(np.uint8))
    sizes = [len(webp(image, ReadOptions(webp_quality=quality))) for quality in (20, 80)]
    assert sizes[0] < 0.5 * sizes[1]
