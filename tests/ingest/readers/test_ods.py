"""Spreadsheets of OpenDocument: the texts that cells show, whatever their values are."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from octavo.ingest import ReadError, ReadOptions
from octavo.ingest.markup.blocks import Grid
from octavo.ingest.readers.ods import read

_NAMES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (
        ("office", "office"),
        ("table", "table"),
        ("text", "text"),
        ("style", "style"),
        ("chart", "chart"),
    )
)
_SHEETS = f"""<office:document-content {_NAMES} xmlns:dc="http://purl.org/dc/elements/1.1/"><office:automatic-styles>
<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style></office:automatic-styles>
<office:body><office:spreadsheet><table:table table:name="Costs"><table:table-column/>
<table:table-row><table:table-cell table:number-columns-spanned="2"><text:p>Plants</text:p></table:table-cell>
<table:covered-table-cell/></table:table-row>
<table:table-row><table:table-cell><text:p>Ashby</text:p></table:table-cell><table:table-cell office:value="1234.5">
<office:annotation><dc:creator>Bea</dc:creator><text:p>to check</text:p></office:annotation><text:p>1.234,50 €</text:p>
</table:table-cell></table:table-row>
<table:table-row table:visibility="filter"><table:table-cell table:number-columns-repeated="2"><text:p>-</text:p>
</table:table-cell></table:table-row>
<table:table-row table:number-rows-repeated="1048573"><table:table-cell table:number-columns-repeated="16384"/>
</table:table-row></table:table><table:table table:name="Old" table:style-name="ta2"><table:table-row><table:table-cell>
<text:p>2<text:s/>%</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body>
</office:document-content>"""
_CHART = f"""<office:document-content {_NAMES}><office:body><office:chart><chart:chart>
<chart:title><text:p>Riders</text:p></chart:title><table:table><table:table-header-rows><table:table-row><table:table-cell/><table:table-cell>
<text:p>Red</text:p></table:table-cell></table:table-row></table:table-header-rows><table:table-rows><table:table-row><table:table-cell>
<text:p>2022</text:p></table:table-cell><table:table-cell><text:p>1210</text:p></table:table-cell></table:table-row>
</table:table-rows></table:table></chart:chart></office:chart></office:body></office:document-content>"""


def packed(path: Path, manifest: str = "") -> Path:
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        out.writestr("META-INF/manifest.xml", f"<manifest>{manifest}</manifest>")
        out.writestr("content.xml", _SHEETS)
        out.writestr("Object 1/content.xml", _CHART)
    return path


def test_cells_say_what_they_show(tmp_path: Path) -> None:
    found, drawn, problems = read(packed(tmp_path / "a.ods"), ReadOptions())
    costs, old = found
    assert costs.cells == {(0, 0): "Plants", (1, 0): "Ashby", (1, 1): "1.234,50 €", (2, 0): "-", (2, 1): "-"}
    assert (costs.spans, costs.comments) == ({(0, 0): (1, 2)}, {(1, 1): "Bea: to check"})
    assert (costs.hidden, costs.hidden_rows, old.hidden, old.cells) == (False, 1, True, {(0, 0): "2 %"})
    [chart] = drawn
    assert isinstance(chart, Grid)
    assert (chart.caption, chart.table.csv(), problems) == ("Chart: Riders", ",Red\r\n2022,1210\r\n", [])


def test_a_flat_file_is_read_too_and_cells_are_bounded(tmp_path: Path) -> None:
    (tmp_path / "a.fods").write_text(_SHEETS)
    [costs, old], _, problems = read(tmp_path / "a.fods", ReadOptions(max_cells=2))
    assert len(costs.cells) == 3
    assert old.cells == {(0, 0): "2 %"}
    assert problems == [
        "the sheet Costs has more than 2 cells: only its first 2 rows are read (OCTAVO_READING__MAX_CELLS)"
    ]


def test_an_unreadable_input_is_an_error_of_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"a\.ods is protected by a password"):
        read(packed(tmp_path / "a.ods", "<encryption-data/>"), ReadOptions())
    (tmp_path / "b.ods").write_text("<office")
    with pytest.raises(ReadError, match=r"b\.ods is no readable workbook"):
        read(tmp_path / "b.ods", ReadOptions())
