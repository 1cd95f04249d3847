"""Reads the replies of model servers beside their answers: errors, waiting times, sizes of contexts."""

from __future__ import annotations

import re
from typing import Any

import httpx

LONGEST_WAIT = 30.0
"""Seconds that a server may ask to be left alone."""
_CONTEXT_KEYS = ("max_model_len", "context_length", "context_window", "max_context_length", "n_ctx")
_TAGS = re.compile(r"<(?:style|script).*?</(?:style|script)>|<[^>]*>|\s+", re.S | re.I)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def message(error: BaseException | httpx.Response) -> str:
    """Returns the message of an error, in one line that can be printed, of no more than 200 letters."""
    if isinstance(error, httpx.Response):
        reason = _body_message(error)
    else:
        body = getattr(error, "body", None)
        detail = body.get("message") if isinstance(body, dict) else None
        reason = str(detail or getattr(error, "message", "") or error)
    lines = printable(reason).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:200].rstrip(".")


def _body_message(response: httpx.Response) -> str:
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return _TAGS.sub(" ", response.text[:2_000])
    error = body.get("error", body) if isinstance(body, dict) else body
    return str(error.get("message") or error.get("detail") or error) if isinstance(error, dict) else str(error)


def context_of(row: dict[str, Any]) -> int:
    """Returns the tokens of a model's context from its description in `/models`, 0 where it does not tell.

    >>> context_of({"id": "tiny", "max_model_len": 8192}), context_of({"id": "tiny"})
    (8192, 0)
    """
    meta = row.get("meta")
    limits = {**(meta if isinstance(meta, dict) else {}), **row}
    return next((n for key in _CONTEXT_KEYS if isinstance(n := limits.get(key), int) and n > 0), 0)


def asked_for(response: httpx.Response) -> float:
    """Returns the seconds for which a server asks to be left alone, at most `LONGEST_WAIT`."""
    seconds = response.headers.get("Retry-After", "")
    return min(float(seconds), LONGEST_WAIT) if re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]+)?", seconds) else 0.0


def printable(text: str) -> str:
    """Returns a text whose surrogates are joined, those that are alone replaced, and that has no control characters.

    >>> printable("a\\ud83d\\ude00b\\ud83d\\x00")
    'a😀b\ufffd'
    """
    if not text.isascii():
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _CONTROL.sub("", text)
