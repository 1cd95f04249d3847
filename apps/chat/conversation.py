"""The conversation as HTML: questions, what was searched for, answers with citations, abstentions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from octavo.apps.chat.evidence_view import pages
from octavo.apps.chat.text import answer as answer_html, plain, with_tables
from octavo.apps.chat.turns import AskedQuestion, RegionSelection, Turn, TurnId
from octavo.rag import Answer, Evidence
from octavo.rag.answering.quote import NOTICE
from octavo.rag.query.analysis import terms

WITHOUT_MODEL = """<p class="hint">No model is connected, so answers are quotes from your documents. To have them
written, start any OpenAI-compatible server, such as vLLM, and name it under Settings.</p>"""


def past(conversation: str, turns: str) -> str:
    """The turns of a conversation that are over, as HTML that says whose they are."""
    return f'<div class="shown" data-conversation="{plain(conversation)}">{turns}</div>'


def welcome(conversation: str, *, has_model: bool) -> str:
    """What an empty conversation shows."""
    text = f"""<div class="welcome"><h2>Ask your documents</h2>
<p>Add PDFs, slides, office files or pictures on the left, then ask below. Each claim of an answer has a number:
press it to see the place on its page.</p>{"" if has_model else WITHOUT_MODEL}</div>"""
    return past(conversation, text)


def turn(turn: Turn, at: TurnId, *, running: bool = False) -> str:
    """One question and what became of it; `running` while its answer is being written."""
    parts = [_asked(turn.asked)]
    if turn.query and (turn.note or turn.query.strip() != turn.asked.text.strip()):
        note = f" ({plain(turn.note, 300)})" if turn.note else ""
        parts.append(f'<p class="query">Searched for: <q>{plain(turn.query, 300)}</q>{note}</p>')
    if turn.answer is not None and turn.answer.text:
        parts.append(_answer(turn, turn.answer, at, running))
    elif running:
        parts.append(
            f'<p class="working">{"Reading the evidence" if turn.answer else "Looking"}<i></i><i></i><i></i></p>'
        )
    else:
        why = turn.error or "This was broken off before its answer began."
        parts.append(f'<p class="error" role="alert">{plain(why)}</p><p>{_retry(at, "retry", "Ask again")}</p>')
    state = "turn going" if running else "turn"
    return f'<article class="{state}" {at.data}>{"".join(parts)}</article>'


def _retry(at: TurnId, what: str, label: str) -> str:
    return f'<button type="button" class="offer" data-open="{what}" {at.data}>{label}</button>'


def _asked(asked: AskedQuestion) -> str:
    parts = [f"<p>{plain(asked.text).replace(chr(10), '<br>')}</p>"] if asked.text else []
    parts += [f'<img src="/pictures/questions/{picture}.webp" alt="your picture">' for picture in asked.pictures]
    if spot := asked.spot:
        box = ",".join(f"{v:.1f}" for v in spot.box)
        place = f"{plain(spot.name)}, page {spot.page + 1}"
        parts.append(
            f'<button type="button" class="spot" data-open="page" data-document="{plain(spot.document)}" '
            f'data-page="{spot.page}" data-box="{box}">'
            f'<img src="/pictures/crops/{plain(spot.document)}/{spot.page}/{box}.webp" '
            f'alt="the part of the page that was asked about"><span>{place}</span></button>'
        )
    if asked.anyway:
        parts.append('<p class="anyway">Answer anyway</p>')
    return f'<div class="asked">{"".join(parts)}</div>'


def _answer(turn: Turn, answer: Answer, at: TurnId, running: bool) -> str:
    if answer.abstained:
        return _abstained(turn, answer, at)
    text = answer.text if answer.model else with_tables(answer.text.removesuffix(NOTICE).rstrip())
    parts = [answer_html(text, _citer(answer, at))]
    if turn.asked.anyway:
        parts.insert(
            0,
            '<p class="warning">You asked for an answer anyway: no evidence reached the threshold, so it may not '
            "hold what you asked for.</p>",
        )
    if not running:
        parts += [f'<p class="problem">{plain(problem)}</p>' for problem in answer.problems]
        parts.append(_unread(turn, answer) + _foot(turn, answer, at))
    return f'<div class="answer{" running" if running else ""}">{"".join(parts)}</div>'


def _citer(answer: Answer, at: TurnId) -> Callable[[int, str], str]:
    """What makes the button of `[number]` after a claim: it opens the citation of that number which fits the claim.

    While an answer is being written its citations are not there yet: then it opens the evidence of that number.
    """
    used: set[int] = set()

    def button(number: int, claim: str) -> str:
        found = [n for n, citation in enumerate(answer.citations) if citation.number == number]
        if found:
            said = _last_said(claim)
            best = max(found, key=lambda n: (len(said & _words(answer.citations[n].quote)), n not in used))
            used.add(best)
            return _cite("cite", best, number, at)
        if not answer.citations and 1 <= number <= len(answer.evidence):
            return _cite("used", number - 1, number, at)
        return ""

    return button


def _cite(what: str, index: int, number: int, at: TurnId) -> str:
    return (
        f'<button type="button" class="cite" data-open="{what}" {at.data} data-number="{index}" '
        f'title="Show where this stands">{number}</button>'
    )


def _last_said(text: str) -> frozenset[str]:
    """The terms of the last line that has any; of a quoted table row without the header that names its columns."""
    lines = (_words(line.partition("”, under “")[0]) for line in reversed(text.splitlines()))
    return next(filter(None, lines), frozenset())


def _words(text: str) -> frozenset[str]:
    return frozenset(terms(text, stop_words=False))


def _foot(turn: Turn, answer: Answer, at: TurnId) -> str:
    by = f"Written by {plain(answer.model)}" if answer.model else "Quoted from the documents"
    state = "Stopped before its end" if turn.stopped else by
    used = f"{len(answer.evidence)} of {len(answer.looked_at)} places used"
    return (
        f'<p class="foot">{state} · {turn.seconds:.1f} s · <button type="button" class="link" data-open="evidence" '
        f"{at.data}>{used}: why this answer?</button></p>"
    )


def _unread(turn: Turn, answer: Answer) -> str:
    if not (turn.unread and answer.looked_at):
        return ""
    files = "1 file was" if turn.unread == 1 else f"{turn.unread} files were"
    return f'<p class="problem">{files} still being read when this was asked, and had no part in it.</p>'


def _abstained(turn: Turn, answer: Answer, at: TurnId) -> str:
    first = {(e.document, e.page): rank for rank, e in reversed([*enumerate(answer.looked_at)])}
    near = "".join(_near(answer.looked_at[rank], at, rank) for rank in sorted(first.values())[:4])
    if answer.looked_at:
        offer = f"<p>{_retry(at, 'anyway', 'Answer anyway')}</p>"
    else:
        offer = f"<p>{_retry(at, 'retry', 'Ask again')}</p>" if turn.unread else ""
    nearest = f"<p>The nearest places:</p><div class='near'>{near}</div>" if near else ""
    return f'<div class="answer abstained"><p>{plain(answer.text)}</p>{nearest}{_unread(turn, answer)}{offer}</div>'


def _near(e: Evidence, at: TurnId, rank: int) -> str:
    return (
        f'<button type="button" data-open="looked" {at.data} data-number="{rank}">'
        f'<img src="/pictures/pages/{plain(e.document)}/{e.page}.webp?width=120" alt="">'
        f"<span>{plain(e.name, 40)}<br>{pages(e)} · {e.score:.2f}</span></button>"
    )


def chips(spot: RegionSelection | None, documents: tuple[str, ...] | None, names: Mapping[str, str]) -> str:
    """What the next question is about beside its words: a part of a page, chosen documents."""
    parts = []
    if spot:
        box = ",".join(f"{v:.1f}" for v in spot.box)
        parts.append(
            f'<span class="chip"><img alt="" '
            f'src="/pictures/crops/{plain(spot.document)}/{spot.page}/{box}.webp?width=160">'
            f"About this part of {plain(spot.name, 40)}, page {spot.page + 1}"
            '<button type="button" class="icon" data-open="unspot" aria-label="Ask about all again">✕</button></span>'
        )
    if documents is not None:
        chosen = [names[one] for one in documents if one in names]
        label = f"Only in {plain(chosen[0], 40) if len(chosen) == 1 else f'{len(chosen)} documents'}"
        parts.append(
            f'<span class="chip">{label if chosen else "No document is ticked"}'
            '<button type="button" class="icon" data-open="unscope" aria-label="Ask all documents">✕</button></span>'
        )
    return "".join(parts)
