"""Tasks that chat programs give a model beside the conversation: titles, tags, follow-up questions, search words.

Open WebUI, for one, sends such a task as a user's message that quotes the conversation and says which JSON object it
wants. No document holds the answer, so that it comes from the conversation itself and nothing is searched.
"""

from __future__ import annotations

import json
import re

_OPENS, _CLOSES = "<chat_history>", "</chat_history>"
_TURN = re.compile(r"[ \t]*(USER|ASSISTANT)[ \t]*:(.*)", re.I)
_KEY = re.compile(r'\{\s*"(title|tags|follow_ups|queries)"\s*:')
TITLE = 60
"""Letters that a title has at most."""


def housekeeping_reply(text: str) -> str | None:
    """Returns the reply to such a task, as JSON, or `None` where a message is a question.

    >>> history = "<chat_history>USER: What was capital expenditure?\\nASSISTANT: 1,577 [1]</chat_history>"
    >>> housekeeping_reply('### Task:\\nGenerate a title. JSON format: { "title": "…" }\\n' + history)
    '{"title": "What was capital expenditure?"}'
    >>> housekeeping_reply("What is the task of the committee?") is None
    True
    """
    _, is_open, rest = text.partition(_OPENS)
    history, is_closed, _ = rest.partition(_CLOSES)
    key = _KEY.search(text)
    if not (text.lstrip().startswith("### Task") and is_open and is_closed and key):
        return None
    questions = _questions(history)
    if key[1] == "title":
        title = questions[0] if questions else "Conversation"
        return json.dumps(
            {"title": title if len(title) <= TITLE else title[: TITLE - 1].rstrip() + "…"}, ensure_ascii=False
        )
    return json.dumps({key[1]: questions[-1:] if key[1] == "queries" else []}, ensure_ascii=False)


def _questions(history: str) -> list[str]:
    """Returns what the user said in each turn of a conversation, on one line each."""
    turns: list[tuple[str, list[str]]] = []
    for line in history.splitlines():
        if begun := _TURN.match(line):
            turns.append((begun[1].upper(), [begun[2]]))
        elif turns:
            turns[-1][1].append(line)
    return [" ".join(" ".join(lines).split()) for role, lines in turns if role == "USER"]
