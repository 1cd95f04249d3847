"""Errors of the library in the words of the command line."""

from __future__ import annotations

_OPTIONS = {
    "OCTAVO_LLM_URL": "--llm-url or OCTAVO_LLM_URL",
    "OCTAVO_LLM_MODEL": "--llm-model or OCTAVO_LLM_MODEL",
}
"""Settings that have an option too."""
_COMMANDS = {
    "password": "`octavo ingest --password PASSWORD FILE`",
    "screenshot": "`octavo ingest --force FILE`",
    "embedding-mismatch": "`octavo embed`",
    "incomplete-index": "`octavo migrate --to ENGINE --uri ADDRESS --anew`",
    "server-setup": "`octavo models up` prints the commands",
}
"""The advice for a kind of error (`OctavoError.code`)."""


def in_cli_words(text: str, code: str = "") -> str:
    """Returns the text of an error with the options and the command that help.

    >>> in_cli_words("It cannot be reached: check OCTAVO_LLM_URL.")
    'It cannot be reached: check --llm-url or OCTAVO_LLM_URL.'
    >>> in_cli_words("a.pdf is encrypted: give its password.", "password")
    'a.pdf is encrypted: give its password (`octavo ingest --password PASSWORD FILE`).'
    >>> in_cli_words("The vectors were made by another model: embed the library again.", "embedding-mismatch")
    'The vectors were made by another model: embed the library again (`octavo embed`).'
    """
    for setting, option in _OPTIONS.items():
        text = text.replace(setting, option)
    return f"{text.rstrip('.')} ({_COMMANDS[code]})." if code in _COMMANDS else text
