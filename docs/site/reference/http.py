"""The reference of the HTTP API, by the OpenAPI description that the service gives of itself."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from octavo.apps.service import Service, ServiceOptions, create_app
from octavo.rag import Settings


def description() -> dict[str, Any]:
    """Returns the OpenAPI description of a service."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(library=Path(folder) / "library")
        with Service(settings, ServiceOptions(chat=False)) as service:
            return create_app(service).openapi()


def page() -> str:
    """Returns the page: each operation with its parameters and an example of its body, by tag."""
    api = description()
    parts = [f"# HTTP API\n\n{api['info']['description']}\n"]
    for tag in api["tags"]:
        parts.append(f"\n## {tag['name']}\n\n{tag['description']}\n")
        for path, methods in api["paths"].items():
            for method, operation in methods.items():
                if tag["name"] in operation["tags"]:
                    parts += _operation(f"{method.upper()} {path}", operation, api["components"]["schemas"])
    return "\n".join(parts)


def _operation(name: str, operation: dict[str, Any], schemas: dict[str, Any]) -> Iterator[str]:
    yield f"### {operation['summary']}\n\n`{name}`\n\n{operation['description']}\n"
    rows = [
        (f"`{one['name']}` ({one['in']})", one["schema"], one.get("required", False), one.get("description", ""))
        for one in operation.get("parameters", [])
    ]
    body = operation.get("requestBody", {}).get("content", {})
    schema: dict[str, Any] = {}
    for content in body.values():
        schema = _resolved(content["schema"], schemas)
        required = schema.get("required", [])
        rows += [
            (f"`{field}`", inner, field in required, inner.get("description", ""))
            for field, inner in schema.get("properties", {}).items()
        ]
    if rows:
        yield "| | type | default | |\n|---|---|---|---|"
        for field, inner, required, text in rows:
            default = "required" if required else _default(inner)
            yield f"| {field} | {_type(inner)} | {default} | {' '.join(text.split())} |".replace("||", "| |")
        yield ""
    if examples := schema.get("examples"):
        yield f"```json\n{json.dumps(examples[0], indent=2, ensure_ascii=False)}\n```\n"


def _resolved(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return schemas[name] if name else schema


def _default(schema: dict[str, Any]) -> str:
    value = schema.get("default")
    return "" if value is None or value in ("", [], {}) else f"`{json.dumps(value, ensure_ascii=False)}`"


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2]
    if options := schema.get("anyOf"):
        return " or ".join(name for one in options if (name := _type(one)) != "null")
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return str(schema.get("type", "any"))
