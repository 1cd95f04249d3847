"""Options of the service: its address and the limits of requests."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from octavo.apps.hosts import is_loopback


class ServiceOptions(BaseSettings):
    """Options of the service, each also as a variable: `OCTAVO_SERVICE_PORT`, `OCTAVO_SERVICE_UPLOAD_BYTES`.

    >>> ServiceOptions(host="localhost").is_local, ServiceOptions(host="0.0.0.0").is_local
    (True, False)
    """

    model_config = SettingsConfigDict(env_prefix="OCTAVO_SERVICE_", frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535, description="0: any free port")
    admin_password: str = Field("", description="makes the user `admin` where there is no user yet", repr=False)
    chat: bool = Field(True, description="the chat in the browser, over the collection `default`")
    mcp: bool = Field(True, description="MCP by streamable HTTP at /mcp")
    mcp_read_only: bool = Field(False, description="MCP without the tools that add and remove documents")
    upload_bytes: int = Field(200_000_000, ge=1, description="size that one uploaded file may have")
    user_bytes: int = Field(5_000_000_000, ge=1, description="bytes of files that a user may have in all collections")
    request_bytes: int = Field(40_000_000, ge=1, description="size of a request that is no upload")
    question_letters: int = Field(4_000, ge=1, description="length that a question may have")
    picture_pixels: int = Field(40_000_000, ge=1, description="pixels that a question's picture may have")
    texts: int = Field(256, ge=1, description="texts that one request may embed")
    askers: int = Field(16, ge=1, description="questions that are answered at a time")
    requests_per_minute: int = Field(0, ge=0, description="requests of a user in a minute; 0: no limit")
    open_collections: int = Field(8, ge=1, description="collections that stay open when nobody asks them")

    @property
    def is_local(self) -> bool:
        """True where only this machine can reach the service."""
        return is_loopback(self.host)
