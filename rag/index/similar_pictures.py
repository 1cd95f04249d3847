"""Pictures that show the same: at another size, in other colors, cut, or as a part of a larger one.

A perceptual hash tells pictures that are whole, and SIFT keypoints (Lowe 2004) that agree on one place tell parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
"""Keypoints that agree on where one picture lies in the other."""
_SHARE = 0.3
"""... and their least share of those that have a neighbor."""
_MISPLACED = 6.0
"""Pixels that a keypoint may lie off its place."""


def similarity(picture: bytes, other: bytes) -> float:
    """Returns how surely two pictures show the same, from 0 (not told) to 1: by hashes, else by keypoints."""
    whole = likeness(hash_picture(picture), hash_picture(other))
    return whole if whole >= ALIKE else _overlap(_keypoints(picture), _keypoints(other))


def figure_ids(index: Index, documents: Iterable[str]) -> Iterator[EntryId]:
    """Yields the ids of the figures and charts of documents (by their ids), in reading order."""
    for document in documents:
        for number in range(index.library.info(document).pages):
            for element in index.library.page(document, number).elements:
                if element.kind in FIGURES:
                    yield EntryId.of_element(document, number, element.index)


@lru_cache(maxsize=256)
def _keypoints(picture: bytes) -> tuple[Any, Any]:
    """Returns the places of a picture's keypoints, shape (n, 2), and their descriptors, (n, 128); both may be empty."""
    import cv2

    image = decode_image(picture).convert("L")
    image.thumbnail((_SIDE, _SIDE))
    points, descriptors = cv2.SIFT.create(nfeatures=_KEYPOINTS).detectAndCompute(np.asarray(image), None)
    if descriptors is None:
        return np.empty((0, 2), np.float32), np.empty((0, 128), np.float32)
    return np.asarray([point.pt for point in points], np.float32), descriptors


def _overlap(one: tuple[Any, Any], other: tuple[Any, Any]) -> float:
    """Returns the share of matching keypoints that agree on one place, 0 where too few do."""
    import cv2

    if min(len(one[0]), len(other[0])) < _AGREEING:
        return 0.0
    pairs = cv2.BFMatcher().knnMatch(one[1], other[1], k=2)
    near = [m for m, n in pairs if m.distance < _RATIO * n.distance]
    if len(near) < _AGREEING:
        return 0.0
    source = one[0][[m.queryIdx for m in near]]
    target = other[0][[m.trainIdx for m in near]]
    _, agreeing = cv2.estimateAffinePartial2D(source, target, ransacReprojThreshold=_MISPLACED)
    count = int(agreeing.sum()) if agreeing is not None else 0
    share = count / len(near)
    return share if count >= _AGREEING and share >= _SHARE else 0.0
