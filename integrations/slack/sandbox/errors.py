# ruff: noqa: N818  the exceptions a test sees are named after what it finds: `NoSuchButton`
"""How the workspace says no: to the app by an error code, to a test by an exception."""

from typing import Any


class ApiError(Exception):
    """A Web API refusal, with Slack's error code and whatever else its answer carries."""

    def __init__(self, code: str, **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.extra = extra


def invalid_arguments(*messages: str) -> ApiError:
    """Build the refusal that names which argument is wrong."""
    return ApiError(
        "invalid_arguments",
        response_metadata={"messages": [f"[ERROR] {message}" for message in messages]},
    )


class SandboxError(Exception):
    """What a person tried in the workspace can't be done there; the test is wrong."""


class NoSuchPerson(SandboxError):
    """Nobody in the workspace has this id or name."""


class NoSuchPlace(SandboxError):
    """No channel has this id or name, or the person is not in it."""


class NoSuchMessage(SandboxError):
    """The message does not exist, was deleted, or has no such version."""


class NoSuchButton(SandboxError):
    """The message or view on the person's screen has no such element or option."""


class NoSuchView(SandboxError):
    """The person has no such modal on top of the screen."""


class FormIncomplete(SandboxError):
    """Slack's client doesn't submit this form: something required is missing or too long."""


class NotConnected(SandboxError):
    """No app listens: neither a request URL nor an open socket."""


class NotChanged(SandboxError):
    """The workspace did not come to the awaited state in time."""
