"""Options of the service: its address and the limits of requests."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from octavo.apps.hosts import is_loopback

OidcRole = Literal["reader", "editor", "owner", "admin"]


class ServiceOptions(BaseSettings):
    """Options of the service, each also as a variable: `OCTAVO_SERVICE_PORT`, `OCTAVO_SERVICE_UPLOAD_BYTES`.

    >>> ServiceOptions(host="localhost").is_local, ServiceOptions(host="0.0.0.0").is_local
    (True, False)
    """

    model_config = SettingsConfigDict(env_prefix="OCTAVO_SERVICE_", frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="address to listen at; others than this machine need users")
    port: int = Field(8080, ge=0, le=65535, description="0: any free port")
    admin_password: str = Field("", description="makes the user `admin` where there is no user yet", repr=False)
    chat: bool = Field(True, description="the chat in the browser, over the collection `default`")
    mcp: bool = Field(True, description="MCP by streamable HTTP at /mcp")
    mcp_read_only: bool = Field(False, description="MCP without the tools that add and remove documents")
    upload_bytes: int = Field(200_000_000, ge=1, description="size that one uploaded file may have")
    user_bytes: int = Field(5_000_000_000, ge=1, description="bytes of files that a user may have in all collections")
    user_pages: int = Field(0, ge=0, description="pages of documents that a user may upload; 0: no limit")
    request_bytes: int = Field(40_000_000, ge=1, description="size of a request that is no upload")
    pause_seconds: float = Field(30, gt=0, description="seconds that a request may pause while it is sent")
    question_letters: int = Field(4_000, ge=1, description="length that a question may have")
    picture_pixels: int = Field(40_000_000, ge=1, description="pixels that a question's picture may have")
    texts: int = Field(256, ge=1, description="texts that one request may embed")
    files: Path | None = Field(
        None,
        description="folder of users' files where documents are shared: the same on all machines; else the library's",
    )
    signed_image_seconds: int = Field(
        0,
        ge=0,
        le=604_800,
        description="seconds for which a picture of a page may be fetched from the store of `images` by a signed URL "
        "that the API leads to; 0: the service sends it itself",
    )
    askers: int = Field(16, ge=1, description="questions that a process answers at a time; as many search meanwhile")
    waiting: int = Field(
        256, ge=0, description="questions that may wait for their turn; further ones are refused (503)"
    )
    wait_seconds: float = Field(60, gt=0, description="seconds that a question waits for its turn before it is refused")
    workers: int = Field(1, ge=1, le=256, description="processes that serve; more than one serve no chat")
    grace_seconds: float = Field(30, ge=0, description="seconds that answers have to finish when a process ends")
    lease_seconds: float = Field(
        30, ge=1, description="seconds after which another process takes over the jobs of one that was killed"
    )
    requests_per_minute: int = Field(0, ge=0, description="requests of a user in a minute; 0: no limit")
    public_url: str = Field("", description="address that browsers use, where it is another one: https://docs.example")
    session_hours: float = Field(12, gt=0, le=8760, description="hours that a login in the browser lasts")
    oidc_issuer: str = Field("", description="identity provider, by its issuer URL; `pip install octavo[oidc]`")
    oidc_client_id: str = Field("", description="id of this service at the identity provider")
    oidc_client_secret: str = Field("", description="secret of this service at the identity provider", repr=False)
    oidc_domains: tuple[str, ...] = Field((), description="domains of the addresses that may log in; none: all")
    oidc_name_claim: str = Field("email", description="claim that becomes the user's name")
    oidc_roles_claim: str = Field("groups", description="claim whose values are mapped to roles")
    oidc_roles: dict[str, OidcRole] = Field(
        default_factory=dict, description="role in the collection `default` of each value of the claim, or `admin`"
    )
    tokens_per_day: int = Field(0, ge=0, description="tokens of models for a user in a day (UTC); 0: no limit")
    traces: bool = Field(False, description="spans of OpenTelemetry to the collector of OTEL_EXPORTER_OTLP_ENDPOINT")
    trace_content: bool = Field(False, description="spans also hold questions, answers and names of documents")
    open_collections: int = Field(8, ge=1, description="collections that stay open when nobody asks them")

    @model_validator(mode="after")
    def _check_oidc(self) -> Self:
        if not self.oidc_issuer:
            return self
        if not self.oidc_client_id:
            raise ValueError("OCTAVO_SERVICE_OIDC_CLIENT_ID: an identity provider needs a client id.")
        address = urlsplit(self.oidc_issuer)
        if address.scheme != "https" and not is_loopback(address.hostname or ""):
            raise ValueError("OCTAVO_SERVICE_OIDC_ISSUER: an identity provider is reached by https.")
        if not (self.public_url or self.is_local):
            raise ValueError("OCTAVO_SERVICE_PUBLIC_URL: an identity provider sends browsers back to this address.")
        return self

    @property
    def has_chat(self) -> bool:
        """True where the chat is served, which keeps what goes on in its pages in the memory of one process."""
        return self.chat and self.workers == 1

    @property
    def is_local(self) -> bool:
        """True where only this machine can reach the service."""
        return is_loopback(self.host)
