"""Removes what a model thinks aloud before it answers: one rule for answers, follow-ups, descriptions and judges.

Models mark thoughts by tags (`<think>`, `<reasoning>`, `[THINK]`, `◁think▷`), by channels (harmony, Gemma), or only by
their end: many chat templates open the thought themselves, so that what the model writes begins inside of it.
"""

from __future__ import annotations

import re

_NAMES = r"(?:think(?:ing)?|thoughts?|reason(?:ing)?|reflection|seed:think)"
_FINAL = "assistantfinal"
"""The rest of a channel's mark where a server removes special tokens."""
_OPENS = (
    rf"<{_NAMES}>|\[think\]|◁think▷|<\|begin_of_thought\|>|<\|start_thinking\|>"
    r"|<\|channel\|?>\s*(?:analysis|thought|commentary)"
)
_CLOSES = (
    rf"</{_NAMES}>|\[/think\]|◁/think▷|<\|end_of_thought\|>|<\|end_thinking\|>|<channel\|>|<\|channel\|?>\s*final"
    rf"|{_FINAL}(?-i:(?![a-z]))"
)
_CONTROLS = (
    r"<\|(?:start\|>assistant|(?:end|return|message|begin_of_box|end_of_box|start_response|end_response|im_end|im_start"
    r"|endoftext|end_of_text|eot_id|eom_id|begin_of_solution|end_of_solution)\|>)|<end_of_turn>|</s>"
)
_MARK = re.compile(rf"(?P<opens>{_OPENS})|(?P<closes>{_CLOSES})|{_CONTROLS}", re.I)
_END = re.compile(rf"{_CLOSES}|<\|end\|>", re.I)
_BEGUN = re.compile(
    r"(?:<(?:/?[a-z:_]{0,16}\|?|\|[a-z_]{0,20}\|?)|<\|channel\|?>\s*[a-z]{0,10}|<\|start\|>[a-z]{0,8}"
    rf"|\[/?[a-z]{{0,5}}|◁/?[a-z]{{0,5}}|(?<![a-z])(?:{'|'.join(_FINAL[:n] for n in range(1, len(_FINAL) + 1))}))\Z",
    re.I,
)
"""The end of a text that may be the beginning of a mark."""
_LONGEST = 60
"""Letters of the longest mark."""
_INTERJECTION = 40
"""Letters that may stand before a thought and go with it."""
_CUES = (
    *("okay", "ok,", "alright", "all right", "hmm", "let me", "let's", "the user", "the question asks", "wait,"),
    *("the question is", "we need", "we are asked", "we are given", "i need", "i should", "i have to", "i'm ", "i'll"),
    *("i will", "to answer", "first, i", "first, let", "so, ", "so the user", "so i ", "so we ", "got it", "analysis"),
    *("looking at the", "here's a thinking", "thinking", "d'accord", "der nutzer", "el usuario", "l'utilisateur"),
    *("好的", "嗯", "首先", "用户", "我们", "让我", "好，"),
)
"""Words that models begin to think aloud with."""


class ThoughtFilter:
    """Removes a model's thoughts from a text that arrives in pieces.

    A beginning that sounds like thinking aloud is held back until a mark ends the thought or the text ends; any
    beginning is where `thinks` says that the model ends thoughts that it did not begin. Where what was let through
    turns out to be a thought, `restarted` is true after that piece: the text begins again with what the piece gave.
    `unopened` tells that a thought was ended that was not begun.

    >>> thoughts = ThoughtFilter()
    >>> [thoughts.feed(piece) for piece in ("Let me see: ", "5?</th", "ink>", "It grew ", "[1].")] + [thoughts.close()]
    ['', '', '', 'It grew ', '[1].', '']
    """

    def __init__(self, *, thinks: bool = False) -> None:
        self._thinks = thinks
        self._rest = ""
        self._within = False
        self._held: list[str] | None = []
        self._decided = thinks
        self._shown = ""
        self.unopened = False
        self.restarted = False

    def feed(self, piece: str) -> str:
        """Takes the next piece; gives what may be shown by now."""
        self.restarted = False
        text, self._rest = self._rest + piece, ""
        out, at = "", 0
        while True:
            if self._within:
                end = _END.search(text, at)
                if end is None:
                    self._rest = text[max(at, len(text) - _LONGEST) :]
                    return self._show(out)
                at, self._within = end.end(), False
                continue
            mark = _MARK.search(text, at)
            begun = _BEGUN.search(text, max(at, len(text) - _LONGEST))
            if begun and (mark is None or begun.start() <= mark.start()):
                self._rest = text[begun.start() :]
                return self._show(out + self._held_back(text[at : begun.start()]))
            if mark is None:
                return self._show(out + self._held_back(text[at:]))
            before, at = text[at : mark.start()], mark.end()
            if mark["closes"]:
                out = self._forget(out + before)
            elif mark["opens"]:
                self._within = True
                out = self._interrupted(out + self._held_back(before, ends=True))
            else:
                out += self._held_back(before)

    def close(self, *, cut: bool = False) -> str:
        """Returns the text that was held back until the end; a thought that has no end is no answer.

        `cut` says that the text ended at its longest length, so that one held back as a thought is one.
        """
        rest = "" if self._within else self._rest
        held_back, self._rest, self._held = self._held, "", None
        if held_back is None:
            return rest
        return "" if cut and self._thinks else "".join(held_back) + rest

    def _held_back(self, text: str, *, ends: bool = False) -> str:
        """Takes text that is no mark; gives it, or nothing while it may be the beginning of a thought."""
        if self._held is None:
            return text
        self._held.append(text)
        if not (ends or self._decided):
            begins = "".join(self._held).lstrip()[:_LONGEST].lower().replace("’", "'")
            if any(cue.startswith(begins) for cue in _CUES):
                return ""
            self._decided = begins.startswith(_CUES)
        if self._decided and not ends:
            return ""
        thought, self._held = self._held, None
        return "".join(thought)

    def _show(self, text: str) -> str:
        if len(self._shown) <= _INTERJECTION:
            self._shown += text
        return text

    def _forget(self, text: str) -> str:
        """Takes the text so far for a thought."""
        self.unopened = self.unopened or bool("".join([self._shown, *(self._held or ()), text]).strip())
        self.restarted = self.restarted or bool(self._shown.strip())
        self._held, self._shown = None, ""
        return ""

    def _interrupted(self, out: str) -> str:
        """Handles the beginning of a thought: a word or two before it go with it."""
        output = (self._shown + out).strip()
        if len(output) > _INTERJECTION or any(c.isdigit() for c in output):
            return out
        self.restarted = self.restarted or bool(self._shown.strip())
        self._shown = ""
        return ""


def without_thoughts(text: str) -> str:
    """Returns a whole text without thoughts, and without white space around it.

    >>> without_thoughts("Hm, 5? </think> It grew."), without_thoughts("<think>5?</think>It <b>grew</b>.")
    ('It grew.', 'It <b>grew</b>.')
    """
    thoughts = ThoughtFilter()
    return (thoughts.feed(text) + thoughts.close()).strip()
