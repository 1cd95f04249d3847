"""Metrics of tables as read: TEDS (Zhong, ShafieiBavani and Jimeno Yepes 2020), adjacency F1 (Göbel et al. 2012)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.distance import Levenshtein

from octavo.ingest.table import Cell, Table

Score = Callable[[Table, Table], float]


def teds(predicted: Table, truth: Table) -> float:
    """Returns the tree-edit-distance-based similarity of two tables, in [0, 1]: 1 - distance / size of the larger tree.

    The trees are those of the tables' HTML: rows below the table, cells below the rows. To insert, delete or rename a
    node costs 1; a cell that keeps its spans costs the normalized Levenshtein distance of its text. Header cells count
    as any other, without `thead` and `tbody`, since not every reader tells them apart.

    >>> table = Table.of([["Plant", "Cost"], ["Moorend", "1,204"]])
    >>> teds(table, table)
    1.0
    >>> round(teds(Table.of([["Plant", "Cost"], ["Moorend", "1,205"]]), table), 3)
    0.967
    """
    return _similarity(predicted, truth, _content_distance)


def teds_structure(predicted: Table, truth: Table) -> float:
    """Returns TEDS without the cells' text (TEDS-S): whether rows, columns and spans are right, in [0, 1].

    >>> teds_structure(Table.of([["Plant", "Cost"]]), Table.of([["a", "b"]]))
    1.0
    >>> round(teds_structure(Table.of([["Plant"]]), Table.of([["a", "b"]])), 3)
    0.667
    """
    return _similarity(predicted, truth, lambda a, b: 0.0)


def adjacency_f1(predicted: Table, truth: Table) -> float:
    """Returns F1, in [0, 1], over pairs of neighbours: each cell with text and the next one, right of it or below it.

    Empty cells are passed over, texts are compared without spaces, letters' case counts.

    >>> truth = Table.of([["Plant", "Cost"], ["Moorend", "1,204"]])
    >>> adjacency_f1(Table.of([["Plant", "Cost"], ["Moorend", "1,205"]]), truth)
    0.5
    """
    a, b = _neighbours(predicted), _neighbours(truth)
    shared = (a & b).total()
    return 2 * shared / (a.total() + b.total()) if a or b else 1.0


def page_score(predicted: Sequence[Table], truth: Sequence[Table], score: Score) -> float:
    """Returns the score of a page with several tables: the best pairs first, a table without a partner counts 0.

    >>> table = Table.of([["Plant", "Cost"]])
    >>> page_score([table, table], [table], teds)
    0.5
    """
    if not truth or not predicted:
        return float(not truth and not predicted)
    pairs = sorted(((score(f, t), i, j) for i, f in enumerate(predicted) for j, t in enumerate(truth)), reverse=True)
    left, right, total = set(range(len(predicted))), set(range(len(truth))), 0.0
    for value, i, j in pairs:
        if i in left and j in right:
            left.remove(i)
            right.remove(j)
            total += value
    return total / max(len(predicted), len(truth))


@dataclass(frozen=True, slots=True)
class _Node:
    """A node of a table's tree: its tag with spans, and a cell's text."""

    tag: tuple[str, int, int]
    text: str = ""
    children: tuple[_Node, ...] = ()


def _similarity(predicted: Table, truth: Table, cell: Callable[[str, str], float]) -> float:
    a, b = _tree(predicted), _tree(truth)
    size = max(_size(a), _size(b)) - 1
    return 1.0 - _distance(a, b, cell) / size if size else 1.0


def _tree(table: Table) -> _Node:
    rows = []
    for number, row in enumerate(table.grid()):
        own = [
            _Node(("td", cell.row_span, cell.column_span), " ".join(cell.text.split())) if cell else _Node(("td", 1, 1))
            for column, cell in enumerate(row)
            if cell is None or (cell.row, cell.column) == (number, column)
        ]
        rows.append(_Node(("tr", 1, 1), children=tuple(own)))
    return _Node(("table", 1, 1), children=tuple(rows))


def _size(node: _Node) -> int:
    return 1 + sum(map(_size, node.children))


def _content_distance(a: str, b: str) -> float:
    return Levenshtein.normalized_distance(a, b)


def _distance(a: _Node, b: _Node, cell: Callable[[str, str], float]) -> float:
    """Returns the tree edit distance of Zhang and Shasha (1989)."""
    (first, first_left), (second, second_left) = _post_order(a), _post_order(b)
    distances = [[0.0] * len(second) for _ in first]
    for i in _key_roots(first_left):
        for j in _key_roots(second_left):
            top, left = first_left[i], second_left[j]
            rows, columns = i - top + 2, j - left + 2
            forest = [[0.0] * columns for _ in range(rows)]
            forest[0] = [float(y) for y in range(columns)]
            for x in range(1, rows):
                above, here = forest[x - 1], forest[x]
                here[0] = float(x)
                node, node_left = first[top + x - 1], first_left[top + x - 1]
                whole, row = node_left == top, distances[top + x - 1]
                for y in range(1, columns):
                    other, other_left = left + y - 1, second_left[left + y - 1]
                    least = min(above[y], here[y - 1]) + 1.0
                    if whole and other_left == left:
                        least = min(least, above[y - 1] + _rename(node, second[other], cell))
                        row[other] = least
                    else:
                        least = min(least, forest[node_left - top][other_left - left] + row[other])
                    here[y] = least
    return distances[-1][-1]


def _rename(a: _Node, b: _Node, cell: Callable[[str, str], float]) -> float:
    if a.tag != b.tag:
        return 1.0
    return cell(a.text, b.text) if a.tag[0] == "td" and a.text != b.text else 0.0


def _post_order(root: _Node) -> tuple[list[_Node], list[int]]:
    """Returns the nodes in post-order, and for each the index of its leftmost leaf."""
    nodes: list[_Node] = []
    leftmost: list[int] = []

    def visit(node: _Node) -> int:
        leaves = [visit(child) for child in node.children]
        nodes.append(node)
        leftmost.append(leaves[0] if leaves else len(nodes) - 1)
        return leftmost[-1]

    visit(root)
    return nodes, leftmost


def _key_roots(leftmost: Sequence[int]) -> list[int]:
    """Returns the root, and every node with a sibling to its left."""
    return sorted({leaf: n for n, leaf in enumerate(leftmost)}.values())


def _neighbours(table: Table) -> Counter[tuple[str, str, str]]:
    grid = table.grid()
    result: Counter[tuple[str, str, str]] = Counter()
    for direction, lanes in (("right", grid), ("below", list(zip(*grid, strict=True)))):
        pairs: dict[tuple[Cell, Cell], None] = {}
        for lane in lanes:
            filled = [cell for cell in lane if cell and cell.text.strip()]
            pairs |= {(a, b): None for a, b in pairwise(filled) if a is not b}
        result.update((_letters(a), _letters(b), direction) for a, b in pairs)
    return result


def _letters(cell: Cell) -> str:
    return "".join(cell.text.split())
