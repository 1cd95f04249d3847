"""`octavo demo`: documents, five questions, drawn pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from octavo.apps.samples import QUESTIONS
from tests.apps.cli.command import octavo


@pytest.mark.slow
def test_the_demo_comes_out_as_it_should(tmp_path: Path) -> None:
    done = octavo("demo", tmp_path / "demo")
    assert done.returncode == 0, done.stderr
    assert "5 of 5 came out as they should" in done.stdout
    for question, expected in QUESTIONS:
        assert question in done.stdout
        assert expected is None or expected in done.stdout
    assert f"octavo chat --library {tmp_path / 'demo' / 'library'}" in " ".join(done.stdout.split())
    drawn = sorted((tmp_path / "demo").glob("answer-*.png"))
    assert len(drawn) == 4
    for path in drawn:
        with Image.open(path) as page:
            assert min(page.size) > 500
