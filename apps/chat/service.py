"""The chat without its page: one service object for all users of a library."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import Self

from octavo.apps.chat import asking, pictures, preferences
from octavo.apps.chat.answer_runs import AnswerRun, AnswerRuns
from octavo.apps.chat.embedder import EMBEDDING, EmbeddingManager, chosen_options, with_kept
from octavo.apps.chat.endpoint import say
from octavo.apps.chat.host import Host
from octavo.apps.chat.introductions import Introductions
from octavo.apps.chat.jobs import IngestQueue
from octavo.apps.chat.model_check import ModelReport, check_model
from octavo.apps.chat.options import ChatOptions
from octavo.apps.chat.pictures import PicturePages
from octavo.apps.chat.preferences import Preferences
from octavo.apps.chat.rights import FirstUserOwns
from octavo.apps.chat.shared_concepts import SharedConcepts
from octavo.apps.chat.shared_documents import SharedDocuments
from octavo.apps.chat.store.history import History
from octavo.apps.chat.turns import AskedQuestion, RegionSelection, Turn, TurnId
from octavo.apps.chat.uploads import Uploads
from octavo.apps.chat.verdicts import UserVerdict, Verdicts
from octavo.apps.turns import Turns
from octavo.ingest import Box, LibraryError, OctavoError
from octavo.rag import Pipeline, Settings

ASKED_TURNS = 20
"""Turns whose questions are not suggested again."""


class ChatService:
    """A library with its conversations, its queue of files, and the questions being answered. Close it at the end.

    `host` is what it shares with the service that it is part of.
    """

    def __init__(self, settings: Settings, options: ChatOptions, host: Host | None = None) -> None:
        host = host or Host()
        self.options, self._places = options, host.places
        self.rights = host.rights or FirstUserOwns(options)
        with ExitStack() as opened:
            self.pipeline = opened.enter_context(Pipeline(with_kept(settings)))
            self.history = opened.enter_context(closing(History(settings.library, settings.documents_uri)))
            self.verdicts = Verdicts(host.feedback or self.history.feedback)
            self.preferences = preferences.load(self.history, settings)
            turns = host.turns or opened.enter_context(closing(Turns(options.askers, options.waiting)))
            self.runs = opened.enter_context(closing(AnswerRuns(turns)))
            self.jobs = opened.enter_context(closing(IngestQueue(self.pipeline, host.quotas)))
            self.introductions = opened.enter_context(
                closing(Introductions(self.pipeline, self._places, self.jobs.changed))
            )
            uploads = Uploads(options.files or settings.library)
            self.documents = SharedDocuments(
                self.pipeline, uploads, self.history.files, self.jobs, options, self.rights, host
            )
            self.documents.take_up(host.queued())
            self.concepts = SharedConcepts(self.pipeline, self.rights, host.record)
            self.embedder = EmbeddingManager(self.pipeline, self.history, self.jobs)
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Breaks off what is being read and answered, and closes the library."""
        self._opened.close()

    def state(self, user: str) -> str:
        """Returns two words: the first changes with the user's documents and conversations, the second with the files
        that are being read.
        """
        conversations = self.history.conversations(user)
        last = conversations[0].changed if conversations else ""
        return (
            f"{self.pipeline.library.generation}.{self.jobs.version}.{len(conversations)}.{last} {self.jobs.progress}"
        )

    def dismiss(self, user: str, job: str) -> None:
        """Takes a job that is over off the list."""
        if job == EMBEDDING:
            self.embedder.dismiss()
        else:
            self.documents.dismiss(user, job)

    # questions

    def pages(self, user: str) -> PicturePages:
        """Returns pages of the library and a user's pictures."""
        return PicturePages(self.pipeline.library, self.history, user)

    def picture(self, user: str, file: Path) -> str:
        """Keeps a picture that comes with a question, and deletes the file; returns the picture's id."""
        try:
            return pictures.keep(file, user, self.history, self.options)
        finally:
            file.unlink(missing_ok=True)

    def region(self, document: str, page: int, box: Sequence[float]) -> RegionSelection:
        """Returns the region drawn on a page; raises `OctavoError` where it is empty."""
        return asking.select_region(self.pipeline.library, document, page, Box(*box))

    def ask(self, user: str, conversation: str, question: AskedQuestion) -> AnswerRun:
        """Begins to answer a question; raises `OctavoError` for one that cannot be asked."""
        if not (question.text.strip() or question.pictures or question.regions):
            raise OctavoError("The question is empty: ask for something in words, by a picture, or by a box on a page.")
        if len(question.text) > self.options.question_letters:
            raise OctavoError(f"The question is longer than {self.options.question_letters} letters: shorten it.")
        number = self.history.count(user, conversation)
        last = self.history.turns(user, conversation, max(0, number - asking.CONTEXT_TURNS))
        before = [turn for turn in last if turn.query]
        current, pages = self.preferences, self.pages(user)
        applied = current.apply_to(self.pipeline.settings)
        ask_model = partial(say, self.pipeline.clients, applied) if current.llm_url else None
        hidden = "" if self.rights.is_owner(user) else current.llm_url
        unread = sum(not job.over for job in self.jobs.all())
        turn = Turn(question, "", current.threshold, unread=unread)
        return self.runs.start(
            user,
            conversation,
            lambda: AnswerRun(self.history.begin(user, conversation, turn), turn, self.history.finish),
            lambda: asking.understand(
                question,
                before,
                pages,
                ask_model,
                supports_images=self.pipeline.index.embedding.supports_images,
                hidden=hidden,
            ),
            lambda query: asking.stream(self.pipeline, self._places, pages, current, question, query, unread, hidden),
        )

    def turn(self, user: str, at: TurnId) -> Turn:
        """Returns a turn as far as it has come; raises `OctavoError` where it is another user's or gone."""
        stored = self.history.turn(user, at)
        run = self.runs.of(at.conversation)
        return run.turn if run and run.id == at else stored

    def running(self, user: str, conversation: str) -> AnswerRun | None:
        """Returns the running answer of a user's conversation; raises `OctavoError` for a conversation of another
        user."""
        self.history.count(user, conversation)
        return self.runs.of(conversation)

    def rate(self, user: str, at: TurnId, verdict: UserVerdict | None) -> None:
        """Keeps what a user thinks of an answer; `None` takes it back.

        Raises `OctavoError` where the turn is another user's, gone, or not answered.
        """
        self.verdicts.give(user, at, self.turn(user, at), verdict)

    def rename(self, user: str, conversation: str, title: str) -> None:
        """Gives a conversation another name; raises `OctavoError` where it is another user's or gone."""
        self.history.rename(user, conversation, title)

    def share(self, user: str, conversation: str) -> None:
        """Makes a link that shows a conversation to others; raises `OctavoError` where it is another user's or gone."""
        self.history.turn(user, TurnId(conversation, 0))
        self.history.shares.make(conversation)

    def unshare(self, user: str, conversation: str) -> None:
        """Takes the link of a conversation back; raises `OctavoError` where it is another user's or gone."""
        self.history.turn(user, TurnId(conversation, 0))
        self.history.shares.revoke(conversation)

    def delete(self, user: str, conversation: str) -> None:
        """Deletes a conversation with the feedback on its answers.

        Raises `OctavoError` where it is another user's or gone.
        """
        run = self.running(user, conversation)
        self.history.delete(user, conversation)
        self.verdicts.forget(conversation)
        if run:
            run.stop()

    def follow_ups(self, user: str, at: TurnId, turn: Turn) -> list[str]:
        """Returns questions that a turn may be followed by: of the document that its answer cites first.

        There are none while the document's introduction is being made.
        """
        if turn.answer is None or turn.answer.abstained or not turn.answer.citations:
            return []
        cited = turn.answer.citations[0]
        try:
            info = self.pipeline.library.info(cited.document)
        except LibraryError:  # a picture or a concept of the user's, or a document that is gone
            return []
        introduction = self.introductions.get(info)
        if introduction is None:
            return []
        before = self.history.turns(user, at.conversation, max(0, at.number - ASKED_TURNS), at.number)
        return introduction.follow_ups(cited.page, {one.asked.text for one in (*before, turn)})

    # settings

    def prefer(self, user: str, **values: object) -> Preferences:
        """Changes the settings for all; raises `OctavoError` for a wrong one, and for a user who may not."""
        self._check_owner(user)
        current = self.preferences
        if not values.get("llm_key") and preferences.is_same(str(values.get("llm_url", "")), current.llm_url):
            values["llm_key"] = current.llm_key
        self.preferences = preferences.save(self.history, self.pipeline.settings, **values)
        return self.preferences

    def check_model(self, user: str, url: str, model: str, key: str) -> ModelReport:
        """Asks a model endpoint what it serves and whether it answers; raises `OctavoError` where it does not.

        Without a `key` that of the settings is used, where it belongs to this endpoint.
        """
        self._check_owner(user)
        current = self.preferences
        if not key and preferences.is_same(url, current.llm_url):
            key = current.llm_key
        tried = current.model_copy(update={"llm_url": url, "llm_model": model, "llm_key": key, "supports_images": None})
        return check_model(tried.apply_to(self.pipeline.settings))

    def choose_model(self, user: str, url: str, model: str, key: str) -> ModelReport | None:
        """Keeps a model endpoint if it answers, or quotes where `url` is empty.

        Returns what was found, `None` where nothing changed; raises `OctavoError` where it does not answer.
        """
        current = self.preferences
        if (url, model, key) == (current.llm_url, current.llm_model, ""):
            self._check_owner(user)
            return None
        report = self.check_model(user, url, model, key) if url else None
        values = current.model_dump() | {"llm_url": url, "llm_model": model, "llm_key": key}
        self.prefer(user, **values | {"supports_images": report.supports_images if report else None})
        return report

    def embed(self, user: str, kind: str, url: str = "", model: str = "", card: str = "", key: str = "") -> None:
        """Begins to embed the library again, by words (`static`) or by a `served` model; raises `OctavoError`."""
        self._check_owner(user)
        self.embedder.change(
            chosen_options(kind, url.strip(), model.strip(), card, key.strip(), self.pipeline.settings)
        )

    def _check_owner(self, user: str) -> None:
        if not self.rights.is_owner(user):
            owners = " or ".join(self.rights.owners()) or "an owner"
            raise OctavoError(f"Only {owners} may change the settings, which hold for everyone.")
