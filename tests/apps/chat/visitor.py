"""Someone who uses the chat over HTTP as its page does, without a browser."""

from __future__ import annotations

import json
import secrets
from typing import Any

import httpx


class Visitor:
    """A session of a user; `ask` returns the HTML of the whole answer, raises `AssertionError` for an error."""

    def __init__(self, base: str, user: str = "", password: str = "", wanted: str = "") -> None:
        auth = (user, password) if user else None
        self._http = httpx.Client(base_url=base, auth=auth, timeout=60)
        self._session = secrets.token_hex(6)
        config = self._http.get("/config").raise_for_status().json()
        self._events = config["dependencies"]
        self._state = [c["id"] for c in config["components"] if c["type"] == "state"]
        self.conversation = ""
        self._call(
            next(n for n, e in enumerate(self._events) if e["targets"] and e["targets"][0][1] == "load"), [wanted]
        )
        self.conversation = self._first

    def close(self) -> None:
        self._http.close()

    def get(self, path: str) -> httpx.Response:
        return self._http.get(path)

    def ask(self, question: str, *files: dict[str, Any]) -> str:
        return self.call("ask", [{"text": question, "files": list(files)}, self.conversation, None, None])

    def send(self, name: str, content: bytes) -> dict[str, Any]:
        """Sends a file as the browser does before it is used; returns what names it then."""
        sent = self._http.post("/gradio_api/upload", files={"files": (name, content)}).raise_for_status().json()
        return file_data(sent[0], name)

    def upload(self, name: str, content: bytes, collection: str) -> None:
        self.call("upload", [[self.send(name, content)], collection])

    def press_document(self, **data: Any) -> None:
        """Presses a button of the document list."""
        self.call("press_document", [None, None, None, ""], data)

    def call(self, name: str, data: list[Any], pressed: dict[str, Any] | None = None) -> str:
        """Fires the event of a name."""
        return self._call(next(n for n, e in enumerate(self._events) if e["api_name"] == name), data, pressed)

    def _call(self, event: int, data: list[Any], pressed: dict[str, Any] | None = None) -> str:
        """Starts an event and follows its stream to the end; the last value of the answer's component."""
        body = {
            "data": data,
            "fn_index": self._events[event]["id"],
            "session_hash": self._session,
            "event_data": pressed,
        }
        joined = self._http.post("/gradio_api/queue/join", json=body).raise_for_status().json()
        shown = ""
        with self._http.stream("GET", f"/gradio_api/queue/data?session_hash={self._session}") as stream:
            for line in stream.iter_lines():
                message = json.loads(line[6:]) if line.startswith("data: ") else {}
                if message.get("event_id") != joined["event_id"] or "output" not in message:
                    continue
                assert message["success"], message
                values = message["output"].get("data") or []
                if values and isinstance(values[0], str):
                    self._first = values[0]
                if len(values) > 1:
                    shown = _patched(shown, values[1])
                if message["msg"] == "process_completed":
                    return shown
        raise AssertionError("the stream ended before the answer")


def file_data(path: str, name: str = "") -> dict[str, Any]:
    """How the browser names a file at a path of the server."""
    return {"path": path, "orig_name": name or path.rpartition("/")[2], "meta": {"_type": "gradio.FileData"}}


def _patched(shown: str, value: Any) -> str:
    """A change of a component: whole, or as the steps from the one before (Gradio's diff)."""
    if isinstance(value, dict):
        return str(value.get("value", shown))
    for action, path, step in value if isinstance(value, list) else ():
        if path == ["value"] and action != "delete":
            shown = shown + step if action == "append" else str(step)
        elif not path and action == "replace":
            shown = str(step.get("value", shown))
    return shown
