"""Login by an identity provider that speaks OpenID Connect: the authorization code flow with PKCE, by Authlib."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from octavo.apps.service.errors import ForbiddenError, ServiceError, UnauthorizedError
from octavo.ingest.errors import MissingToolError

if TYPE_CHECKING:
    from octavo.apps.service.options import OidcRole, ServiceOptions
    from octavo.apps.service.store.logins import LoginRecords

FLOW_SECONDS = 600.0
"""Seconds that a login may take at the identity provider."""
FLOWS = 10_000
"""Logins that may be under way; the oldest go first."""
TIMEOUT = 10.0
"""Seconds that the identity provider may be silent."""
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures of ID tokens that are accepted: by a public key, never by a shared secret or none."""
_RANKS = ("reader", "editor", "owner")


class ProviderError(ServiceError):
    """The identity provider cannot be reached, or does not answer as one."""

    code = "identity-provider"
    status = 502


@dataclass(frozen=True, slots=True)
class _Flow:
    state: str
    nonce: str
    verifier: str
    redirect: str
    next: str


class Provider:
    """An identity provider; what it says is checked: issuer, audience, signature, nonce, state and times."""

    def __init__(self, options: ServiceOptions, logins: LoginRecords) -> None:
        try:
            from authlib.integrations.starlette_client import OAuth
        except ImportError as error:
            raise MissingToolError('An identity provider needs authlib: pip install "octavo[oidc]".') from error
        self._options, self._logins = options, logins
        self._issuer = options.oidc_issuer.rstrip("/")
        self.name = urlsplit(self._issuer).hostname or self._issuer
        self._client: Any = OAuth().register(
            "oidc",
            client_id=options.oidc_client_id,
            client_secret=options.oidc_client_secret or None,
            server_metadata_url=f"{self._issuer}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid email profile",
                "code_challenge_method": "S256",
                "timeout": TIMEOUT,
                **({} if options.oidc_client_secret else {"token_endpoint_auth_method": "none"}),
            },
        )

    async def begin(self, redirect: str, next: str) -> tuple[str, str]:
        """Returns the secret of a new login, which the browser keeps, and the provider's address.

        Raises `ProviderError`.
        """
        await self._discover()
        nonce = secrets.token_urlsafe(24)
        begun = await self._client.create_authorization_url(redirect, nonce=nonce)
        secret, now = secrets.token_urlsafe(24), time.time()
        flow = _Flow(begun["state"], nonce, begun["code_verifier"], redirect, next)
        self._logins.begin(secret, asdict(flow), now, now + FLOW_SECONDS, FLOWS)
        return secret, begun["url"]

    async def finish(self, flow: str, *, state: str, code: str, error: str = "") -> tuple[Mapping[str, Any], str]:
        """Returns the checked claims of the ID token, and the path where the login began.

        A login is finished once. Raises `UnauthorizedError` for one that does not hold, and `ProviderError`.
        """
        flow_state = self._logins.finish(flow, time.time())
        if flow_state is None:
            raise UnauthorizedError("This login took too long or was begun elsewhere: log in again.")
        begun = _Flow(**flow_state)
        if not hmac.compare_digest(begun.state.encode(), state.encode()):
            raise UnauthorizedError("This login was begun elsewhere: log in again.")
        if error or not code:
            raise UnauthorizedError("The identity provider did not let you in.")
        return await self._claims(begun, code), begun.next

    async def _discover(self) -> None:
        try:
            metadata = await self._client.load_server_metadata()
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderError(f"The identity provider {self.name} cannot be reached.") from error
        if not isinstance(metadata.get("issuer"), str) or metadata["issuer"].rstrip("/") != self._issuer:
            self._client.server_metadata.clear()
            raise ProviderError(f"The identity provider {self.name} calls itself by another name.")
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = [name for name in offered if name in ALGORITHMS]

    async def _claims(self, begun: _Flow, code: str) -> Mapping[str, Any]:
        from authlib.common.errors import AuthlibBaseError
        from joserfc.errors import JoseError

        await self._discover()
        required = {
            "iss": {"essential": True, "values": [self._client.server_metadata["issuer"]]},
            "aud": {"essential": True, "value": self._options.oidc_client_id},
            "sub": {"essential": True},
            "exp": {"essential": True},
            "nonce": {"essential": True, "value": begun.nonce},
        }
        try:
            token = await self._client.fetch_access_token(begun.redirect, code=code, code_verifier=begun.verifier)
            claims = await self._client.parse_id_token(token, nonce=begun.nonce, claims_options=required)
        except httpx.HTTPError as error:
            raise ProviderError(f"The identity provider {self.name} cannot be reached.") from error
        except (AuthlibBaseError, JoseError, ValueError) as error:
            raise UnauthorizedError("What the identity provider said about you does not hold: log in again.") from error
        if claims is None:
            raise UnauthorizedError("The identity provider did not say who you are.")
        result: Mapping[str, Any] = claims
        return result


def name_of(claims: Mapping[str, Any], options: ServiceOptions) -> str:
    """Returns the user's name by the claims; raises `ForbiddenError` for an address that may not log in.

    An address counts where the identity provider has verified it.
    """
    email = str(claims.get("email") or "")
    is_verified = claims.get("email_verified") is True
    if options.oidc_domains and not (
        is_verified and email.rpartition("@")[2].lower() in {domain.lower() for domain in options.oidc_domains}
    ):
        raise ForbiddenError("Your address may not log in here.")
    if options.oidc_name_claim == "email" and not is_verified:
        raise ForbiddenError("The identity provider has not verified your address.")
    name = str(claims.get(options.oidc_name_claim) or "")
    if not name:
        raise ForbiddenError("The identity provider did not tell your name.")
    return name


def roles_of(claims: Mapping[str, Any], options: ServiceOptions) -> tuple[str, bool]:
    """Returns the highest role that the claims give in the collection `default`, or "", and whether an admin's."""
    claim = claims.get(options.oidc_roles_claim)
    values: Iterable[Any] = claim if isinstance(claim, list) else [claim]
    roles: set[OidcRole] = {
        options.oidc_roles[value] for value in values if isinstance(value, str) and value in options.oidc_roles
    }
    return max((role for role in roles if role in _RANKS), key=_RANKS.index, default=""), "admin" in roles
