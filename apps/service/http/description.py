"""The description of the API: OpenAPI, and the same as a page that loads nothing from elsewhere."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from octavo.apps.service.http.authentication import CurrentCaller
from octavo.apps.service.http.page import page

router = APIRouter(include_in_schema=False)


@router.get("/openapi.json")
def openapi(caller: CurrentCaller, request: Request) -> dict[str, Any]:
    """The description of the API by OpenAPI."""
    result: dict[str, Any] = request.app.openapi()
    return result


@router.get("/docs")
def docs(caller: CurrentCaller, request: Request) -> Response:
    """The description as a page, for who is logged in."""
    described = request.app.openapi()
    types = described["components"]["schemas"]
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in described["paths"].items():
        for method, route in methods.items():
            groups.setdefault(route["tags"][0], []).append(_route(path, method, route, types))
    return page(
        "docs.html",
        title="API",
        is_wide=True,
        groups=[(tag["name"], tag["description"], groups[tag["name"]]) for tag in described["tags"]],
        types=[(name, _fields(schema)) for name, schema in sorted(types.items())],
    )


def _route(path: str, method: str, route: dict[str, Any], types: dict[str, Any]) -> dict[str, Any]:
    bodies: dict[str, Any] = route.get("requestBody", {}).get("content", {})
    media_type = next(iter(bodies), "")
    responses: dict[str, Any] = route["responses"]
    contents = [of_status.get("content", {}) for status, of_status in responses.items() if status.startswith("2")]
    response: dict[str, Any] = next((schema for content in contents for schema in content.values()), {})
    return {
        "method": method.upper(),
        "path": path,
        "title": route.get("summary", ""),
        "text": route.get("description", ""),
        "parameters": [
            {
                "name": one["name"],
                "in": one["in"],
                "required": one.get("required", False),
                "schema": type_of(one["schema"]),
            }
            for one in route.get("parameters", ())
        ],
        "example": _example(bodies.get(media_type, {}).get("schema", {}), types),
        "media_type": media_type,
        "body": type_of(bodies.get(media_type, {}).get("schema", {})),
        "response": type_of(response.get("schema", {})),
    }


def _example(schema: dict[str, Any], types: dict[str, Any]) -> str:
    """Returns the example of a body as JSON, empty where it has none."""
    examples = types.get(type_of(schema), {}).get("examples", ())
    return json.dumps(examples[0], ensure_ascii=False) if examples else ""


def _fields(schema: dict[str, Any]) -> list[tuple[str, str]]:
    required = schema.get("required", ())
    fields = [
        (name if name in required else f"{name}?", type_of(one)) for name, one in schema.get("properties", {}).items()
    ]
    return fields or [("", type_of(schema))]


def type_of(schema: dict[str, Any]) -> str:
    """Returns a JSON schema in a few words.

    >>> type_of({"anyOf": [{"type": "array", "items": {"$ref": "#/components/schemas/Box"}}, {"type": "null"}]})
    'Box[] | null'
    >>> type_of({"enum": ["up", "down"]}), type_of({"type": "integer", "minimum": 1, "maximum": 100})
    ('"up" | "down"', 'integer 1…100')
    """
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return " | ".join(f'"{value}"' for value in schema["enum"])
    if "const" in schema:
        return f'"{schema["const"]}"'
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " | ".join(type_of(one) for one in schema[key])
    kind = str(schema.get("type", ""))
    if kind == "array":
        if "prefixItems" in schema:
            return f"[{', '.join(type_of(one) for one in schema['prefixItems'])}]"
        return f"{type_of(schema.get('items', {})) or 'any'}[]"
    if "minimum" in schema or "maximum" in schema:
        return f"{kind} {schema.get('minimum', '')}…{schema.get('maximum', '')}"
    return kind
