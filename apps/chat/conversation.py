"""The conversation as HTML: questions, what was searched for, answers with citations, abstentions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from markupsafe import Markup

from octavo.apps.chat.evidence_view import used_evidence
from octavo.apps.chat.introductions import Introduction
from octavo.apps.chat.markup import render
from octavo.apps.chat.text import answer as answer_html, with_tables
from octavo.apps.chat.turns import RegionSelection, Turn, TurnId
from octavo.apps.chat.verdicts import UserVerdict
from octavo.ingest.store.documents import DocumentInfo
from octavo.rag import Answer
from octavo.rag.answering.quote import NOTICE
from octavo.rag.query.analysis import terms

NEAREST = 4
"""Pages that an abstention shows."""


def past(conversation: str, turns: Sequence[Markup], hidden: int = 0) -> Markup:
    """Returns the turns of a conversation that are over; `hidden` earlier ones are not among them."""
    return render("past.html", conversation=conversation, turns=turns, hidden=hidden)


def welcome(
    conversation: str,
    *,
    has_model: bool,
    documents: Sequence[tuple[str, Sequence[str]]] = (),
    unread: str = "",
    can_edit: bool = True,
    is_owner: bool = True,
) -> Markup:
    """Returns what an empty conversation shows: names of documents with questions to begin with, and what is being
    read.

    A user who `can_edit` reads how to add documents, one who `is_owner` how to connect a model.
    """
    return render(
        "welcome.html",
        conversation=conversation,
        has_model=has_model,
        documents=documents,
        unread=unread,
        can_edit=can_edit,
        is_owner=is_owner,
    )


def about_document(info: DocumentInfo, introduction: Introduction | None) -> Markup:
    """Returns what a document that was opened from the list is: its name, title, problems, summary and questions.

    The introduction is `None` while it is being made.
    """
    has_file = any(Path(path).is_file() for path in info.paths)
    return render("document.html", info=info, introduction=introduction, has_file=has_file)


def turn(
    turn: Turn,
    at: TurnId,
    *,
    running: bool = False,
    verdict: UserVerdict | None = None,
    follow_ups: Sequence[str] = (),
) -> Markup:
    """Returns the HTML of a question and its answer, with the user's verdict and questions that may follow.

    It is `running` while it is being written.
    """
    answer = turn.answer
    return render(
        "turn.html",
        turn=turn,
        at=at,
        running=running,
        text=written_answer(answer, _citer(answer, at)) if answer and not answer.abstained else "",
        used=len(used_evidence(answer)) if answer else 0,
        near=_near(answer) if answer else (),
        unread=_unread(turn),
        verdict=verdict or UserVerdict(""),
        places=_places(answer) if answer else {},
        follow_ups=follow_ups,
    )


def chips(regions: Sequence[RegionSelection], documents: tuple[str, ...] | None, names: Mapping[str, str]) -> Markup:
    """Returns the context of the next question: parts of pages, chosen documents."""
    chosen = None if documents is None else [names[one] for one in documents if one in names]
    return render("chips.html", regions=regions, chosen=chosen)


def written_answer(answer: Answer, cite: Callable[[int, str], Markup]) -> Markup:
    """Returns the text of an answer, with what `cite(number, claim)` gives in the place of each citation."""
    text = answer.text if answer.model else with_tables(answer.text.removesuffix(NOTICE).rstrip())
    return answer_html(text, cite, _support_notes(answer))


def _support_notes(answer: Answer) -> list[tuple[int, Markup]]:
    """Returns the text with a note at the end of each unsupported sentence; in a table's row within the last cell."""
    notes = []
    for span in answer.spans:
        if span.is_unsupported:
            text = answer.text[span.start : span.end]
            end = span.start + len(text.rstrip("| ") if text.startswith("|") else text)
            notes.append((end, render("unsupported.html", reason=span.reason, score=span.score)))
    return notes


def _citer(answer: Answer, at: TurnId) -> Callable[[int, str], Markup]:
    """Returns what makes the button of `[number]` after a claim: it opens the citation that fits the claim best.

    While an answer is being written its citations are not there yet: then it opens the evidence of that number.
    """
    used: set[int] = set()

    def button(number: int, claim: str) -> Markup:
        candidates = [n for n, citation in enumerate(answer.citations) if citation.number == number]
        if candidates:
            claimed = _last_terms(claim)
            best = max(candidates, key=lambda n: (len(claimed & _terms(answer.citations[n].quote)), n not in used))
            used.add(best)
            return render("cite.html", opens="cite", index=best, number=number, at=at)
        if not answer.citations and 1 <= number <= len(answer.evidence):
            return render("cite.html", opens="used", index=number - 1, number=number, at=at)
        return Markup()

    return button


def _last_terms(text: str) -> frozenset[str]:
    """Returns the terms of the last line that has any; of a quoted table row without the header of its columns."""
    lines = (_terms(line.partition("”, under “")[0]) for line in reversed(text.splitlines()))
    return next(filter(None, lines), frozenset())


def _terms(text: str) -> frozenset[str]:
    return frozenset(terms(text, stop_words=False))


def _near(answer: Answer) -> list[tuple[int, object]]:
    """Returns the best entry of each of the nearest pages, with its rank."""
    first = {(e.document, e.page): rank for rank, e in reversed([*enumerate(answer.candidates)])}
    return [(rank, answer.candidates[rank]) for rank in sorted(first.values())[:NEAREST]]


def _places(answer: Answer) -> dict[tuple[str, int], str]:
    """Returns the pages that were looked at, by document and number, in words."""
    return {(e.document, e.page): f"{e.name}, page {e.page + 1}" for e in answer.candidates}


def _unread(turn: Turn) -> str:
    """Returns a note on the files that had no part in an answer."""
    if not (turn.unread and turn.answer and turn.answer.candidates):
        return ""
    files = "1 file was" if turn.unread == 1 else f"{turn.unread} files were"
    return f"{files} still being read when this was asked, and had no part in it."
