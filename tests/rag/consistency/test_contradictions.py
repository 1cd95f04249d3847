"""Quantities that contradict each other in a document."""

from __future__ import annotations

from pathlib import Path

import pytest

from octavo.ingest import LibraryError, read_document
from octavo.rag import Pipeline, Settings
from octavo.rag.consistency import find_contradictions
from tests.apps.cli.command import octavo
from tests.rag.model_server import Reply, serving

TABLE = """<h1>Works</h1><table><caption>Operating costs, in thousands of pounds</caption>
<tr><th>Department</th><th>2017</th><th>2018</th></tr>
<tr><td>Street lighting</td><td>4,120</td><td>4,310</td></tr>
<tr><td>Winter services</td><td>1,077</td><td>1,240</td></tr>
<tr><td>Public libraries</td><td>2,400</td><td>2,650</td></tr></table>"""
GLANCE = """<table><caption>Costs at a glance, in thousands of pounds</caption><tr><th>Department</th><th>2018</th></tr>
<tr><td>Street lighting</td><td>4,310</td></tr><tr><td>Winter services</td><td>{}</td></tr>
<tr><td>Public libraries</td><td>2,650</td></tr></table>"""


QUARTER = """<table><tr><th></th><th>Shares bought back</th></tr><tr><td>Harbour shares</td><td>{}</td></tr>
<tr><td>Dividends</td><td>410</td></tr><tr><td>Fees paid</td><td>26</td></tr></table>"""


def pairs(html: str) -> list[tuple[str, str]]:
    document = read_document(f"<html><body>{html}</body></html>".encode(), name="works.html").document
    return [(c.first.text, c.second.text) for c in find_contradictions(document)]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (f"{TABLE}<p>In 2018, winter services amounted to £1.94 million.</p>", [("1,240", "£1.94 million")]),
        (f"{TABLE}<p>In 2018, winter services amounted to £1.24 million.</p>", []),
        (f"{TABLE}<p>In 2016, winter services amounted to £1.94 million.</p>", []),
        (f"{TABLE}<p>A budget of £1.94 million is planned for winter services in 2018.</p>", []),
        (f"{TABLE}<p>About £1.3 million was spent on winter services in 2018.</p>", []),
        (f"{TABLE}<p>In the northern district, winter services cost £0.6 million in 2018.</p>", []),
        (TABLE + GLANCE.format("1,420"), [("1,240", "1,420")]),
        (TABLE + GLANCE.format("1,240"), []),
        (
            "<p>The mill sold 3,400 tonnes of flour in 2019.</p><p>In 2019 the mill sold 4,300 tonnes of flour.</p>",
            [("3,400 tonnes", "4,300 tonnes")],
        ),
        (
            "<p>The mill sold 3,400 tonnes of flour in 2019.</p><p>In 2020 the mill sold 4,300 tonnes of flour.</p>",
            [],
        ),
        (
            "<p>For in-network care the copayment is around $100.</p>"
            "<p>For out-of-network care the copayment is around $150.</p>",
            [],
        ),
        (f"{TABLE}<p>Winter services in the year that ended on December 31, 2018.</p>", []),
        ("<p>Norholm, Kings Quay 20549</p><table><tr><td>Norholm</td><td>91-1144442</td></tr></table>", []),
        (
            "<p>12,400 shares</p><table><tr><td></td><td>Shares</td></tr><tr><td>All</td><td>37,100</td></tr></table>",
            [],
        ),
        (f"{TABLE}<h2>Ferries</h2>{GLANCE.format('1,240').replace('Winter services', 'Other')}", []),
        (QUARTER.format(280) + QUARTER.format(560), [("280", "560")]),
        (TABLE + TABLE.replace("1,240", "1,420"), [("1,240", "1,420")]),
        (TABLE + TABLE.replace("1,240", "1,420").replace("1,077", "1,770"), []),
        ("<p>The rule classifies bonds within Level 1.</p><p>The rule classifies bonds within Level 2.</p>", []),
        (f"{TABLE}<p>Winter services cost £1 million in 2018.</p>", []),
        (f"{TABLE.replace('2018', 'January 29, 2018')}<p>Winter services cost £1.94 million in fiscal 2018.</p>", []),
        (
            f"{TABLE.replace('2018', 'May 29, 2018')}<p>On May 29, 2018 winter services had cost £1.94 million.</p>",
            [("1,240", "£1.94 million")],
        ),
        (
            "<table><tr><th>Part</th><th>Page</th></tr><tr><td>Winter services</td><td>78</td></tr></table>"
            "<p>Winter services cost £161.</p>",
            [],
        ),
        (
            f"<h2>The three months ended in June</h2>{QUARTER.format(280)}"
            f"<h2>The nine months ended in June</h2>{QUARTER.format(560)}",
            [],
        ),
        (QUARTER.format(280) + QUARTER.format(560).replace("Harbour shares", "Shares of the harbour"), []),
        (
            "<h2>North</h2><p>The mills ground 3,400 tonnes of wheat.</p><p>The mills stored 200 tonnes of wheat.</p>"
            "<h2>South</h2><p>The mills ground 4,300 tonnes of wheat.</p><p>The mills stored 500 tonnes of wheat.</p>",
            [],
        ),
        (
            "<h2>North</h2><p>The mills ground 3,400 tonnes of wheat.</p><p>The mills stored 200 tonnes of wheat.</p>"
            "<h2>Summary</h2><p>The mills ground 4,300 tonnes of wheat.</p>",
            [("3,400 tonnes", "4,300 tonnes")],
        ),
        (
            "<p>Fuel had an unfavorable impact of 3%.</p><p>Fuel had an unfavorable impact of 4%.</p>",
            [],
        ),
    ],
)
def test_pairs_that_contradict_each_other(html: str, expected: list[tuple[str, str]]) -> None:
    assert pairs(html) == expected


def test_places_have_pages_and_boxes_of_cells() -> None:
    text = f"<html><body>{TABLE}<p>Street lighting came to £3.41 million in 2018.</p></body></html>"
    document = read_document(text.encode(), name="works.html").document
    [found] = find_contradictions(document)
    assert found.subject == "light street"
    [table] = [e.table for e in document.pages[0].elements if e.table]
    assert found.first.box == next(cell.box for cell in table.cells if cell.text == "4,310")
    assert (found.first.page, found.second.page_number) == (0, 1)
    assert "Street lighting came to" in found.second.quote


@pytest.fixture
def library(tmp_path: Path) -> Path:
    (tmp_path / "works.html").write_text(f"<html><body>{TABLE}<p>In 2018, winter services came to £1.94 million.</p>")
    with Pipeline(tmp_path / "library") as pipeline:
        pipeline.ingest(tmp_path / "works.html")
    return tmp_path / "library"


def test_the_command_names_both_places(library: Path) -> None:
    result = octavo("check", "works.html", "--library", library)
    assert result.returncode == 0
    assert result.stdout.startswith("1,240 but £1.94 million\n  page 1, box ")
    assert '"page_number": 1' in octavo("check", "works.html", "--library", library, "--json").stdout
    assert "add --llm-url" in octavo("check", "works.html", "--library", library, "--by", "model").stderr


@pytest.mark.parametrize(("reply", "count"), [("Yes, they do.", 1), ("no", 0)])
def test_a_model_confirms_what_rules_find(library: Path, reply: str, count: int) -> None:
    with serving(Reply([reply])) as server, Pipeline(Settings(library=library, llm_url=server.url)) as pipeline:
        assert len(pipeline.check("works.html", by="model")) == count
        with pytest.raises(LibraryError):
            pipeline.check("other.pdf")
