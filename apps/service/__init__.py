"""The service: an OpenAI-compatible API, a native API, MCP and the chat in front of collections of documents.

`create_app` makes the ASGI application, `run` serves it (`pip install "octavo[serve]"`).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from octavo.apps.service.app import create_app, run
    from octavo.apps.service.options import ServiceOptions
    from octavo.apps.service.rights import Caller, Role
    from octavo.apps.service.service import Service

_HOME = {
    "Caller": "rights",
    "Role": "rights",
    "Service": "service",
    "ServiceOptions": "options",
    "create_app": "app",
    "run": "app",
}

__all__ = ["Caller", "Role", "Service", "ServiceOptions", "create_app", "run"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)
