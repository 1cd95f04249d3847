"""The service's own pages: templates that escape what people wrote, and headers that let in nothing else."""

from __future__ import annotations

import secrets
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse


def page(template: str, status: int = 200, *, is_wide: bool = False, **values: object) -> HTMLResponse:
    """Returns a page of `templates/`, which runs no script, loads nothing and cannot be framed."""
    nonce = secrets.token_urlsafe(16)
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    text = _environment().get_template(template).render(nonce=nonce, is_wide=is_wide, **values)
    # without a referrer policy of their own, browsers name no origin when a form is sent
    return HTMLResponse(text, status, {"content-security-policy": policy, "referrer-policy": "same-origin"})


@cache
def _environment() -> Environment:
    loader = PackageLoader("octavo.apps.service")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
