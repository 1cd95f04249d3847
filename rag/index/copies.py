"""Copies: pages, figures and passages that say and look the same, found by their words and their pictures.

Words propose, by MinHash (Broder 1997), and pictures confirm, by the signs of differences between neighboring pixels
(dHash). Joining what two modalities tell of duplicates follows CLIPPINGS; copies of copies are one group. Text that
differs in a number is no copy, however alike it looks: it may be the next version. In what OCR read, this is not told.
Running headers and footers do not count: a page that is typeset again has another number.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from octavo.ingest.model import FIGURES, PICTURES, TextSource
from octavo.rag.entry import EVERYWHERE, Entry, EntryId, Level
from octavo.rag.image_source import ImageSource
from octavo.rag.index.index import Index
from octavo.rag.index.store import entries
from octavo.rag.query.analysis import terms

FEW_WORDS = 4
"""Entries of fewer terms are copies by their pictures alone."""
WORDLESS = 0.95
"""The least likeness of the pictures of entries without words."""
SIDE = 16
"""Rows and columns of differences in a picture's hash."""
FLAT = 8
"""Bits that a picture's hash has at least of each kind; of emptier ones nothing can be told."""
BANDS, ROWS = 24, 3
"""Groups of MinHashes, and how many each has: entries are compared that agree in all of one group."""
_PRIME = (1 << 31) - 1
_NUMBER = re.compile(r"[\d.]+")

Bits = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Thresholds over which two entries are copies, fitted on copies that were made of real pages.

    `words` is the least share of their terms that both have, for copies that may look different; `similar_words` that
    of copies whose pictures are alike to at least `picture`, in [-1, 1]. `same_picture` is the likeness from which
    numbers may differ that OCR read, and `same_figure` that from which figures are copies whatever is read in them.
    """

    words: float = 0.9
    similar_words: float = 0.5
    picture: float = 0.7
    same_picture: float = 0.85
    same_figure: float = 0.85


FITTED_THRESHOLDS = Thresholds()


@dataclass(frozen=True)
class Looks:
    """The words and looks of an entry: its analyzed terms, and a function that reads its picture's hash.

    `repeated` are the numbers that stand more than once, each with how often.
    """

    id: EntryId
    terms: frozenset[str]
    is_figure: bool
    hash_picture: Callable[[], Bits | None] = field(repr=False, compare=False)
    find_source: Callable[[], TextSource] = field(repr=False, compare=False)
    repeated: frozenset[tuple[str, int]] = frozenset()

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The numbers among the terms."""
        return frozenset(filter(_is_number, self.terms))

    @cached_property
    def is_read(self) -> bool:
        """True where its words were read by OCR, which may take one number for another."""
        return self.find_source() in (TextSource.OCR, TextSource.MIXED)

    @cached_property
    def picture(self) -> Bits | None:
        """The hash of its picture, `None` for what has none or shows nothing."""
        bits = self.hash_picture()
        return bits if bits is not None and FLAT <= bits.sum() <= len(bits) - FLAT else None


def are_copies(a: Looks, b: Looks, least: Thresholds = FITTED_THRESHOLDS) -> bool:
    """Returns whether one of two entries is a copy of the other.

    A number that one has and the other has not makes them none, unless OCR may be the reason.
    """
    is_figure = a.is_figure or b.is_figure
    fewer, more = sorted((len(a.terms), len(b.terms)))
    if more >= FEW_WORDS and fewer < least.similar_words * more and not is_figure:  # they cannot share enough
        return False
    shared = len(a.terms & b.terms)
    union = fewer + more - shared
    words = shared / max(union, 1)
    if union >= FEW_WORDS and words < min(least.words, least.similar_words) and not is_figure:
        return False
    has_same_numbers = (a.numbers, a.repeated) == (b.numbers, b.repeated)
    if union < FEW_WORDS:
        return has_same_numbers and likeness(a.picture, b.picture) >= WORDLESS
    if has_same_numbers and words >= least.words and not is_figure:
        return True
    if not (has_same_numbers or a.is_read or b.is_read):
        return False
    if words < least.similar_words:
        return is_figure and likeness(a.picture, b.picture) >= least.same_figure
    return likeness(a.picture, b.picture) >= (least.picture if has_same_numbers else least.same_picture)


def likeness(a: Bits | None, b: Bits | None) -> float:
    """Returns how alike two pictures are by their hashes: 1 for equal ones, about 0 for any two; -1 without a picture.

    >>> bits = np.array([True, False, True, False])
    >>> likeness(bits, bits), likeness(bits, ~bits), likeness(bits, None)
    (1.0, -1.0, -1.0)
    """
    return 1 - 2 * float(np.mean(a ^ b)) if a is not None and b is not None else -1.0


def hash_picture(picture: bytes) -> Bits:
    """Returns whether each of `SIDE` × `SIDE` parts of a picture file is brighter than the one to its left."""
    with Image.open(BytesIO(picture)) as opened:
        small = opened.convert("L").resize((SIDE + 1, SIDE), Image.Resampling.BOX)
    pixels = np.asarray(small, dtype=np.int16)
    return (pixels[:, 1:] > pixels[:, :-1]).ravel()


def copy_features(index: Index, some: Sequence[Entry]) -> list[Looks]:
    """Returns what entries of a library say and look like; their pictures are read when they are first compared."""
    analyzed, images = index.terms([entry.id for entry in some]), ImageSource(index.library)
    counts = {
        entry.id: _count_terms(index, entry, analyzed[entry.id].text or analyzed[entry.id].heading)
        for entry in some
        if entry.id in analyzed
    }
    return [
        Looks(
            entry.id,
            frozenset(counts[entry.id]),
            entry.kind in FIGURES,
            lambda entry=entry: hash_picture(picture) if (picture := images(entry)) else None,  # type: ignore[misc]
            lambda entry=entry: index.library.page(entry.document, entry.page).source,  # type: ignore[misc]
            frozenset((term, n) for term, n in counts[entry.id].items() if n > 1 and _is_number(term)),
        )
        for entry in some
        if entry.id in counts
    ]


def _count_terms(index: Index, entry: Entry, entry_terms: Sequence[str]) -> Counter[str]:
    """Returns how often an entry holds each of its terms, on a page without its running headers and footers."""
    running = index.library.running_text(entry.document, entry.page) if entry.level is Level.PAGE else ""
    return Counter(entry_terms) - Counter(terms(running)) if running else Counter(entry_terms)


def _is_number(term: str) -> bool:
    return not term[0].isalpha() and _NUMBER.fullmatch(term) is not None


def group_copies(index: Index) -> list[list[Entry]]:
    """Returns the groups of pages, and of figures, charts and tables, that are copies of each other, in their order.

    Figures on pages that are copies themselves are left out.
    """
    connection = index.library.connection
    pages = _group(index, entries.load(connection, _ids(index, Level.PAGE)))
    inside = {EntryId(entry.id).page_id for group in pages for entry in group}
    elements = [e for e in entries.load(connection, _ids(index, Level.ELEMENT)) if e.kind in PICTURES]
    return [*pages, *_group(index, [e for e in elements if e.id.page_id not in inside])]


def _ids(index: Index, level: Level) -> list[EntryId]:
    connection = index.library.connection
    return list(entries.ids(connection, entries.numbers(connection, level, EVERYWHERE)).values())


def _group(index: Index, some: Sequence[Entry]) -> list[list[Entry]]:
    features = copy_features(index, some)
    by_id = {entry.id: entry for entry in some}
    result: dict[int, list[Entry]] = {}
    for feature, root in zip(features, group(features), strict=True):
        result.setdefault(root, []).append(by_id[feature.id])
    return [copies for copies in result.values() if len(copies) > 1]


def group(features: Sequence[Looks], least: Thresholds = FITTED_THRESHOLDS) -> list[int]:
    """Returns for each entry the place of the first one of its group: copies, and copies of copies."""
    parents = list(range(len(features)))

    def root(place: int) -> int:
        while parents[place] != place:
            parents[place] = parents[parents[place]]
            place = parents[place]
        return place

    for a, b in propose_pairs(features):
        if root(a) != root(b) and are_copies(features[a], features[b], least):
            parents[max(root(a), root(b))] = min(root(a), root(b))
    return [root(place) for place in range(len(features))]


def propose_pairs(features: Sequence[Looks]) -> Iterator[tuple[int, int]]:
    """Yields the places of pairs that may be copies: alike in a band of MinHashes, without words, or figures.

    Figures are proposed by the rows of their pictures' hashes as well.
    """
    source = np.random.default_rng(0)
    factors, offsets = source.integers(1, _PRIME, (2, BANDS * ROWS, 1), dtype=np.int64)
    buckets = defaultdict[tuple[int, ...], list[int]](list)
    for place, feature in enumerate(features):
        if feature.is_figure and feature.picture is not None:
            for n, bits in enumerate(np.packbits(feature.picture).reshape(SIDE, -1).tolist()):
                buckets[(-2, n, *bits)].append(place)
        if len(feature.terms) < FEW_WORDS:
            buckets[(-1, *sorted(zlib.crc32(n.encode()) for n in feature.numbers))].append(place)
            continue
        hashes = np.array([zlib.crc32(term.encode()) & 0x3FFFFFFF for term in feature.terms], dtype=np.int64)
        least = ((factors * hashes + offsets) % _PRIME).min(axis=1).reshape(BANDS, ROWS)
        for band, row in enumerate(least.tolist()):
            buckets[(band, *row)].append(place)
    yield from sorted({pair for places in buckets.values() for pair in combinations(places, 2)})


def without_copies(features: Iterable[Looks], most: int) -> dict[EntryId, list[EntryId]]:
    """Returns the first `most` entries that are no copies of earlier ones, each with the later ones that are copies."""
    result: list[tuple[Looks, list[EntryId]]] = []
    for feature in features:
        copied = next((copies for first, copies in result if are_copies(first, feature)), None)
        if copied is not None:
            copied.append(feature.id)
        elif len(result) < most:
            result.append((feature, []))
    return {first.id: copies for first, copies in result}
