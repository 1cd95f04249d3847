"""Sessions in the browser: who gets one, how long it holds, and what other sites cannot do with it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from octavo.apps.service import Role, Service, ServiceOptions, create_app
from octavo.apps.service.app import chat_of
from octavo.rag import Settings
from tests.apps.service.conftest import Running

PAGE = {"accept": "text/html"}


@pytest.fixture
def browser(shared: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=shared.url, headers={**PAGE, "origin": shared.url}) as client:
        yield client


def log_in(browser: httpx.Client, name: str, password: str, next: str = "/docs") -> httpx.Response:
    form = browser.get("/login", params={"next": next})
    token = re.search(r'name="token" value="(\w+)"', form.text)
    assert token
    return browser.post("/login", data={"token": token[1], "name": name, "password": password, "next": next})


def test_a_page_leads_to_the_login_and_back(browser: httpx.Client) -> None:
    asked = browser.get("/docs?x=1")
    assert (asked.status_code, asked.headers["location"]) == (303, "/login?next=%2Fdocs%3Fx%3D1")
    made = log_in(browser, "ben", "ben-password", "/docs?x=1")
    assert (made.status_code, made.headers["location"]) == (303, "/docs?x=1")
    cookie = made.headers.get_list("set-cookie")[0]
    assert cookie.startswith("octavo_session=")
    assert {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=43200"} <= set(cookie.split("; "))
    assert browser.get("/api/me").json()["user"] == "ben"
    docs = browser.get("/docs").text
    assert "POST /api/collections/{collection}/ask" in docs
    assert "http" not in docs.replace("http-equiv", "")
    assert browser.get("/openapi.json").json()["info"]["title"] == "Octavo"
    assert browser.get("/login").headers["location"] == "/"


def test_the_cookie_is_bound_to_the_host_behind_tls(shared: Running, browser: httpx.Client) -> None:
    browser.headers["x-forwarded-proto"] = "https"
    form = browser.get("/login")
    assert "Secure" in form.headers["set-cookie"]
    token = re.search(r'name="token" value="(\w+)"', form.text)
    sent = {"octavo_login": form.cookies["octavo_login"]}
    assert token
    given = {"token": token[1], "name": "ben", "password": "ben-password"}
    made = httpx.post(f"{shared.url}/login", data=given, cookies=sent, headers=dict(browser.headers))
    cookie = made.headers.get_list("set-cookie")[0]
    assert cookie.startswith("__Host-octavo_session=")
    assert "Secure" in cookie


def test_login_pages_run_no_script_and_cannot_be_framed(browser: httpx.Client) -> None:
    page = browser.get("/login", params={"next": '"><script>alert(1)</script>'})
    assert "<script" not in page.text
    assert page.headers["referrer-policy"] == "same-origin"  # else Chromium sends forms with "Origin: null"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    wrong = log_in(browser, '"><script>x', "wrong")
    assert wrong.status_code == 401
    assert "<script" not in wrong.text


@pytest.mark.parametrize("next", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_a_login_leads_to_no_other_site(browser: httpx.Client, next: str) -> None:
    assert log_in(browser, "ben", "ben-password", next).headers["location"] == "/"


def test_a_form_of_another_site_is_refused(shared: Running, browser: httpx.Client) -> None:
    given = {"token": "0" * 64, "name": "ben", "password": "ben-password"}
    assert browser.post("/login", data=given).status_code == 403
    browser.headers["origin"] = "https://evil.example"
    assert log_in(browser, "ben", "ben-password").status_code == 403
    assert "octavo_session" not in browser.cookies


def test_a_session_changes_nothing_for_another_site(shared: Running, browser: httpx.Client) -> None:
    log_in(browser, "ann", "ann-password")
    made = browser.post("/api/keys", json={"name": "by session"})
    assert made.status_code == 201
    del browser.headers["origin"]
    blind = browser.post("/api/keys", json={"name": "blind"})
    assert (blind.status_code, blind.json()["error"]["code"]) == (403, "forbidden")
    foreign = browser.post("/api/keys", json={"name": "foreign"}, headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403
    shared.service.users.revoke("ann", made.json()["id"])


def test_logout_ends_the_session(shared: Running, browser: httpx.Client) -> None:
    log_in(browser, "ben", "ben-password")
    kept = dict(browser.cookies)
    account = browser.get("/account").text
    token = re.search(r'name="token" value="(\w+)"', account)
    assert token
    assert "Bytes of files" in account
    assert browser.post("/logout", data={"token": "0" * 64}).status_code == 403
    out = browser.post("/logout", data={"token": token[1]})
    assert (out.status_code, out.headers["location"]) == (303, "/login")
    assert httpx.get(f"{shared.url}/api/me", cookies=kept).status_code == 401
    assert browser.get("/account").headers["location"].startswith("/login")


def test_sessions_end_by_time_password_and_removal(shared: Running) -> None:
    users = shared.service.users
    users.add("eve", "eve-password")
    over = users.start_session("eve", hours=-1)
    assert users.session_caller(over) is None
    secret = users.start_session("eve", hours=1)
    caller = users.session_caller(secret)
    assert caller
    assert (caller.user, caller.is_admin, caller.limit) == ("eve", False, Role.OWNER)
    users.set_password("eve", "another-password")
    assert users.session_caller(secret) is None
    secret = users.start_session("eve", hours=1)
    users.remove("eve")
    assert users.session_caller(secret) is None


def test_wrong_passwords_are_answered_by_a_pause(
    shared: Running, browser: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = time.time()
    monkeypatch.setattr("octavo.apps.service.http.authentication.time", SimpleNamespace(time=lambda: moment))
    shared.service.add_user("fay", "fay-password")  # the clock of a service is read where its users change
    for _ in range(9):
        shared.service.wrong_passwords.count(("user", "fay"), moment)
    answers = [log_in(browser, "fay", "guess") for _ in range(2)]
    assert [one.status_code for one in answers] == [401, 429]
    assert answers[-1].headers["retry-after"] == "1"
    assert "Too many wrong passwords" in answers[-1].text
    moment += 1
    assert log_in(browser, "fay", "fay-password").status_code == 303
    shared.service.users.remove("fay")


def test_the_chat_is_behind_the_same_login(tmp_path: Path) -> None:
    pytest.importorskip("gradio", reason='the chat is not installed: pip install "octavo[serve]"')
    from starlette.testclient import TestClient

    with ExitStack() as opened:
        settings = Settings(library=tmp_path / "library")
        service = opened.enter_context(Service(settings, ServiceOptions()))
        for name in ("ann", "ben"):
            service.add_user(name, f"{name}-password")
        chat = opened.enter_context(chat_of(settings, service))
        with TestClient(create_app(service, chat), "http://127.0.0.1:8080", follow_redirects=False) as client:
            assert client.get("/", headers=PAGE).headers["location"] == "/login?next=%2F"
            assert client.get("/config").status_code == 401
            client.cookies.set("octavo_session", service.users.start_session("ann", 1))
            assert client.get("/", headers=PAGE).status_code == 200
            assert client.get("/config").json()["username"] == "ann"
            client.cookies.set("octavo_session", service.users.start_session("ben", 1))
            assert client.get("/config").status_code == 404
            service.collections.set_member("default", "ben", Role.READER)
            assert client.get("/config").json()["username"] == "ben"
