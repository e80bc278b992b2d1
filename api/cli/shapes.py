"""Answers of the API as the values of the core that they are written from."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from api.cli.failures import Failed

M = TypeVar("M", bound=BaseModel)


def read(shape: type[M], data: Any) -> M:
    """Read an answer; raises Failed when the server speaks another release's words."""
    try:
        return shape.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        at = ".".join(map(str, first["loc"]))
        raise Failed(
            f"The server's answer isn't what this release knows ({at}: {first['msg']}). "
            "Use the release that the server has, or --json."
        ) from error
