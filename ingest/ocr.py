"""Words of a picture by PP-OCRv6 (RapidOCR), whose weights come inside the package: nothing is downloaded."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from octavo.ingest.model import Box
from octavo.ingest.options import ReadOptions

MIN_CONFIDENCE = 0.5
DOUBT = 0.85
"""Lines of a page that stands upright are read with more confidence on average."""
MOST_NARROW = 4
"""Pictures whose sides differ more times are widened: the detector enlarges their short side to 736 pixels."""


class OcrWord(NamedTuple):
    """A piece of a line of text as OCR found it: its box in pixels of the picture, and a confidence in [0, 1].

    `parts` are its words with their boxes, which are less exact.
    """

    text: str
    box: Box
    confidence: float
    parts: tuple[tuple[str, Box], ...] = ()


def read_words(image: Image.Image, options: ReadOptions) -> list[OcrWord]:
    """Returns the texts in a picture, top to bottom.

    The picture is scaled down to `ocr_side` pixels on its longest side.
    """
    scale = min(1.0, options.ocr_side / max(image.size))
    if scale < 1:
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.resize(size, Image.Resampling.BILINEAR)
    if min(image.size) < 8 or is_uniform(image):
        return []
    pixels = _widen(np.asarray(image.convert("RGB"))[:, :, ::-1])
    result = _engine()(np.ascontiguousarray(pixels), use_det=True, use_cls=False, return_word_box=True)
    if result.txts is None:
        return []
    words = []
    for text, corners, confidence, parts in zip(
        result.txts, result.boxes, result.scores, result.word_results, strict=True
    ):
        if text.strip() and confidence >= MIN_CONFIDENCE:
            (x0, y0), (x1, y1) = corners.min(axis=0) / scale, corners.max(axis=0) / scale
            box = Box(float(x0), float(y0), float(x1), float(y1))
            words.append(OcrWord(text.strip(), box, float(confidence), _parts(text, parts, scale)))
    return words


def read_line(line: Image.Image) -> tuple[str, float]:
    """Returns the text of a picture of one line, and how sure it is, in [0, 1]."""
    pixels = np.ascontiguousarray(np.asarray(line.convert("RGB"))[:, :, ::-1])
    result = _engine()(pixels, use_det=False, use_cls=False, return_word_box=False)
    if not result.txts:
        return "", 0.0
    return result.txts[0].strip(), float(result.scores[0])


def needed_turn(image: Image.Image, words: Sequence[OcrWord]) -> int:
    """Returns the degrees clockwise, 0, 90, 180 or 270, by which a scanned page is turned for upright words.

    Where lines run upward or are read with doubt, the longest are read in both turns that they may stand in.
    """
    if len(words) < 2:
        return 0
    long = sorted((word for word in words if len(word.text) >= 4), key=lambda w: -max(w.box.width, w.box.height))[:3]
    across = sum(word.box.height > 1.5 * word.box.width for word in long) * 2 > len(long)
    doubt = sum(word.confidence for word in words) / len(words) < DOUBT
    if not long or not (across or doubt):
        return 0
    crops = [image.crop(word.box) for word in long]
    turns = (90, 270) if across else (0, 180)
    sure = {turn: sum(read_line(_rotate(crop, turn))[1] for crop in crops) / len(crops) for turn in turns}
    best = max(turns, key=lambda turn: sure[turn])
    return best if sure[best] >= DOUBT and sure[best] - min(sure.values()) > 0.1 else 0


def _rotate(image: Image.Image, turn: int) -> Image.Image:
    return image.rotate(-turn, expand=True) if turn else image


def _parts(text: str, parts: Any, scale: float) -> tuple[tuple[str, Box], ...]:
    """Returns the words of a piece with their boxes in pixels; none where they are not those of its text."""
    if "".join(word for word, *_ in parts) != text.replace(" ", ""):
        return ()
    corners = [np.asarray(corners, dtype=float) / scale for *_, corners in parts]
    return tuple(
        (word, Box(*map(float, (*at.min(axis=0), *at.max(axis=0)))))
        for (word, *_), at in zip(parts, corners, strict=True)
    )


def _widen(pixels: np.ndarray) -> np.ndarray:
    """Returns a narrow picture with its right or lower edge drawn out; places in it stay where they are."""
    height, width = pixels.shape[:2]
    right, below = max(0, height // MOST_NARROW - width), max(0, width // MOST_NARROW - height)
    return np.pad(pixels, ((0, below), (0, right), (0, 0)), mode="edge") if right or below else pixels


def is_uniform(image: Image.Image) -> bool:
    """Returns whether a picture shows nothing: one colour, give or take noise.

    >>> is_uniform(Image.new("RGB", (50, 50), "white"))
    True
    """
    low, high = image.convert("L").resize((64, 64)).getextrema()
    return bool(float(high) - float(low) < 12)  # type: ignore[arg-type]


@cache
def _engine() -> Any:
    from rapidocr import RapidOCR

    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    return RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.use_cls": False,
            "Rec.rec_batch_num": 1,  # lines of a batch are padded to the longest: alone they take less time and memory
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "EngineConfig.onnxruntime.enable_cpu_mem_arena": False,
        }
    )
