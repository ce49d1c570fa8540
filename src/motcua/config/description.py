"""The API's description (OpenAPI 3.1), made from the same rows that the front serves."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from motcua.kernel.endpoints import Endpoint, Problem

ERRORS = {
    400: "The request could not be read: broken JSON, or no key",
    401: "No token, or one that is not known",
    403: "The token's scope or role does not reach this",
    404: "There is no such thing, or this caller may not know of it",
    405: "Another method is meant here",
    409: "The state does not admit it, or the key came with another body",
    413: "The body is over the limit",
    415: "Another content type is meant here",
    422: "Something in it must be mended; nothing was changed",
    503: "Repeat it later with the same key",
}
GUESSED = {429: "Too many wrong secrets from this place: wait as long as Retry-After says"}


def describe(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """The whole description as a JSON-ready document."""
    types = [t for e in endpoints for t in (e.body, e.query, e.answer) if t is not None and t is not bytes]
    schemas, components = msgspec.json.schema_components([*types, Problem], ref_template="#/components/schemas/{name}")
    schema_of = dict(zip([*map(id, types), id(Problem)], schemas, strict=True))
    paths: dict[str, Any] = {}
    for endpoint in endpoints:
        paths.setdefault(f"/api/v1{endpoint.path}", {})[endpoint.method.lower()] = _operation(
            endpoint, schema_of, components
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "motcua",
            "version": "1",
            "description": "Một cửa: units, procedures and dossiers. Every error is a problem document (RFC 9457) "
            "that says what to mend. Every write carries an Idempotency-Key: repeating it is safe.",
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(endpoint: Endpoint, schema_of: dict[int, Any], components: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": re.sub(r"\W+", "_", f"{endpoint.method.lower()}{endpoint.path}").strip("_"),
        "summary": endpoint.summary,
        "security": [] if endpoint.public else [{"token": []}],
        "responses": {
            str(endpoint.status): {
                "description": "Done",
                "content": {"application/json": {"schema": schema_of[id(endpoint.answer)]}},
            },
            **{
                str(status): {
                    "description": text,
                    "content": {"application/problem+json": {"schema": schema_of[id(Problem)]}},
                }
                for status, text in (ERRORS | GUESSED if endpoint.guess else ERRORS).items()
            },
        },
    }
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in re.findall(r"{(\w+)}", endpoint.path)
    ]
    if endpoint.query is not None:
        shape = components[schema_of[id(endpoint.query)]["$ref"].rsplit("/", 1)[1]]
        parameters += [
            {"name": name, "in": "query", "required": name in shape.get("required", ()), "schema": schema}
            for name, schema in shape["properties"].items()
        ]
    if endpoint.keyed:
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": True,
                "description": "Made at random for each new request, and kept when it is repeated.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
            }
        )
    if parameters:
        operation["parameters"] = parameters
    if endpoint.body is bytes:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    elif endpoint.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema_of[id(endpoint.body)]}},
        }
    return operation
