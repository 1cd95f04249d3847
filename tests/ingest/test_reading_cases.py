"""Small files of the kinds that readers get wrong, each with the right value; they lie beside the repository."""

from __future__ import annotations

import pytest

from octavo.ingest import Document, ReadOptions
from octavo.ingest.reading import read
from tests.conftest import DATA

CASES = DATA / "reading-cases"
SCAN = (
    "Annual report of Larkfield Mills",
    "Revenue in 2021 was 48.3 million euros. Operating costs were 31.7 million euros. The mill employed 412 people at "
    "year end. Net debt fell to 9.6 million euros. The board proposes a dividend of 0.85 euros per share.",
)
RIGHT: dict[str, tuple[str, ...]] = {
    "double-printed/double_printed.pdf": ("payable on 14 May. The payout ratio is 42 percent of net profit.",),
    "form-fields/form_annots.pdf": (
        "Applicant: Harbour Trust Ltd", "Requested amount: 12,750 euros", "Urgent: ☒",
        "exceeds the limit of 10,000 euros",
    ),
    "hidden-text/hidden_text.pdf": SCAN,
    "rotate-crop/crop_rot90.pdf": SCAN,
    "rotate-crop/crop_rot180.pdf": SCAN,
    "rotate-crop/crop_rot270.pdf": SCAN,
    "scan-turned/scan_turned_90.pdf": SCAN,
    "scan-turned/scan_turned_180.pdf": SCAN,
    "scan-turned/scan_turned_270.pdf": SCAN,
    "sideways-table/sideways_table.pdf": ("Larkfield | 1,204 | 1,377 | 1,502", "Total | 4,380 | 4,569 | 4,868"),
    "superscripts/superscripts.pdf": ("$4,120³", "10⁶ litres", "H2O"),
    "tounicode-shift/tounicode_minus29.pdf": ("Revenue in 2021 was 48.3 million euros, up from 45.1 million.",),
    "tounicode-shift/tounicode_shift3.pdf": ("Revenue in 2021 was 48.3 million euros, up from 45.1 million.",),
}  # fmt: skip
WRONG: dict[str, tuple[str, ...]] = {
    "double-printed/double_printed.pdf": ("Dividend policy Dividend policy",),
    "hidden-text/hidden_text.pdf": ("99 million", "77 million", "66 million", "512,000"),
    "superscripts/superscripts.pdf": ("4,1203", "106 litres"),
}


@pytest.mark.parametrize("name", sorted(RIGHT))
def test_a_case_is_read_as_a_person_reads_it(name: str) -> None:
    path = CASES / name
    if not path.is_file():
        pytest.skip(f"the reading cases are not there: {path.name}")
    [document] = read([path], ReadOptions(workers=1), save_image=lambda webp: "0")
    assert isinstance(document, Document)
    said = " ".join(" ".join(page.text for page in document.pages).split())
    assert [part for part in RIGHT[name] if part not in said] == []
    assert [part for part in WRONG.get(name, ()) if part in said] == []
