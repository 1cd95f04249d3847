"""Returns a table's row as the reader reads it: each cell after the header of its column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def row_text(header: Sequence[str], cells: Sequence[str], section: str = "") -> str:
    """Returns a row as `header: cell; header: cell`, without empty cells, after the table's section where one is given.

    A header that is one cell short names the columns after the first. One of another length names none.

    >>> row_text(["2019", "2018"], ["Royalties", "163,047", "155,939"], "Revenue")
    'Revenue, Royalties; 2019: 163,047; 2018: 155,939'
    """
    return "".join(before + cell for before, cell in row_pieces(header, cells, section) if cell)


def row_pieces(header: Sequence[str], cells: Sequence[str], section: str = "") -> Iterator[tuple[str, str]]:
    """Yields for each cell of a row the text before it in `row_text`, and the cell; both empty for an empty cell.

    >>> list(row_pieces(["Name", "", "Age"], ["Ann", "", "33"]))
    [('Name: ', 'Ann'), ('', ''), ('; Age: ', '33')]
    """
    names = (
        header if len(header) == len(cells) else ["", *header] if len(header) + 1 == len(cells) else [""] * len(cells)
    )
    before = f"{section}, " if section else ""
    for name, cell in zip(names, cells, strict=True):
        if not cell:
            yield "", ""
            continue
        yield before + (f"{name}: " if name else ""), cell
        before = "; "
