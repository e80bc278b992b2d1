"""Troubles by name, for whoever makes Slack fail from the page or from a script."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, field_validator

from integrations.slack.sandbox.faults import (
    EVERY_METHOD,
    Armed,
    Cut,
    Fault,
    Faults,
    Hang,
    RateLimited,
    Refused,
    ReplyLost,
    ServerError,
)
from integrations.slack.sandbox.methods import METHODS
from integrations.slack.sandbox.tokens import Tokens

Kind: TypeAlias = Literal["rate_limited", "server_error", "timeout", "reply_lost", "token_revoked"]
REVOKED = "The bot token is revoked: every call answers token_revoked."


class Trouble(BaseModel):
    """What shall go wrong: which calls, how, and how often."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    method: str = EVERY_METHOD
    """A Web API method, `response_url` for the posts to those, `*` for all; a token is one."""
    times: int | None = Field(None, ge=1, le=1000)
    """How many calls; none until it is cleared."""
    seconds: int = Field(5, ge=1, le=600)
    """`Retry-After` of a 429; how long a call that times out hangs."""
    status: int = Field(503, ge=500, le=599)

    @field_validator("method")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in {EVERY_METHOD, "response_url", *METHODS}:
            raise ValueError(f"{name} is no method that the sandbox has")
        return name

    def arm(self, faults: Faults, tokens: Tokens) -> None:
        """Let it begin."""
        if self.kind == "token_revoked":
            tokens.revoke()
        elif self.times is None:
            faults.always(self.method, self._fault())
        else:
            faults.next(self.method, self._fault(), times=self.times)

    def _fault(self) -> Fault:
        wait = timedelta(seconds=self.seconds)
        match self.kind:
            case "rate_limited":
                return RateLimited(wait)
            case "server_error":
                return ServerError(self.status)
            case "timeout":
                return Hang(wait)
            case "reply_lost":
                return ReplyLost()
            case "token_revoked":
                raise AssertionError("a revoked token is no fault of a call")


def clear(faults: Faults, tokens: Tokens) -> None:
    """Let everything be well again."""
    faults.clear()
    tokens.restore()


def told(faults: Faults, tokens: Tokens) -> list[str]:
    """Say in a sentence each what is to go wrong."""
    revoked = [REVOKED] if tokens.is_revoked else []
    return [*revoked, *(_sentence(each) for each in _by_urgency(faults.armed()))]


def _by_urgency(armed: Iterable[Armed]) -> list[Armed]:
    """Put what is used up first in front, as calls meet it."""
    return sorted(armed, key=lambda each: each.times is None)


def _sentence(armed: Armed) -> str:
    what = "Every call" if armed.method == EVERY_METHOD else f"Every call of {armed.method}"
    if armed.times is not None:
        calls = "call" if armed.times == 1 else f"{armed.times} calls"
        what = f"The next {calls}" + ("" if armed.method == EVERY_METHOD else f" of {armed.method}")
    return f"{what}: {_effect(armed.fault)}."


def _effect(fault: Fault) -> str:
    match fault:
        case RateLimited():
            return f"429, Retry-After {fault.retry_after.total_seconds():g} s"
        case ServerError():
            return f"status {fault.status}"
        case Refused():
            return f"refused as {fault.error}"
        case Cut():
            return "the connection breaks, nothing is done"
        case ReplyLost():
            return "done, and the reply is lost"
        case Hang():
            spell = f" for {fault.duration.total_seconds():g} s" if fault.duration else ""
            return f"no answer{spell}, nothing is done"
