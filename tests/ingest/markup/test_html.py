"""What an HTML tree says, block by block."""

from __future__ import annotations

import pytest

from octavo.ingest.markup import html
from octavo.ingest.markup.blocks import Grid, ImageBlock, MarkupContent, TextBlock


def read(markup: str) -> MarkupContent:
    return html.read(markup, lambda address: None)


def said(markup: str) -> list[tuple[str, str]]:
    """The kind and the text of each block; of a table its CSV."""
    return [
        (block.kind.value, block.text)
        if isinstance(block, TextBlock)
        else ("table", block.table.csv())
        if isinstance(block, Grid)
        else ("figure", block.alt)
        for block in read(markup).blocks
    ]


@pytest.mark.parametrize(
    ("markup", "blocks"),
    [
        ("<p>One <b>bold</b>\n word<p>Two", [("text", "One bold word"), ("text", "Two")]),
        ("$4,120<sup>3</sup>, 10<sup>6</sup> l, H<sub>2</sub>O", [("text", "$4,120³, 10⁶ l, H2O")]),
        ("It rose 4 m<a role=doc-noteref href=#f><sup>2</sup></a>.", [("text", "It rose 4 m[2].")]),
        ("<s>2,400</s> 2,950 euros", [("text", "~~2,400~~ 2,950 euros")]),
        ("Mill Road 7<br>Ashby", [("text", "Mill Road 7\nAshby")]),
        ("<pre>if x:\n    y = 1\n\nz</pre>", [("text", "if x:\n    y = 1\n\nz")]),
        ("<ul><li>a<ol start=4><li>b</ol><li><p>d", [("list", "• a"), ("list", "4. b"), ("list", "• d")]),
        ("<dl><dt>Flow<dd>12 l/s<dt>Head<dd>30 m</dl>", [("list", "Flow: 12 l/s"), ("list", "Head: 30 m")]),
        ("<dl><dt>Flow<dd>12 l/s<dd>at 3 bar<dt>In<dt>Out<dd>DN 50</dl>",
         [("list", "Flow: 12 l/s"), ("list", "at 3 bar"), ("list", "In, Out: DN 50")]),
        ("<ol reversed><li>b<li>a</ol>", [("list", "2. b"), ("list", "1. a")]),
        ("<table border=1><tr><td>a<td><table><tr><td>b<td>c</table><tr><td>d<td>e</table>",
         [("table", "a,b c\r\nd,e\r\n")]),
        ("<ul><li>Run:<pre>a  | b</pre></ul>", [("list", "• Run:"), ("text", "a  | b")]),
        ("Valve<img src=x.png width=12 alt=open>shut", [("text", "Valve open shut")]),
        ("<details><summary>Warranty</summary>36 months</details>", [("text", "Warranty"), ("text", "36 months")]),
        ("<p>a</p><p style='display: none'>b</p><p hidden>c</p><template>d</template>", [("text", "a")]),
        ("<iframe srcdoc='&lt;p&gt;inside'></iframe>", [("text", "inside")]),
        ("<input type=checkbox checked> yes <input type=checkbox> no", [("text", "☒ yes ☐ no")]),
        ("<select><option>a<option selected>b</select>", [("text", "b")]),
        ("<figure><img src=x.png alt='Pump'><figcaption>Fig. 1</figcaption></figure>", [("figure", "Pump")]),
        ("<h1>A</h1><h2>B</h2>", [("title", "A"), ("section-header", "B")]),
        ("<h1>A</h1><h1>B</h1>", [("section-header", "A"), ("section-header", "B")]),
        ("<math display=block><mo>=</mo><mfrac><mi>a</mi><mi>b</mi></mfrac></math>", [("formula", "= a/b")]),
        ("<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>", [("text", "漢(かん)")]),
        ("<div>" * 2_000 + "deep", [("text", "deep")]),
        ("<p>5 &lt; 6 &amp; 7 < 8", [("text", "5 < 6 & 7 < 8")]),
    ],
)  # fmt: skip
def test_a_tree_is_read_as_what_it_says(markup: str, blocks: list[tuple[str, str]]) -> None:
    assert said(markup) == blocks


def test_a_table_keeps_spans_and_header_rows() -> None:
    [grid] = read(
        "<table><caption>Riders</caption><tr><th rowspan=2>Line<th colspan=2>2022<th colspan=2>2023</tr>"
        "<tr><th>Peak<th>Off<th>Peak<th>Off</tr><tr><th>Red<td>1,210<td>640<td>1,395<td>702</tr>"
        "<tr><th>Green (opened<br>in May)<td colspan=2><td>455<td>230</table>"
    ).blocks
    assert isinstance(grid, Grid)
    assert (grid.caption, grid.table.header_rows, grid.table.column_count) == ("Riders", 2, 5)
    assert [(grid.table.header(c.column), c.text) for c in grid.table.row(2)][1:] == [
        (("2022", "Peak"), "1,210"),
        (("2022", "Off"), "640"),
        (("2023", "Peak"), "1,395"),
        (("2023", "Off"), "702"),
    ]
    assert [cell.text for cell in grid.table.row(3)] == ["Green (opened in May)", "", "455", "230"]


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ("<tr><td>Nut<td>0.08<tr><td>Bolt<td>0.15", 0),
        ("<tr><td><b>Item</b><td><b>Price</b><tr><td>Bolt<td>0.15", 1),
        ("<thead><tr><td>Item<td>Price</thead><tr><td>Bolt<td>0.15", 1),
        ("<tr><th>Nut<td>0.08<tr><th>Bolt<td>0.15", 0),
    ],
)
def test_header_rows_are_those_that_the_markup_marks(rows: str, named: int) -> None:
    [grid] = read(f"<table>{rows}</table>").blocks
    assert isinstance(grid, Grid)
    assert grid.table.header_rows == named


def test_spans_that_no_table_can_have_are_bounded() -> None:
    [grid] = read("<table><tr><td rowspan=99999>a<td colspan=99999>b<tr><td>c</table>").blocks
    assert isinstance(grid, Grid)
    assert (grid.table.row_count, grid.table.column_count) == (2, 1_000)


def test_a_table_that_only_places_things_is_read_through() -> None:
    assert said("<table><tr><td>Menu<td><table><tr><td>a<td>1<tr><td>b<td>2</table></table>") == [
        ("text", "Menu"),
        ("table", "a,1\r\nb,2\r\n"),
    ]


def test_a_picture_that_lies_elsewhere_is_named_and_told() -> None:
    content = read("<p>See<img src='https://example.org/a.png' alt='The gauge'><img src='b.png'>")
    assert [b.alt for b in content.blocks if isinstance(b, ImageBlock)] == ["The gauge"]
    assert content.problems == ("1 picture is elsewhere and not fetched", "1 picture is missing or not readable")
