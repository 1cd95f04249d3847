"""The reader's network, run by onnxruntime: a question and passages in, one span for each passage out.

The network is a six-layer encoder (all-MiniLM-L6-v2, arXiv 2002.10957) with two heads: the start and end of the answer
(as in arXiv 1810.04805, section 4.2), and the log odds that the passage answers the question at all.
`octavo.eval.fitting.reader` fits it; `card.json` beside it says from what, and how well it does.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octavo.rag.answering.networks import load_session, load_tokenizer

FOLDER = Path(__file__).parent
MODEL, TOKENIZER = "model.int8.onnx", "tokenizer.json"
MAX_TOKENS = 256
"""Tokens of a question and a window of its passage; a longer passage is read in windows that overlap."""
_QUESTION_TOKENS = 64
_OVERLAP = 64
_ANSWER_TOKENS = 64
_CELL_ENDS = re.compile(r"\n|; (?=[^;\n]{0,80}: )")
"""The boundaries that no answer crosses: the end of a line, and of a cell as `row_text` writes them."""
_NUMBER_GOES_ON = re.compile(r"[.,/:–-]\d")


@dataclass(frozen=True, slots=True)
class AnswerSpan:
    """The likeliest answer in a passage.

    `text` is `passage[start:end]`. `score` is the log odds, by the natural logarithm, that the passage answers the
    question: 0 is even, and below it the span is best not shown. A passage without words has an empty span and a
    score of minus infinity. `sure` is the probability, in [0, 1], of this span among all of the passage's.
    """

    start: int
    end: int
    text: str
    score: float
    sure: float


class Reader:
    """Reads passages for the answer to a question, about 3 to 15 ms of a processor for each of them.

    The network is loaded by the first call and shared by all readers of a process; `read` may be called from several
    threads, and uses the core of its own. `folder` holds `model.int8.onnx` and `tokenizer.json`; nothing is downloaded.

    >>> passages = ["Offices are open from nine to five.", "Ms. Karin Holt is the chief executive since 2019."]
    >>> spans = Reader().read("Who is the chief executive?", passages)
    >>> spans[1].text, spans[1].score > 0 > spans[0].score
    ('Karin Holt', True)
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder

    def read(self, question: str, passages: Sequence[str]) -> list[AnswerSpan]:
        """Returns one span for each passage, in their order.

        Plain sentences, paragraphs and lists are read best as they stand; rows of tables as `row_text` writes them,
        one on a line, under a line with the table's title.
        """
        ids = load_tokenizer(self._folder / TOKENIZER).encode(question).ids
        shortened = [*ids[: _QUESTION_TOKENS + 1], ids[-1]] if len(ids) > _QUESTION_TOKENS + 2 else ids
        return [self._read(shortened, passage) for passage in passages]

    def _read(self, question: list[int], passage: str) -> AnswerSpan:
        """Returns the span of the passage's window with the best score.

        Windows are run one by one: the 8-bit activations of a batch share their scale, so that in a batch the score of
        a window would depend on the others.
        """
        best = AnswerSpan(0, 0, "", -math.inf, 0.0)
        encoding = load_tokenizer(self._folder / TOKENIZER).encode(passage, add_special_tokens=False)
        for window in _windows(encoding, MAX_TOKENS - len(question) - 1):
            starts, ends, answers = load_session(self._folder / MODEL).run(None, window.inputs(question))
            if answers[0] > best.score:
                inside = slice(len(question), -1)
                best = _span(passage, window, starts[0][inside], ends[0][inside], float(answers[0]))
        return best


@dataclass(frozen=True, slots=True)
class _Window:
    """Tokens of a passage that are read at once, and the letters of the passage that each stands for."""

    ids: list[int]
    offsets: list[tuple[int, int]]

    def inputs(self, question: list[int]) -> dict[str, NDArray[np.int64]]:
        """Returns the network's inputs, each of shape (1, tokens): the question, the window, and the sign of an end."""
        ids = [*question, *self.ids, question[-1]]
        kinds = [0] * len(question) + [1] * (len(self.ids) + 1)
        inputs = {"input_ids": ids, "token_type_ids": kinds, "attention_mask": [1] * len(ids)}
        return {name: np.array([values], dtype=np.int64) for name, values in inputs.items()}


def _windows(encoding: Any, size: int) -> Iterator[_Window]:
    """Yields the windows of an encoded passage that hold a word, of `size` tokens at most."""
    for start in range(0, len(encoding.ids), size - _OVERLAP):
        stop = start + size
        offsets = encoding.offsets[start:stop]
        if any(b > a for a, b in offsets):
            yield _Window(encoding.ids[start:stop], offsets)
        if stop >= len(encoding.ids):
            break


def _span(
    passage: str, window: _Window, start: NDArray[np.float32], end: NDArray[np.float32], score: float
) -> AnswerSpan:
    """Returns the span whose start and end are likeliest together, moved to the ends of words and numbers."""
    offsets = window.offsets
    inside = [n for n, (a, b) in enumerate(offsets) if b > a]
    first, last = _log_softmax(start[inside]), _log_softmax(end[inside])
    ends = [match.end() for match in _CELL_ENDS.finditer(passage)]
    cells = np.array([bisect_right(ends, offsets[n][0]) for n in inside])
    both = np.where(cells[:, None] == cells[None, :], first[:, None] + last[None, :], -np.inf)
    both[np.tril_indices_from(both, -1)] = -np.inf
    both[np.triu_indices_from(both, _ANSWER_TOKENS)] = -np.inf
    i, j = np.unravel_index(int(both.argmax()), both.shape)
    begin, stop = _whole(passage, offsets[inside[int(i)]][0], offsets[inside[int(j)]][1])
    return AnswerSpan(begin, stop, passage[begin:stop], score, float(np.exp(both[i, j])))


def _log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    shifted = logits.astype(np.float64) - logits.max()
    return shifted - np.log(np.exp(shifted).sum())


def _whole(text: str, start: int, end: int) -> tuple[int, int]:
    """Returns the range with the rest of the words and numbers at its ends, and the signs that belong to them.

    >>> text = "sold for $1,234.5 million (12%)"
    >>> [text[slice(*_whole(text, *r))] for r in ((10, 11), (27, 29), (18, 21))]
    ['$1,234.5', '12%', 'million']
    """
    while start > 0 and text[start].isalnum():
        if text[start - 1].isalnum():
            start -= 1
        elif start > 1 and text[start - 2].isdigit() and _NUMBER_GOES_ON.match(text, start - 1):
            start -= 2
        else:
            break
    while end < len(text) and text[end - 1].isalnum():
        if text[end].isalnum():
            end += 1
        elif text[end - 1].isdigit() and _NUMBER_GOES_ON.match(text, end):
            end += 2
        else:
            break
    if start > 0 and text[start].isdigit() and text[start - 1] in "$€£¥-−":
        start -= 1
    if end < len(text) and text[end - 1].isdigit() and text[end] in "%‰°":
        end += 1
    return start, end
