"""A LlamaIndex `LLM` as a model that Octavo asks."""

from __future__ import annotations

from collections.abc import Sequence

from llama_index.core.base.llms.types import ChatMessage, ImageBlock, MessageRole, TextBlock
from llama_index.core.llms import LLM

from octavo.rag.answering.base import AnswerError
from octavo.rag.clients.messages import Ending, Message, Pieces, record
from octavo.rag.clients.replies import message, printable


class LlamaIndexChatModel:
    """Any LlamaIndex model; `context` are its tokens where its own metadata are wrong.

    Raises `AnswerError` for whatever the model raises.
    """

    def __init__(self, llm: LLM, context: int = 0) -> None:
        self._llm = llm
        self.name = llm.metadata.model_name
        self.context = context or llm.metadata.context_window
        self.thinks = False

    def stream(self, messages: Sequence[Message], *, max_tokens: int) -> Pieces:
        """Returns the reply in pieces; how long it may be is the model's own setting."""
        record(messages)
        reason = ""
        try:
            for response in self._llm.stream_chat([_chat_message(m) for m in messages]):
                if response.delta:
                    yield printable(response.delta)
                choices = getattr(response.raw, "choices", None)
                if choices:
                    reason = getattr(choices[0], "finish_reason", None) or reason
        except Exception as error:
            status = getattr(error, "status_code", 0)
            complaint = message(error)
            raise AnswerError(
                f"{self.name} failed ({type(error).__name__}: {complaint}).",
                status if isinstance(status, int) else 0,
                complaint,
            ) from error
        return Ending(reason)


def _chat_message(sent: Message) -> ChatMessage:
    blocks = [TextBlock(text=p) if isinstance(p, str) else ImageBlock(image=p) for p in sent.parts]
    if all(isinstance(part, str) for part in sent.parts):
        blocks = [TextBlock(text="\n\n".join(str(part) for part in sent.parts))]
    return ChatMessage(role=MessageRole(sent.role), blocks=blocks)
