"""Pictures of questions: kept small, seen as pages, cut out as evidence."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image

from octavo.apps.chat.options import ChatOptions
from octavo.apps.chat.pictures import PREFIX, keep
from octavo.apps.chat.service import ChatService
from octavo.ingest import Box
from octavo.rag import PageRegion
from octavo.rag.regions import region_evidence


def test_a_large_picture_is_kept_smaller_and_is_a_page(service: ChatService, tmp_path: Path) -> None:
    Image.new("RGB", (400, 200), "red").save(tmp_path / "p.png")
    picture = keep(tmp_path / "p.png", "", service.history, ChatOptions(picture_side=100))
    page = service.pages("").page(PREFIX + picture, 0)
    assert (page.width, page.height) == (100, 50)
    evidence = service.pages("").evidence(picture)
    assert evidence.regions[0].box == page.box
    assert Image.open(BytesIO(service.pages("").crop(evidence))).size == (100, 50)


def test_a_part_of_a_page_is_cut_out_of_it(service: ChatService) -> None:
    report = next(info.id for info in service.pipeline.documents() if info.name == "report.pdf")
    evidence = region_evidence(service.pipeline.library, PageRegion(report, 1, Box(50, 100, 250, 150)))
    cut = Image.open(BytesIO(service.pages("").crop(evidence)))
    assert cut.width / cut.height > 3.8
