"""Login by an identity provider, which runs on this machine: who is let in, and what is not believed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import ValidationError

pytest.importorskip("authlib", reason='the extra is not installed: pip install "octavo[oidc]"')
from joserfc.jwk import RSAKey

from octavo.apps.service import Role, Service, ServiceOptions
from octavo.apps.service.errors import ForbiddenError
from octavo.apps.service.oidc import name_of
from octavo.rag import Settings
from tests.apps.service.conftest import Running, serve
from tests.apps.service.provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider, running


@pytest.fixture(scope="module")
def started() -> Iterator[IdentityProvider]:
    with running() as provider:
        yield provider


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, started: IdentityProvider) -> Iterator[Running]:
    options = ServiceOptions(
        chat=False,
        oidc_issuer=started.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
        oidc_domains=("example.org",),
        oidc_roles={"staff": "editor", "all": "reader", "boss": "admin"},
    )
    with Service(Settings(library=tmp_path_factory.mktemp("oidc") / "library"), options) as service:
        yield from serve(service)


@pytest.fixture
def provider(started: IdentityProvider) -> Iterator[IdentityProvider]:
    """The provider, which tells the truth again after each test."""
    key, header = started.key, started.header
    yield started
    started.key, started.header, started.published = key, header, key
    started.claims, started.metadata = {}, {}


@pytest.fixture
def browser(guarded: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=guarded.url, headers={"accept": "text/html"}) as client:
        yield client


def log_in(browser: httpx.Client) -> httpx.Response:
    begun = browser.get("/login/oidc", params={"next": "/docs"})
    assert begun.status_code == 303
    return browser.get(httpx.get(begun.headers["location"]).headers["location"])


def test_an_identity_provider_lets_in_with_its_roles(
    guarded: Running, provider: IdentityProvider, browser: httpx.Client
) -> None:
    assert browser.get("/docs").headers["location"] == "/login?next=%2Fdocs"
    assert "Log in with 127.0.0.1" in browser.get("/login").text
    provider.claims = {"groups": ["all", "staff", "other"]}
    done = log_in(browser)
    assert (done.status_code, done.headers["location"]) == (303, "/docs")
    me = browser.get("/api/me").json()
    assert (me["user"], me["is_admin"], me["collections"]) == ("gus@example.org", False, {"default": "editor"})
    provider.claims = {"groups": ["boss", "all"]}
    log_in(browser)
    me = browser.get("/api/me").json()
    assert (me["is_admin"], me["collections"]) == (True, {"default": "reader"})
    provider.claims = {"groups": []}
    log_in(browser)
    me = browser.get("/api/me").json()
    assert (me["is_admin"], me["collections"]) == (False, {})
    assert [user.name for user in guarded.service.users.all()] == ["gus@example.org"]


def test_the_first_login_does_not_become_administrator(guarded: Running) -> None:
    assert not any(user.is_admin for user in guarded.service.users.all())
    assert httpx.get(f"{guarded.url}/api/me").status_code == 401


def other_key(provider: IdentityProvider) -> None:
    provider.key = RSAKey.generate_key(2048, {"kid": "one"}, private=True)


LIES: dict[str, Callable[[IdentityProvider], object]] = {
    "nonce": lambda provider: provider.claims.update(nonce="another"),
    "no nonce": lambda provider: provider.claims.update(nonce=None),
    "issuer": lambda provider: provider.claims.update(iss="https://evil.example"),
    "audience": lambda provider: provider.claims.update(aud="another"),
    "no audience": lambda provider: provider.claims.update(aud=None),
    "over": lambda provider: provider.claims.update(exp=1_000_000_000),
    "no end": lambda provider: provider.claims.update(exp=None),
    "no subject": lambda provider: provider.claims.update(sub=None),
    "key": other_key,
    "shared secret": lambda provider: provider.share_secret(),
}


@pytest.mark.parametrize("lie", LIES)
def test_invalid_claims_are_refused(lie: str, provider: IdentityProvider, browser: httpx.Client) -> None:
    LIES[lie](provider)
    done = log_in(browser)
    assert done.status_code == 401
    assert "octavo_session" not in browser.cookies
    assert "log in again" in done.text


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "eve@evil.example"},
        {"email": "eve@example.org.evil.example"},
        {"email": None},
        {"email_verified": False},
        {"email_verified": None},
    ],
)
def test_an_address_of_another_domain_or_without_a_check_may_not(
    claims: dict[str, object], provider: IdentityProvider, browser: httpx.Client
) -> None:
    provider.claims = {"sub": "u-2", **claims}
    assert log_in(browser).status_code == 403
    assert "octavo_session" not in browser.cookies


def test_a_name_that_is_taken_is_not_taken_over(
    guarded: Running, provider: IdentityProvider, browser: httpx.Client
) -> None:
    guarded.service.users.add("ann@example.org", "ann-password")
    provider.claims = {"sub": "u-3", "email": "ann@example.org"}
    assert log_in(browser).status_code == 409
    guarded.service.users.add("ben@example.org", "ben-password")
    guarded.service.users.remove("ben@example.org")
    assert "octavo_session" not in browser.cookies


def test_a_login_is_finished_once_where_it_was_begun(provider: IdentityProvider, browser: httpx.Client) -> None:
    begun = browser.get("/login/oidc").headers["location"]
    asked = parse_qs(urlsplit(begun).query)
    assert {"state", "nonce", "code_challenge"} <= set(asked)
    back = httpx.get(begun).headers["location"]
    elsewhere = httpx.get(back)
    assert elsewhere.status_code == 401
    other_state = back.replace(asked["state"][0], "x" * 30)
    assert browser.get(other_state).status_code == 401
    assert browser.get(back).status_code == 401
    assert browser.get("/login/oidc/callback", params={"error": "access_denied"}).status_code == 401


def test_a_provider_that_calls_itself_otherwise_is_refused(tmp_path: Path, provider: IdentityProvider) -> None:
    provider.metadata = {"issuer": "https://evil.example"}
    options = ServiceOptions(chat=False, oidc_issuer=provider.issuer, oidc_client_id=CLIENT_ID)
    with Service(Settings(library=tmp_path / "library"), options) as service:
        for there in serve(service):
            assert httpx.get(f"{there.url}/login/oidc").status_code == 502


def test_options_are_checked() -> None:
    with pytest.raises(ValidationError, match="OIDC_CLIENT_ID"):
        ServiceOptions(oidc_issuer="https://id.example")
    with pytest.raises(ValidationError, match="reached by https"):
        ServiceOptions(oidc_issuer="http://id.example", oidc_client_id="x")
    with pytest.raises(ValidationError, match="PUBLIC_URL"):
        ServiceOptions(host="0.0.0.0", oidc_issuer="https://id.example", oidc_client_id="x")
    options = ServiceOptions(oidc_issuer="https://id.example", oidc_client_id="x", oidc_name_claim="preferred_username")
    assert name_of({"preferred_username": "gus"}, options) == "gus"
    with pytest.raises(ForbiddenError, match="did not tell your name"):
        name_of({}, options)


def test_a_user_without_a_password_has_none(guarded: Running) -> None:
    guarded.service.users.add_without_password("hal@example.org")
    assert "hal@example.org" not in guarded.service.users.passwords()
    with httpx.Client(base_url=guarded.url, auth=("hal@example.org", "")) as client:
        assert client.get("/api/me").status_code == 401
    guarded.service.collections.set_member("default", "hal@example.org", Role.READER)
