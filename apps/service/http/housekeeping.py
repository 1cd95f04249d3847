"""What chat programs ask a model beside the conversation: titles, tags, follow-up questions, search words.

Open WebUI, for one, sends such a task as a user's message that quotes the conversation and says which JSON object it
wants. No document holds the answer, so that it comes from the conversation itself and nothing is searched.
"""

from __future__ import annotations

import json
import re

_HISTORY = re.compile(r"<chat_history>(.*?)</chat_history>", re.S)
_TURN = re.compile(r"^\s*(USER|ASSISTANT)\s*:\s*", re.I | re.M)
_KEY = re.compile(r'\{\s*"(title|tags|follow_ups|queries)"\s*:')
TITLE = 60
"""Letters that a title has at most."""


def housekeeping_reply(text: str) -> str | None:
    """The reply to such a task, as JSON, or `None` where a message is a question.

    >>> history = "<chat_history>USER: What was capital expenditure?\\nASSISTANT: 1,577 [1]</chat_history>"
    >>> housekeeping_reply('### Task:\\nGenerate a title. JSON format: { "title": "…" }\\n' + history)
    '{"title": "What was capital expenditure?"}'
    >>> housekeeping_reply("What is the task of the committee?") is None
    True
    """
    history, key = _HISTORY.search(text), _KEY.search(text)
    if not (text.lstrip().startswith("### Task") and history and key):
        return None
    _, *turns = _TURN.split(history[1])
    asked = [
        " ".join(said.split()) for role, said in zip(turns[::2], turns[1::2], strict=True) if role.upper() == "USER"
    ]
    if key[1] == "title":
        title = asked[0] if asked else "Conversation"
        return json.dumps(
            {"title": title if len(title) <= TITLE else title[: TITLE - 1].rstrip() + "…"}, ensure_ascii=False
        )
    return json.dumps({key[1]: asked[-1:] if key[1] == "queries" else []}, ensure_ascii=False)
