"""What ODT files know and LibreOffice would lose: changes, alternative texts, formulas, values behind charts."""

from __future__ import annotations

import zipfile
from pathlib import Path

from lxml import etree

from octavo.ingest import ReadOptions
from octavo.ingest.markup import odf
from octavo.ingest.readers import odtext
from tests.ingest.readers.test_ods import _CHART, _NAMES

_FRAME = '<draw:frame draw:name="f">{}</draw:frame>'
_OBJECT = '<draw:object xlink:href="./Object {}"/>'
_MATH = '<math xmlns="http://www.w3.org/1998/Math/MathML"><msup><mi>c</mi><mn>2</mn></msup></math>'


def odt(path: Path, body: str) -> Path:
    names = (
        f'{_NAMES} xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" '
        'xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" '
        'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    )
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        out.writestr(
            "content.xml",
            f"<office:document-content {names}><office:body><office:text>{body}</office:text></office:body>"
            "</office:document-content>",
        )
        out.writestr("Object 1/content.xml", _CHART)
        out.writestr("Object 2/content.xml", _MATH)
    return path


def prepared(path: Path) -> tuple[list[str], list[str]]:
    """What each paragraph says, and what is left out."""
    changed, problems = odtext.prepare_odt(path, ReadOptions())
    root = etree.fromstring(changed["content.xml"])
    return [odf.words(p) for p in root.iter(odf.TEXT + "p")], problems


def test_tracked_changes_are_accepted_and_deletions_told(tmp_path: Path) -> None:
    path = odt(
        tmp_path / "a.odt",
        '<text:tracked-changes><text:changed-region text:id="c1"><text:deletion><text:p>2,400</text:p></text:deletion>'
        '</text:changed-region><text:changed-region text:id="c2"><text:insertion/></text:changed-region>'
        '</text:tracked-changes><text:p>The rent is <text:change text:change-id="c1"/><text:change-start '
        'text:change-id="c2"/>2,950<text:change-end text:change-id="c2"/> euros.</text:p>',
    )
    assert prepared(path) == (["The rent is 2,950 euros."], ["1 tracked deletion is left out"])


def test_pictures_charts_and_formulas_are_said_where_they_stand(tmp_path: Path) -> None:
    picture = _FRAME.format("<draw:image/><svg:title>Pump</svg:title><svg:desc>Pump with 4 valves</svg:desc>")
    named = _FRAME.format("<draw:image/><svg:desc>image1.png</svg:desc>")
    path = odt(
        tmp_path / "a.odt",
        f"<text:p>With {_FRAME.format(_OBJECT.format(2))} here.</text:p><text:p>{picture}{named}</text:p>"
        f"<text:p>{_FRAME.format(_OBJECT.format(1))}</text:p><text:p>End.</text:p>",
    )
    assert prepared(path)[0] == [
        *("With c² here.", "", "[Picture: Pump with 4 valves]"),
        *("", "Chart: Riders", "", "Red", "2022", "1210", "End."),
    ]
