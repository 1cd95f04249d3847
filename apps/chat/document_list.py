"""The documents as HTML: collections, thumbnails, page counts, what is being read, and which are asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from types import MappingProxyType

from octavo.apps.chat.embedder import EMBEDDING, Renewal
from octavo.apps.chat.history import Conversation
from octavo.apps.chat.jobs import Job
from octavo.apps.chat.set_aside import REMOVED, TAKEN, SetAside
from octavo.apps.chat.text import plain
from octavo.apps.chat.uploads import collection
from octavo.ingest.store.library import DocumentInfo

OUTDATED = "An older Octavo read this: ↻ reads it again, and finds more in it."
EMPTY = '<p class="hint">No documents yet: drop PDFs, slides, office files or pictures above.</p>'


def shelf(
    infos: Sequence[DocumentInfo],
    jobs: Sequence[Job],
    scope: tuple[str, ...] | None,
    renewal: Renewal | None = None,
    *,
    aside: Sequence[SetAside] = (),
    guarded: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """What is on its way first, then the documents by collection, then the bin.

    `scope` are the ids that are asked, None all; `aside` the files that the user may choose about; `guarded` the
    documents that only others may remove, with their names.
    """
    parts = [_taken(one) for one in aside if one.reason == TAKEN]
    parts += [_job(job) for job in jobs if not (job.stage == "done" and job.note == "done")]
    if renewal:
        parts.insert(0, _renewal(renewal))
    if parts:
        parts = [f'<ul class="jobs">{"".join(parts)}</ul>']
    for name, group in groupby(
        sorted(infos, key=lambda info: (collection(info).lower(), info.name.lower())), collection
    ):
        inside = list(group)
        asked = [info for info in inside if scope is None or info.id in scope]
        state = "true" if len(asked) == len(inside) else "mixed" if asked else "false"
        parts.append(
            f'<section><h4><button type="button" class="tick" role="checkbox" aria-checked="{state}" '
            f'aria-label="Ask all of {plain(name)}" data-open="scope" '
            f'data-ids="{",".join(i.id for i in inside)}"></button>'
            f"{plain(name, 32)} <small>{len(inside)}</small></h4>"
            f"<ul>{''.join(_document(info, info in asked, guarded.get(info.id, '')) for info in inside)}</ul></section>"
        )
    removed = [one for one in aside if one.reason == REMOVED]
    return ("".join(parts) or EMPTY) + (_bin(removed) if removed else "")


def _taken(one: SetAside) -> str:
    name = plain(one.name)
    choices = "".join(
        f'<button type="button" class="link" data-open="{what}" data-file="{one.id}" aria-label="{label} {name}">'
        f"{label}</button>"
        for what, label in (("replace", "Replace it"), ("both", "Keep both"), ("discard", "Do not add"))
    )
    return (
        f'<li class="job taken"><span class="name">{name}</span><span class="state">{plain(one.collection)} holds '
        f'another document of this name.</span><span class="choices">{choices}</span></li>'
    )


def _bin(removed: Sequence[SetAside]) -> str:
    rows = "".join(
        f'<li><span class="name">{plain(one.name)}</span><small>{plain(one.collection)}, {one.at[:10]}</small>'
        f'<button type="button" class="link" data-open="restore" data-file="{one.id}" '
        f'aria-label="Restore {plain(one.name)}">Restore</button></li>'
        for one in removed
    )
    return f'<details class="bin"><summary>Bin ({len(removed)})</summary><ul>{rows}</ul></details>'


def _document(info: DocumentInfo, is_asked: bool, guarded: str) -> str:
    """`guarded` names who may remove it, where the user may not."""
    pages = f"{info.pages} page{'s' * (info.pages != 1)}"
    problems = f' · <span class="warn" title="{plain(info.problems[0])}">problems</span>' if info.problems else ""
    if info.outdated:
        problems += f' · <span class="warn" title="{OUTDATED}">outdated</span>'
    return (
        f'<li class="document"><button type="button" class="tick" role="checkbox" '
        f'aria-checked="{str(is_asked).lower()}" '
        f'aria-label="Ask {plain(info.name)}" data-open="scope" data-ids="{info.id}"></button>'
        f'<button type="button" class="thumb" data-open="page" data-document="{info.id}" data-page="0" '
        f'title="Show {plain(info.name)}"><img src="/pictures/pages/{info.id}/0.webp?width=80" alt="" loading="lazy">'
        f'<span class="name">{plain(info.name)}</span><span class="pages">{pages}{problems}</span></button>'
        f'<button type="button" class="icon" data-open="again" data-document="{info.id}" title="Read again" '
        f'aria-label="Read {plain(info.name)} again">↻</button>'
        f"{_remove(info, guarded)}</li>"
    )


def _remove(info: DocumentInfo, guarded: str) -> str:
    name = plain(info.name)
    if guarded:
        return (
            f'<button type="button" class="icon" disabled title="Only {plain(guarded)} can remove this" '
            f'aria-label="Remove {name}: only {plain(guarded)} can">✕</button>'
        )
    is_kept = any(Path(path).is_file() for path in info.paths)
    ask = f"Move {name} to the bin?" if is_kept else f"Remove {name} for good? Its file is gone, so it has no way back."
    return (
        f'<button type="button" class="icon" data-open="remove" data-document="{info.id}" title="Remove" '
        f'data-ask="{ask}" aria-label="Remove {name}">✕</button>'
    )


def _job(job: Job) -> str:
    return _line(job.path.name, str(job), job.key, job.share, over=job.over, failed=job.stage == "failed")


def _renewal(renewal: Renewal) -> str:
    failed = bool(renewal.failed)
    share = renewal.done / renewal.of if renewal.of else 0.0
    return _line(f"All documents, by {renewal.name}", str(renewal), EMBEDDING, share, over=failed, failed=failed)


def _line(name: str, state: str, key: str, share: float, *, over: bool, failed: bool) -> str:
    bar = "" if over else f'<progress max="1" value="{share:.3f}"></progress>'
    dismiss = (
        f'<button type="button" class="icon" data-open="dismiss" data-job="{plain(key)}" title="Dismiss" '
        f'aria-label="Dismiss {plain(name)}">✕</button>'
        if over
        else ""
    )
    return (
        f'<li class="job{" failed" if failed else ""}"><span class="name">{plain(name)}</span>{dismiss}'
        f'<span class="state">{plain(state)}</span>{bar}</li>'
    )


def talks(conversations: Sequence[Conversation], current: str) -> str:
    """The conversations of a user, the open one marked."""
    rows = [
        f'<li class="{"current" if one.id == current else ""}"><button type="button" class="talk" data-open="talk" '
        f'data-talk="{one.id}" title="{plain(one.title)}">{plain(one.title)}</button>'
        f'<a class="icon" href="/export/{one.id}.zip" download title="Export as Markdown with its pages" '
        f'aria-label="Export {plain(one.title)}">⤓</a>'
        f'<button type="button" class="icon" data-open="delete" data-talk="{one.id}" title="Delete" '
        f'data-ask="Delete this conversation?" aria-label="Delete {plain(one.title)}">✕</button></li>'
        for one in conversations
    ]
    return f"<ul>{''.join(rows)}</ul>" if rows else '<p class="hint">Conversations are kept here.</p>'
