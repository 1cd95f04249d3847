"""A conversation with a library as a LlamaIndex chat engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator, Sequence
from typing import TYPE_CHECKING

from llama_index.core.base.llms.types import ChatMessage, ChatResponse, MessageRole
from llama_index.core.chat_engine.types import AgentChatResponse, BaseChatEngine, StreamingAgentChatResponse

from octavo.rag.adapters.nodes import evidence_node
from octavo.rag.context import QuestionContext
from octavo.rag.entry import Level, Scope
from octavo.rag.evidence import Answer, Delta, Finished
from octavo.rag.query.followups import condense

if TYPE_CHECKING:
    from octavo.rag.pipeline import Pipeline


class OctavoChatEngine(BaseChatEngine):
    """Answers each message from a library, and searches for follow-ups with what they take from the questions before.

    `source_nodes` of a response are its evidence, `metadata["answer"]` is the whole `Answer`. `chat_history` holds the
    messages; a `chat_history` that is passed with a message takes its place.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        level: Level,
        scope: Scope,
        chat_history: Sequence[ChatMessage] = (),
    ) -> None:
        self._pipeline, self._level, self._scope = pipeline, level, scope
        self._history = list(chat_history)

    @property
    def chat_history(self) -> list[ChatMessage]:
        return list(self._history)

    def reset(self) -> None:
        self._history = []

    def chat(self, message: str, chat_history: list[ChatMessage] | None = None) -> AgentChatResponse:
        *_, (_, answer) = self._pieces(message, chat_history)
        assert answer is not None
        nodes = [evidence_node(evidence) for evidence in answer.evidence]
        return AgentChatResponse(response=answer.text, source_nodes=nodes, metadata={"answer": answer})

    async def achat(self, message: str, chat_history: list[ChatMessage] | None = None) -> AgentChatResponse:
        return await asyncio.to_thread(self.chat, message, chat_history)

    def stream_chat(self, message: str, chat_history: list[ChatMessage] | None = None) -> StreamingAgentChatResponse:
        response = StreamingAgentChatResponse(is_writing_to_memory=False)
        response.chat_stream = self._stream(response, message, chat_history)
        return response

    async def astream_chat(
        self, message: str, chat_history: list[ChatMessage] | None = None
    ) -> StreamingAgentChatResponse:
        response = StreamingAgentChatResponse(is_writing_to_memory=False)
        response.achat_stream = _in_threads(self._stream(response, message, chat_history))
        return response

    def _stream(
        self, response: StreamingAgentChatResponse, message: str, chat_history: list[ChatMessage] | None
    ) -> Generator[ChatResponse]:
        text = ""
        for delta, answer in self._pieces(message, chat_history):
            text += delta
            if answer is not None:
                response.source_nodes = [evidence_node(evidence) for evidence in answer.evidence]
                delta = "" if text else answer.text
            if delta:
                yield ChatResponse(message=ChatMessage(role=MessageRole.ASSISTANT, content=text or delta), delta=delta)

    def _pieces(self, message: str, chat_history: list[ChatMessage] | None) -> Generator[tuple[str, Answer | None]]:
        """Yields pieces of text, then an empty one with the whole answer, which is then in the history."""
        if chat_history is not None:
            self._history = list(chat_history)
        standalone = ""
        for question in [*(m.content or "" for m in self._history if m.role is MessageRole.USER), message]:
            standalone = condense(question, standalone)
        context = QuestionContext(search=standalone if standalone != message else "")
        for event in self._pipeline.stream(message, level=self._level, scope=self._scope, context=context):
            if isinstance(event, Delta):
                yield event.text, None
            elif isinstance(event, Finished):
                answer = event.answer
                self._history += [
                    ChatMessage(role=MessageRole.USER, content=message),
                    ChatMessage(role=MessageRole.ASSISTANT, content=answer.text),
                ]
                yield "", answer


async def _in_threads(pieces: Generator[ChatResponse]) -> AsyncGenerator[ChatResponse]:
    while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
        yield piece
