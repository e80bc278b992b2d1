"""Bodies as strict as files: read by our own parser, validated, described for OpenAPI."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from api.problems import Invalid, UnsupportedMedia, unreadable
from integrations.documents import (
    Document,
    DocumentError,
    located,
    parse_documents,
    parse_json_document,
)

JSON = "application/json"
YAML = "application/yaml"
_YAML_TYPES = {YAML, "application/x-yaml", "text/yaml", "text/x-yaml"}
READ_IN_A_THREAD = 64 * 1024
"""Bytes from which reading JSON would hold other requests up for milliseconds."""

Body = TypeVar("Body", bound=BaseModel)


def media_type(request: Request) -> str:
    """Give the content type without its parameters; empty when there is none."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_json_body(request: Request) -> Document:
    """Read a JSON body; raises Invalid with every place, UnsupportedMedia."""
    kind = media_type(request)
    if kind and kind != JSON and not (kind.startswith("application/") and kind.endswith("+json")):
        raise UnsupportedMedia(f"Send {JSON}, not {kind[:100]}.")
    return await read_json(await request.body())


async def read_json(body: bytes) -> Document:
    """Read JSON; raises Invalid."""
    try:
        if len(body) < READ_IN_A_THREAD:
            return parse_json_document(body)
        return await asyncio.to_thread(parse_json_document, body)
    except DocumentError as error:
        raise unreadable(error) from error


async def read_document(request: Request) -> Document:
    """Read a body in YAML or JSON, by its content type; raises Invalid, UnsupportedMedia."""
    if media_type(request) not in _YAML_TYPES:
        return await read_json_body(request)
    try:
        documents = await asyncio.to_thread(parse_documents, await request.body(), name="body")
    except DocumentError as error:
        raise unreadable(error) from error
    if len(documents) != 1:
        raise Invalid(f"The body has {len(documents)} documents; send one at a time.")
    return documents[0]


def validated(model: type[Body], document: Document) -> Body:
    """Validate a document; raises Invalid with every place."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise unreadable(located(document, error, model=model)) from error


def json_body(model: type[Body]) -> Callable[[Request], Awaitable[Body]]:
    """Make the dependency that reads a JSON body of this model; an empty body is `{}`."""

    async def read(request: Request) -> Body:
        body = await request.body()
        document = await read_json_body(request) if body else Document("body", {})
        return validated(model, document)

    return read


def reads(model: type[BaseModel], example: Any, *, yaml: str | None = None) -> dict[str, Any]:
    """Describe the body of a route for OpenAPI, with an example in each form that it reads."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    content: dict[str, Any] = {JSON: {"schema": schema, "example": example}}
    if yaml is not None:
        content[YAML] = {"schema": schema, "example": yaml}
    return {"requestBody": {"required": True, "content": content}}


def answers(example: Any) -> dict[str, Any]:
    """Give the example of a route's answer."""
    return {"content": {JSON: {"example": example}}}
