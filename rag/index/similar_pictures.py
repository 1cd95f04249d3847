"""Pictures that show the same: at another size, in other colors, cut, or as a part of a larger one.

A perceptual hash tells pictures that are whole, and SIFT keypoints (Lowe 2004) that agree on one place parts, if the
edges agree as well: letters of one font are keypoints alike in any two charts, and two charts may have the same axes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from octavo.ingest.model import FIGURES
from octavo.rag.entry import EntryId
from octavo.rag.images import decode_image
from octavo.rag.index.copies import hash_picture, likeness
from octavo.rag.index.index import Index

ALIKE = 0.8
"""The least likeness of the hashes of two whole pictures that are the same."""
_SIDE = 640
"""The longest side of a picture whose keypoints are compared, pixels."""
_KEYPOINTS = 800
_RATIO = 0.75
"""Lowe's ratio: a keypoint's nearest neighbor is so much nearer than the second."""
_AGREEING = 14
"""Places of keypoints, in either picture, that agree on where one picture lies in the other."""
_SHARE = 0.3
"""... and their least share of those that have a neighbor."""
_MISPLACED = 6.0
"""Pixels that a keypoint may lie off its place."""
_CORRELATION = 0.8
"""The least correlation of the edges of two pictures where one lies in the other.

Of figures of the documents of mmdocir-docs and mmdocir-slides to tune on, changed copies reach .94 to 1 (one .66),
other figures .54 at most, which have a legend in common.
"""
_SAME_SIZE = 0.9
"""The least scale of a picture that is not smoothed before it is made smaller."""
_SMOOTHING = 1.5
"""Standard deviation of the smoothing before edges are compared, pixels."""


def similarity(picture: bytes, other: bytes) -> float:
    """Returns how surely two pictures show the same, from 0 (not told) to 1: by hashes, else by keypoints."""
    whole = likeness(hash_picture(picture), hash_picture(other))
    own, others = _keypoints(picture), _keypoints(other)
    if whole >= ALIKE and _edge_correlation(own.image, others.image, _stretch(own.image, others.image)) >= _CORRELATION:
        return whole
    return _overlap(own, others)


def figure_ids(index: Index, documents: Iterable[str]) -> Iterator[EntryId]:
    """Yields the ids of the figures and charts of documents (by their ids), in reading order."""
    for document in documents:
        for number in range(index.library.info(document).pages):
            for element in index.library.page(document, number).elements:
                if element.kind in FIGURES:
                    yield EntryId.of_element(document, number, element.index)


@dataclass(frozen=True, slots=True)
class _Keypoints:
    """A gray picture, the places of its keypoints, shape (n, 2), and their descriptors, (n, 128); there may be none."""

    image: Any
    places: Any
    descriptors: Any


@lru_cache(maxsize=256)
def _keypoints(picture: bytes) -> _Keypoints:
    import cv2

    image = decode_image(picture).convert("L")
    image.thumbnail((_SIDE, _SIDE))
    gray = np.asarray(image)
    points, descriptors = cv2.SIFT.create(nfeatures=_KEYPOINTS).detectAndCompute(gray, None)
    if descriptors is None:
        return _Keypoints(gray, np.empty((0, 2), np.float32), np.empty((0, 128), np.float32))
    return _Keypoints(gray, np.asarray([point.pt for point in points], np.float32), descriptors)


def _overlap(one: _Keypoints, other: _Keypoints) -> float:
    """Returns the share of matching keypoints that agree on one place; 0 for too few, or where the edges differ."""
    import cv2

    if min(len(one.places), len(other.places)) < _AGREEING:
        return 0.0
    pairs = cv2.BFMatcher().knnMatch(one.descriptors, other.descriptors, k=2)
    near = [m for m, n in pairs if m.distance < _RATIO * n.distance]
    if len(near) < _AGREEING:
        return 0.0
    source = one.places[[m.queryIdx for m in near]]
    target = other.places[[m.trainIdx for m in near]]
    transform, mask = cv2.estimateAffinePartial2D(source, target, ransacReprojThreshold=_MISPLACED)
    if transform is None:
        return 0.0
    agreeing = mask.ravel().astype(bool)
    share = float(agreeing.mean())
    places = min(_count_places(source[agreeing]), _count_places(target[agreeing]))
    if places < _AGREEING or share < _SHARE:
        return 0.0
    return share if _edge_correlation(one.image, other.image, transform) >= _CORRELATION else 0.0


def _stretch(image: Any, other: Any) -> Any:
    """Returns the transform that makes one picture as large as another."""
    x, y = other.shape[1] / image.shape[1], other.shape[0] / image.shape[0]
    return np.array([[x, 0, 0], [0, y, 0]])


def _count_places(points: Any) -> int:
    """Returns how many places points have, to a pixel: many keypoints of one picture may be like a single one."""
    return len(np.unique(points.round(), axis=0))


def _edge_correlation(image: Any, other: Any, transform: Any) -> float:
    """Returns the correlation of the edges of two gray pictures where `transform` puts the first into the other.

    They are compared at the size of the one that shows less.
    """
    import cv2

    scale = float(np.hypot(transform[0, 0], transform[1, 0]))
    if scale > 1:
        image, other, transform = other, image, cv2.invertAffineTransform(transform)
        scale = 1 / scale
    size = other.shape[1], other.shape[0]
    smooth = cv2.GaussianBlur(image, (0, 0), 0.5 / scale) if scale < _SAME_SIZE else image
    moved = cv2.warpAffine(smooth, transform, size, borderMode=cv2.BORDER_REPLICATE)
    covered = cv2.warpAffine(np.ones(image.shape, np.uint8), transform, size, flags=cv2.INTER_NEAREST)
    inside = cv2.erode(covered, np.ones((5, 5)), borderValue=1) > 0
    edges, others = _edges(moved)[inside], _edges(other)[inside]
    if not (edges.size and edges.std() and others.std()):
        return 0.0
    return float(np.corrcoef(edges, others)[0, 1])


def _edges(image: Any) -> Any:
    import cv2

    smooth = cv2.GaussianBlur(image.astype(np.float32), (0, 0), _SMOOTHING)
    return cv2.magnitude(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1))
