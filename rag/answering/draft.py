"""The text that a reader sees, from the pieces that a model streams."""

from __future__ import annotations

import re

from octavo.rag.answering.citation_marks import CitationFilter
from octavo.rag.answering.prompt import NOT_FOUND
from octavo.rag.clients.thoughts import ThoughtFilter

_ABSTAINS = re.compile(rf"[\W_]*{NOT_FOUND}\b|[\W_]*(?i:{NOT_FOUND})\W*\Z")
_ABSTAINS_LATER = re.compile(rf"\b{NOT_FOUND}\b")


class Draft:
    """Text that is being written: thoughts and surrounding white space are left out, citations are checked.

    A beginning that may become `NOT FOUND` is held back. `text` is what came out so far.

    >>> draft = Draft(1)
    >>> draft.feed("<think>Hm.</think>\\n\\nIt grew [") + draft.feed("1]. \\n") + draft.close()
    'It grew [1].'
    """

    def __init__(self, evidence: int, *, thinks: bool = False) -> None:
        self._evidence = evidence
        self._thoughts = ThoughtFilter(thinks=thinks)
        self._begin()

    def _begin(self) -> None:
        self._check = CitationFilter(self._evidence)
        self._opening: str | None = ""
        self._space = ""
        self.text = ""

    @property
    def restarted(self) -> bool:
        """True if the text began again with the last piece, as what came before was a thought."""
        return self._thoughts.restarted

    @property
    def thinks(self) -> bool:
        """True if the model ended a thought that it did not begin."""
        return self._thoughts.unopened

    @property
    def invented(self) -> list[str]:
        """Citations of evidence that does not exist, which were taken out."""
        return self._check.invented

    @property
    def abstains(self) -> bool:
        """True if the model said that it did not find the answer; known when the draft is closed."""
        return self._opening is not None or (
            bool(_ABSTAINS_LATER.search(self.text)) and not re.search(r"\[\d+\]", self.text)
        )

    @property
    def reason(self) -> str:
        """The text that the model added to `NOT FOUND`."""
        return re.sub(rf"(?i)^[\W_]*{NOT_FOUND}[\W_]*", "", self._opening or "").strip()

    def feed(self, piece: str) -> str:
        """Takes the next piece; gives what may be shown by now."""
        text = self._thoughts.feed(piece)
        if self._thoughts.restarted:
            self._begin()
        return self._take(text)

    def close(self, *, cut: bool = False) -> str:
        """Returns the text that was held back until the end; `cut` says that it ended at its longest length."""
        output = self._take(self._thoughts.close(cut=cut))
        opening = self._opening
        if opening is not None:
            if _ABSTAINS.match(opening):
                return output
            self._opening = None
        return output + self._show(self._check.feed(opening or "") + self._check.close())

    def _take(self, text: str) -> str:
        if self._opening is None:
            return self._show(self._check.feed(text))
        self._opening = (self._opening + text).lstrip()
        if _may_abstain(self._opening):
            return ""
        opening, self._opening = self._opening, None
        return self._show(self._check.feed(opening))

    def _show(self, text: str) -> str:
        text = self._space + text if self.text else text.lstrip()
        output = text.rstrip()
        self._space = text[len(output) :]
        self.text += output
        return output


def _may_abstain(text: str) -> bool:
    """Returns true if a beginning of a text may still be, or become, `NOT FOUND`."""
    beginning = re.sub(r"\A[\W_]+", "", text).upper()
    return beginning.startswith(NOT_FOUND) or NOT_FOUND.startswith(beginning)
