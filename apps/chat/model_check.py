"""A test of a model endpoint: what it serves, and whether its model reads a picture."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from octavo.rag import Settings
from octavo.rag.answering import AnswerError
from octavo.rag.answering.endpoint import LLM_SETTINGS, endpoint, list_models, model
from octavo.rag.clients.chat import ChatClient
from octavo.rag.clients.errors import EndpointError
from octavo.rag.clients.http import SettingNames
from octavo.rag.clients.messages import Message
from octavo.rag.images import encode_image

NAMES = SettingNames(
    "the address under Settings", "the key under Settings", "the model under Settings", "OCTAVO_LLM_TIMEOUT"
)
"""The names of the settings in the chat."""

SECONDS = 60.0
TOKENS = 1_000
"""The limits of a model for the test; one that thinks needs many tokens."""
_WORDS = "Answer with the single word yes."
_PICTURE = "Which number is written in this picture? Answer with the number only."


@dataclass(frozen=True, slots=True)
class ModelReport:
    """The result of a test: its models, the one that answered, whether it reads pictures, in `seconds`."""

    models: tuple[str, ...]
    model: str
    supports_images: bool
    seconds: float


def in_chat_words(text: str) -> str:
    """Returns a sentence of the library in which the settings are called as in the chat.

    >>> in_chat_words("It cannot be reached: check OCTAVO_LLM_URL.")
    'It cannot be reached: check the address under Settings.'
    """
    for library, chat in (
        (LLM_SETTINGS.url, NAMES.url),
        (LLM_SETTINGS.key, NAMES.key),
        (LLM_SETTINGS.model, NAMES.model),
    ):
        text = text.replace(library, chat)
    return text


def check_model(settings: Settings) -> ModelReport:
    """Asks the endpoint of the settings for its models, then the model for a word and for a number in a picture.

    Raises `AnswerError`, one sentence in the chat's words, where it cannot be reached or does not answer.
    """
    settings = settings.model_copy(update={"llm_timeout": min(settings.llm_timeout, SECONDS)})
    started = time.monotonic()
    name, context = model(settings, NAMES)
    try:
        models = tuple(list_models(settings, NAMES))
    except AnswerError:
        models = ()  # some gateways serve models without listing them
    client = ChatClient(endpoint(settings, NAMES), name, context, waits=(), body=settings.llm_body)
    if not client.complete([Message("user", (_WORDS,))], max_tokens=TOKENS).text.strip():
        raise AnswerError(f"{name} at {settings.llm_url} answers with no words: choose another model.")
    return ModelReport(models, name, _reads_pictures(client), round(time.monotonic() - started, 1))


def _reads_pictures(client: ChatClient) -> bool:
    number = str(1000 + secrets.randbelow(9000))
    image = Image.new("RGB", (448, 224), "white")
    ImageDraw.Draw(image).text((60, 60), number, fill="black", font=ImageFont.load_default(96))
    message = Message("user", (encode_image(image, lossless=True), _PICTURE))
    try:
        return number in client.complete([message], max_tokens=TOKENS).text
    except EndpointError:
        return False
