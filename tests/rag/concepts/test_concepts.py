"""Concepts of the user's own: kept, recalled by names and pictures, given to answers, found in documents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from octavo.ingest import LibraryError, OctavoError
from octavo.rag import Pipeline, Settings
from octavo.rag.images import encode_image
from octavo.rag.index.similar_pictures import similarity
from tests.apps.cli.command import octavo
from tests.rag.model_server import Reply, serving

PRESS = """<html><body><h1>Presses</h1><p>The Larkfield LX-9 costs 48,200 crowns.</p>
<p>The Moorend M-4 costs 31,500 crowns.</p><h1>Birds</h1>
<p>The kestrel breeds in towers and eats mice.</p></body></html>"""


@pytest.fixture
def pipeline(tmp_path: Path) -> Iterator[Pipeline]:
    (tmp_path / "presses.html").write_text(PRESS)
    with Pipeline(tmp_path / "library") as opened:
        opened.ingest(tmp_path / "presses.html")
        yield opened


def drawing(seed: int, size: int = 360) -> Image.Image:
    """Shapes in places that the seed decides."""
    draw_numbers = np.random.default_rng(seed)
    image = Image.new("RGB", (size, size), "white")
    draw = ImageDraw.Draw(image)
    for _ in range(40):
        x, y, w, h = (int(n) for n in draw_numbers.integers(0, size * 3 // 4, 4))
        color = tuple(int(n) for n in draw_numbers.integers(0, 200, 3))
        draw.rectangle((x, y, x + w // 3 + 5, y + h // 3 + 5), fill=color, outline="black")
    return image


def file(image: Image.Image) -> bytes:
    return encode_image(image, lossless=True)


def test_an_alias_finds_what_the_documents_call_by_its_name(pipeline: Pipeline) -> None:
    asked = "What does our flagship cost?"
    assert pipeline.ask(asked).abstained or "48,200" not in pipeline.ask(asked).text
    pipeline.concepts.add("Larkfield LX-9", aliases=["our flagship"])
    assert "48,200" in pipeline.ask(asked).text
    pipeline.concepts.edit("larkfield lx-9", rename="Moorend M-4")  # in force at the next question
    assert "31,500" in pipeline.ask(asked).text
    assert "M-4" in pipeline.search(asked, level="chunk", k=1)[0].text
    pipeline.concepts.remove("Moorend M-4")
    assert pipeline.ask(asked).abstained or "31,500" not in pipeline.ask(asked).text


def test_a_note_is_cited_as_the_users_word(pipeline: Pipeline) -> None:
    pipeline.concepts.add("Larkfield LX-9", aliases=["our flagship"], note="It is sold by Ann Ferrow.")
    answer = pipeline.ask("Who is our flagship sold by?")
    [citation] = answer.citations
    assert (citation.name, citation.part, citation.boxes) == ("Larkfield LX-9, a concept of yours", "concept", ())
    assert citation.quote == "It is sold by Ann Ferrow."
    assert "Ann Ferrow" not in pipeline.ask("What does our flagship cost?").text


def test_a_model_is_given_notes_and_pictures_of_concepts(pipeline: Pipeline) -> None:
    pipeline.concepts.add("Larkfield LX-9", aliases=["our flagship"], note="Sold by Ann.", pictures=[drawing(1)])
    with serving(Reply(["Ann sells it [1]."]), models=[{"id": "tiny", "max_model_len": 32_000}]) as server:
        settings = pipeline.settings.model_copy(update={"llm_url": server.url})
        answer = pipeline.ask("Who sells our flagship?", settings=settings)
    assert answer.citations[0].part == "concept"
    assert "Sold by Ann." in server.prompt()
    assert "48,200" in server.prompt()
    assert "Picture of evidence [1]" in server.prompt()
    assert server.images()
    off = pipeline.settings.model_copy(update={"concepts": 0})
    assert "Ann" not in pipeline.ask("Who sells our flagship?", settings=off).text


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("What does OUR FLAGSHIP cost?", ["Larkfield LX-9"]),
        ("What do our flagships cost?", []),
        ("Is it sold by IT?", ["Information technology"]),
        ("What does the Larkfield LX-9's motor weigh, and the Larkfield?", ["Larkfield LX-9", "Larkfield"]),
        ("Where is Zurich?", ["Zürich"]),
    ],
)
def test_concepts_are_named_by_whole_words(pipeline: Pipeline, question: str, names: list[str]) -> None:
    for name, aliases in {"Larkfield LX-9": ["our flagship"], "Larkfield": [], "Information technology": ["IT"],
                          "Zürich": []}.items():  # fmt: skip
        pipeline.concepts.add(name, aliases=aliases)
    assert [recalled.concept.name for recalled in pipeline.concepts.recall(question, k=3)] == names


def test_a_concept_is_known_by_its_picture(pipeline: Pipeline) -> None:
    own, other = drawing(1), drawing(2)
    pipeline.concepts.add("Larkfield LX-9", pictures=[file(own)])
    pipeline.concepts.add("Moorend M-4", pictures=[file(other)])
    changed = {
        "the same": own,
        "smaller": own.resize((190, 190)),
        "gray": ImageOps.grayscale(own).convert("RGB"),
        "in other colors": ImageOps.colorize(ImageOps.grayscale(own), "navy", "khaki"),
        "cut": own.crop((40, 60, 340, 330)),
        "a part of a page": _on_page(own),
    }
    for name, image in changed.items():
        assert [r.concept.name for r in pipeline.concepts.recall("", file(image))] == ["Larkfield LX-9"], name
    assert pipeline.concepts.recall("", file(drawing(3))) == []
    assert similarity(file(own), file(other)) == 0
    answer = pipeline.ask("What does this cost?", picture=file(own))
    assert "48,200" in answer.text


def _on_page(image: Image.Image) -> Image.Image:
    page = Image.new("RGB", (700, 900), "white")
    page.paste(image.resize((300, 300)), (200, 420))
    return page


def test_mentions_of_a_concept(pipeline: Pipeline) -> None:
    concepts = pipeline.concepts
    concepts.add("Kestrel", note="A bird of prey that breeds in towers and catches mice.")
    [place] = concepts.where("kestrel")
    assert (place.name, place.page_number) == ("presses.html", 1)
    assert "breeds in towers" in place.text
    line = next(
        line for e in pipeline.document("presses.html").elements for line in e.lines if "kestrel" in line.text.lower()
    )
    assert line.box.x0 < place.box.x0 < place.box.x1 < line.box.x1
    concepts.edit("Kestrel", note="The quarterly budget software of the finance department.")
    assert concepts.where("Kestrel") == []  # the name, of something else
    concepts.add("breeds in towers", note="The quarterly budget software of the finance department.")
    [place] = concepts.where("breeds in towers")  # hardly anything else has a name of several words
    assert place.page_number == 1


def test_invalid_concepts_are_refused_with_a_reason(pipeline: Pipeline, tmp_path: Path) -> None:
    pipeline.concepts.add("Kestrel")
    with pytest.raises(LibraryError, match="There is a concept 'Kestrel' already"):
        pipeline.concepts.add("KESTREL")
    with pytest.raises(LibraryError, match="There is no concept 'Merlin'"):
        pipeline.concepts.edit("Merlin", note="x")
    with pytest.raises(OctavoError, match="1 to 200 letters"):
        pipeline.concepts.add(" - ")
    with pytest.raises(OctavoError, match="at most 4,000 letters"):
        pipeline.concepts.add("Merlin", note="x" * 5_000)
    with pytest.raises(OctavoError, match="cannot be read as a picture"):
        pipeline.concepts.add("Merlin", pictures=[b"none"])


def test_concepts_outlive_the_pipeline_and_go_with_a_backup(pipeline: Pipeline, tmp_path: Path) -> None:
    pipeline.concepts.add("Kestrel", category="bird", note="n", aliases=["hawk"], pictures=[drawing(1, 60)])
    assert octavo("backup", tmp_path / "copy", "--library", tmp_path / "library").returncode == 0
    with Pipeline(Settings(library=tmp_path / "copy")) as copy:
        [concept] = copy.concepts.all()
    assert (concept.name, concept.aliases, concept.category, concept.note) == ("Kestrel", ("hawk",), "bird", "n")
    assert concept.pictures[0].startswith(b"\x89PNG")


def test_the_commands(pipeline: Pipeline, tmp_path: Path) -> None:
    library = ("--library", tmp_path / "library")
    drawing(1).save(tmp_path / "press.png")
    added = octavo("concept", "add", "Larkfield LX-9", "--alias", "our flagship", "--note", "Sold by Ann.",
                   "--picture", tmp_path / "press.png", *library)  # fmt: skip
    assert added.stdout == "Larkfield LX-9 (our flagship); 1 picture\n  Sold by Ann.\n", added.stderr
    edited = octavo("concept", "edit", "larkfield lx-9", "--note", "A press that costs 48,200 crowns.", *library)
    assert "48,200" in edited.stdout
    [listed] = json.loads(octavo("concept", "list", "--json", *library).stdout)
    assert (listed["aliases"], listed["pictures"]) == (["our flagship"], 1)
    assert octavo("concept", "where", "Larkfield LX-9", *library).stdout.startswith("presses.html, page 1, box ")
    asked = octavo("ask", "What does our flagship cost?", *library)
    assert "48,200" in asked.stdout
    assert (
        octavo("concept", "remove", "Larkfield LX-9", *library).stdout
        == "removed Larkfield LX-9 (our flagship); 1 picture\n"
    )
    assert "no concepts" in octavo("concept", "list", *library).stdout
