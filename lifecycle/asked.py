"""What every command shares, and the refusal that answers one."""

from typing import Annotated

from pydantic import StringConstraints

from lifecycle.fact_values import Via
from lifecycle.values import Frozen

Id = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a failure
    """A command that the rules don't allow, with the sentence for whoever asked."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        """Stable, for problem types and metrics: `not-an-owner`, `other-revision`, …"""
        self.reason = reason


class Command(Frozen):
    """Something asked for."""

    id: str = ""
    """Names the message: a repeat of it changes nothing. Empty for the workflow's own."""
    by: str = ""
    """The authenticated principal: a person's id, or `key:<id>`."""


class Personal(Command):
    """A command that a person gives, by whatever surface."""

    person: str = ""
    """The person's id; empty where only their Slack account is known."""
    via: Via = Via()
    scopes: tuple[str, ...] = ()
    """What the principal's key may do, where a rule asks for a manager or administrator."""


class SignoffCommand(Personal):
    """A person's command about one sign-off."""

    signoff: Id
