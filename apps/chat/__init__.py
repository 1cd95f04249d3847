"""The chat: documents, conversation and evidence side by side in the browser (`pip install "octavo[chat]"`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from octavo.apps.chat.options import ChatOptions, users, users_of
from octavo.ingest import MissingToolError

if TYPE_CHECKING:
    from octavo.rag import Settings

__all__ = ["ChatOptions", "run", "users", "users_of"]


def run(settings: Settings, options: ChatOptions | None = None) -> None:
    """Serves the chat of a library until it is stopped.

    Raises `MissingToolError` where the extra is not installed, and `OctavoError` where others than this machine could
    reach the chat without a password.
    """
    options = options or ChatOptions()
    options.check()
    try:
        import gradio  # noqa: F401
    except ImportError as error:
        raise MissingToolError('The chat needs Gradio: pip install "octavo[chat]".') from error
    from octavo.apps.chat.server import run

    run(settings, options)
