"""Markdown and plain texts, by what they say."""

from __future__ import annotations

import pytest

from octavo.ingest.markup.blocks import Block, Grid, ImageBlock, TextBlock
from octavo.ingest.markup.text import read_markdown, read_text


def said(block: Block) -> str:
    if isinstance(block, TextBlock):
        return block.text
    assert not isinstance(block, ImageBlock)
    return "\n".join(line.text for line in block.table.lines())  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Pump[^a] runs.\n\n[^a]: Since May.\n", ["Pump[1] runs.", "1. Since May."]),
        ("Term\n: What it means\n", ["Term: What it means"]),
        ("| Flag | Use |\n|---|---|\n| `a \\| b` | either |\n", ["Flag | Use\na | b | either"]),
        ("- [ ] open\n- [x] done\n", ["• ☐ open", "• ☒ done"]),
        ("1. Run\n\n   ```\n   a  |  b\n   ```\n", ["1. Run", "a  |  b"]),
        ("<details><summary>More</summary>\n\nSix **valves**.\n</details>\n", ["More", "Six valves."]),
    ],
)
def test_markdown_is_read_as_it_is_shown(text: str, expected: list[str]) -> None:
    assert [said(block) for block in read_markdown(text, lambda address: None).blocks] == expected


@pytest.mark.parametrize(
    "front", ['---\ntitle: "Pump manual"\ntags: [a]\n---\n', '+++\ntitle = "Pump manual"\n+++\n\n']
)
def test_the_title_of_front_matter_stands_above_the_text(front: str) -> None:
    content = read_markdown(f"{front}# Intro\n\nText.\n", lambda address: None)
    assert content.title == "Pump manual"
    assert [said(block) for block in content.blocks] == ["Pump manual", "Intro", "Text."]
    again = read_markdown(f"{front}# Pump manual\n", lambda address: None)
    assert [said(block) for block in again.blocks] == ["Pump manual"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Plant\tCost\tYear\nAshby\t7\t2021\nMoorend\t12\t2020\n",
         ["Plant | Cost | Year\nAshby | 7 | 2021\nMoorend | 12 | 2020"]),
        ("+-----+----+\n| Nut | 8 |\n+-----+----+\n| Bolt | 9 |\n+-----+----+\n", ["Nut | 8\nBolt | 9"]),
        (" plant | cost\n-------+------\n Ashby |    7\n Moor  |   12\n(2 rows)\n",
         ["plant | cost\nAshby | 7\nMoor | 12", "(2 rows)"]),
        ("a | b is either\nand c | d too\n", ["a | b is either\nand c | d too"]),
        ("def f():\n\treturn 1\n\n\tx = 2\n", ["def f():\n        return 1", "        x = 2"]),
        ("3.  DUES FOR 2026\n              2025     2026\n    Yacht     18.00    19.50\n    Barge     26.00    28.00\n",
         ["3.  DUES FOR 2026", "2025 | 2026\nYacht | 18.00 | 19.50\nBarge | 26.00 | 28.00"]),
        ("\x1b[31mfailed\x1b[0m\nok\n", ["failed\nok"]),
    ],
)  # fmt: skip
def test_lines_of_a_text_are_lines_and_what_has_columns_is_a_table(text: str, expected: list[str]) -> None:
    assert [said(block) for block in read_text(text).blocks] == expected


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Apologies:  Ida Kern\nClerk:      Ben Holt\n", 0),
        ("Delta Marine   GBP 186,400   start 2 March\nNorth Dredging GBP 172,950   start 16 May\n", 0),
        ("Ida Kern    sign the contract   by 28 November\nBen Holt    publish the dues    by 5 December\n", 0),
        ("Seed          from 1  from 10\nRed clover    £2.40   £1.90\nBlue flax     £2.10   £1.70\n", 1),
        ("Dues          2025     2026\nYacht         18.00    19.50\nBarge         26.00    28.00\n", 1),
    ],
)
def test_a_first_row_that_is_written_as_those_below_names_no_columns(text: str, count: int) -> None:
    (block,) = read_text(text).blocks
    assert isinstance(block, Grid)
    assert block.table.header_rows == count
