"""Whose a Slack account is, learned before what was said through it is judged."""

from collections.abc import Awaitable, Callable

from temporalio import workflow

from activities.contracts import AccountSeen
from lifecycle.commands import AnyCommand
from lifecycle.fact_values import Via
from lifecycle.speaking_accounts import account_of
from workflows.inbox import Ticket, Unreadable, command_of
from workflows.running_version import RunningVersion

ACCOUNTS_SPEAK = "accounts-speak"
"""The patch by which the account alone says who clicked; earlier releases took the person's id."""


class Speaking:
    """Learns whose accounts are, for one version."""

    def __init__(self, version: RunningVersion, read: Callable[[], Awaitable[None]]) -> None:
        self._version = version
        self._read = read

    async def learn(self, ticket: Ticket) -> None:
        """Find out whose the account of a message is, as far as that is possible now."""
        command = _spoken(ticket)
        via = getattr(command, "via", None)
        if command is None or not isinstance(via, Via):
            return
        if not workflow.patched(ACCOUNTS_SPEAK):
            via = via.model_copy(update={"is_account": False})
        elif not self._is_confirmed(via):
            await self._read()
            if not self._is_confirmed(via):
                seen = AccountSeen(team=via.team or "", user=via.slack_user or "")
                await self._version.shower.recognise(seen)
                await self._read()
        ticket.command = command.model_copy(update={"via": via})

    def _is_confirmed(self, via: Via) -> bool:
        held = account_of(self._version.state.roster, via)
        return held is not None and held.account.is_confirmed


def is_spoken(ticket: Ticket) -> bool:
    """Say whether a message came through a Slack account that says who it is."""
    via = ticket.envelope.body.get("via")
    return isinstance(via, dict) and via.get("is_account") is True


def _spoken(ticket: Ticket) -> AnyCommand | None:
    if not is_spoken(ticket):
        return None
    try:
        return command_of(ticket.envelope)
    except Unreadable:
        return None  # it is refused when it is taken
