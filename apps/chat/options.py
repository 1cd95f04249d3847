"""Options of the chat: address, users, bounds of uploads."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from octavo.apps.chat.accounts import hash_password
from octavo.apps.hosts import is_loopback
from octavo.ingest import OctavoError


class ChatOptions(BaseSettings):
    """Options of the chat's server, each also as a variable: `OCTAVO_CHAT_PORT`, `OCTAVO_CHAT_UPLOAD_BYTES`.

    `users` are names with their passwords, which are kept as hashes; without any, only this machine gets in.

    >>> ChatOptions(host="localhost").is_local
    True
    >>> ChatOptions(host="0.0.0.0").is_local
    False
    """

    model_config = SettingsConfigDict(env_prefix="OCTAVO_CHAT_", frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="address to listen at; others than this machine need users")
    port: int = Field(7860, ge=0, le=65535, description="0: any free port")
    users: dict[str, str] = Field(default_factory=dict, repr=False, description="passwords by name")
    upload_bytes: int = Field(200_000_000, ge=1, description="size that one uploaded file may have")
    user_bytes: int = Field(5_000_000_000, ge=1, description="bytes of uploads, the bin included, that a user may have")
    bin_days: float = Field(30, ge=0, description="days that a removed document can be restored")
    files: Path | None = Field(
        None,
        description="folder of users' files where documents are shared: the same on all machines; else the library's",
    )
    picture_bytes: int = Field(20_000_000, ge=1, description="size that a question's picture may have")
    picture_pixels: int = Field(40_000_000, ge=1, description="pixels that a question's picture may have")
    picture_side: int = Field(1600, ge=64, description="longest side that a question's picture is kept at, pixels")
    question_letters: int = Field(4_000, ge=1, description="length that a question may have")
    askers: int = Field(16, ge=1, description="questions that are answered at a time")
    waiting: int = Field(256, ge=0, description="questions that may wait for their turn; further ones are refused")

    @field_validator("users")
    @classmethod
    def _hash(cls, users: dict[str, str]) -> dict[str, str]:
        return {name: hash_password(password) for name, password in users.items()}

    @property
    def is_local(self) -> bool:
        """Returns whether only this machine can reach the server."""
        return is_loopback(self.host)

    def check(self) -> None:
        """Raises `OctavoError` where others could reach the chat without a password."""
        if not (self.is_local or self.users):
            raise OctavoError(
                f"The chat would be open to everyone who reaches {self.host}: "
                "name users with --auth-file, or in OCTAVO_CHAT_USERS."
            )


def users(names: Iterable[str]) -> dict[str, str]:
    """Returns names and passwords of `USER:PASSWORD` texts; raises `OctavoError` for others.

    >>> users(["ann:s3cret", "ben:a:b"])
    {'ann': 's3cret', 'ben': 'a:b'}
    """
    result = {}
    for text in names:
        name, _, password = text.partition(":")
        if not (name and password):
            raise OctavoError("A user is USER:PASSWORD, and neither may be empty.")
        result[name] = password
    return result


def users_of(file: Path) -> dict[str, str]:
    """Returns names and passwords of a file with one `USER:PASSWORD` a line, without empty lines and comments (#).

    Raises `OctavoError` where the file cannot be read, or others than its owner can read it.
    """
    try:
        text, mode = file.read_text(encoding="utf-8"), file.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        raise OctavoError(f"The file of users {file} cannot be read: {error}.") from error
    if mode & 0o077:
        raise OctavoError(f"Others can read the passwords in {file}: run `chmod 600 {file}` first.")
    lines = (line.strip() for line in text.splitlines())
    return users(line for line in lines if line and not line.startswith("#"))
