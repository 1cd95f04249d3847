"""Updates of the page's components, from the state of the service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from octavo.apps.chat import conversation as thread, page_view
from octavo.apps.chat.asking import being_read
from octavo.apps.chat.concept_list import concept_list
from octavo.apps.chat.conversation_list import conversation_list
from octavo.apps.chat.document_list import document_list, queue_list, shown_jobs
from octavo.apps.chat.events import update
from octavo.apps.chat.introductions import Introduction
from octavo.apps.chat.page_view import View
from octavo.apps.chat.service import ChatService
from octavo.apps.chat.turns import RegionSelection, Turn, TurnId

Scope = tuple[str, ...] | None
"""Ids of the documents to look in; None stands for all."""
WELCOME_DOCUMENTS = 2
"""Documents of which a new conversation suggests questions."""
CACHED_TURNS = 64
"""Conversations whose HTML is kept."""
SHOWN_TURNS = 40
"""Turns of a conversation that the page shows, so that it stays quick however long one goes on."""


class Components:
    """The components of one service's page, for each of its users."""

    def __init__(self, service: ChatService) -> None:
        self._service = service
        self._html: dict[str, dict[int, Markup]] = {}

    def queue(self, user: str) -> Any:
        """Returns files that are being read, that failed, or that wait for a choice."""
        service = self._service
        aside = service.documents.aside(user)
        return update(
            queue_list(
                service.jobs.all(), service.embedder.renewal, aside=aside, can_edit=service.rights.can_edit(user)
            )
        )

    def documents(self, user: str, scope: Scope, search: str | None = None) -> Any:
        """Returns the documents that `search` finds, those of `scope` ticked."""
        service = self._service
        return update(
            document_list(
                service.pipeline.documents(),
                scope,
                search or "",
                aside=service.documents.aside(user),
                guarded=service.documents.guarded(user),
                can_edit=service.rights.can_edit(user),
                is_reading=bool(shown_jobs(service.jobs.all()) or service.embedder.renewal),
            )
        )

    def conversations(self, user: str, current: str, search: str | None = None) -> Any:
        """Returns the user's conversations that hold the words of `search`, the open one marked."""
        result = self._service.history.conversations(user, search or "")
        return update(conversation_list(result, current, search or ""))

    def concepts(self, user: str) -> Any:
        """The concepts of the library."""
        return update(concept_list(self._service.concepts.all(), can_edit=self._service.rights.can_edit(user)))

    def chips(self, regions: Sequence[RegionSelection], scope: Scope) -> Any:
        """Returns the context of the next question."""
        names = {info.id: info.name for info in self._service.pipeline.documents()}
        return update(thread.chips(regions, scope, names))

    def page(self, view: View | None, user: str) -> Any:
        """Returns the page viewer."""
        return update(page_view.view_data(view, self._service.pipeline.library, self._service.pages(user)))

    def welcome(self, user: str, conversation: str) -> Markup:
        """Returns what a conversation shows in which nothing was asked yet."""
        unread = sum(not job.over for job in self._service.jobs.all())
        latest = sorted(self._service.pipeline.documents(), key=lambda info: info.added_at, reverse=True)[
            :WELCOME_DOCUMENTS
        ]
        return thread.welcome(
            conversation,
            has_model=bool(self._service.preferences.llm_url),
            documents=[
                (info.name, introduction.first_questions)
                for info in latest
                if (introduction := self._service.introductions.get(info)) is not None
            ],
            unread=being_read(unread) if unread else "",
            can_edit=self._service.rights.can_edit(user),
            is_owner=self._service.rights.is_owner(user),
        )

    def past(self, user: str, conversation: str, number: int) -> Markup:
        """Returns the turns of a conversation before `number`, the last `SHOWN_TURNS` of them.

        The HTML of a turn is kept, so that each is rendered once.
        """
        first = max(0, number - SHOWN_TURNS)
        html_of = {n: html for n, html in self._html.pop(conversation, {}).items() if first <= n < number}
        start = max(html_of, default=first - 1) + 1
        new = self._service.history.turns(user, conversation, start, number)
        for n, turn in enumerate(new, start):
            at = TurnId(conversation, n)
            html_of[n] = self.turn(user, turn, at) if n == number - 1 else self._turn(turn, at)
        self._html[conversation] = html_of
        for oldest in list(self._html)[:-CACHED_TURNS]:
            self._html.pop(oldest, None)
        return thread.past(conversation, list(html_of.values()), hidden=first)

    def forget(self, at: TurnId) -> None:
        """Drops the kept HTML of a turn, which has changed."""
        self._html.get(at.conversation, {}).clear()

    def turn(self, user: str, turn: Turn, at: TurnId) -> Markup:
        """Returns a turn that is over, with the user's verdict and questions that it may be followed by."""
        return self._turn(turn, at, self._service.follow_ups(user, at, turn))

    def _turn(self, turn: Turn, at: TurnId, follow_ups: Sequence[str] = ()) -> Markup:
        return thread.turn(turn, at, verdict=self._service.verdicts.of(at), follow_ups=follow_ups)

    def about(self, document: str, introduction: Introduction | None) -> Any:
        """Returns what a document is about, in the place of the evidence."""
        info = self._service.pipeline.library.info(document)
        return update(thread.about_document(info, introduction))
