"""The prompts of a run, word by word."""

from __future__ import annotations

from collections.abc import Sequence

from octavo.rag.clients.messages import Message


def as_rows(conversation: Sequence[Message]) -> list[dict[str, str]]:
    """Returns a conversation as it is kept with a run, pictures as `[picture]`.

    >>> as_rows([Message("user", ("What is this?", b"..."))])
    [{'role': 'user', 'content': 'What is this?\\n[picture]'}]
    """
    return [{"role": sent.role, "content": sent.text} for sent in conversation]
