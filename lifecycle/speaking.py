"""Who gave a command, as the roster knows them."""

from lifecycle.asked import Personal
from lifecycle.commands import Refused
from lifecycle.roster import Member
from lifecycle.speaking_accounts import speaks
from lifecycle.state import VersionState


def speaker(state: VersionState, command: Personal) -> Member | None:
    """Find the person who gave a command, by any of their identities, or None.

    Raises Refused when they speak through a Slack account that may not speak for them.
    """
    via = command.via
    if via.is_account:
        member = speaks(state.roster, via)
        return None if member is None or member.left else member
    slack = f"slack:{via.team}/{via.slack_user}" if via.slack_user else ""
    name = command.person or slack or command.by
    member = state.roster.person(name) if state.roster and name else None
    return None if member is None or member.left else member


def known_speaker(state: VersionState, command: Personal) -> Member:
    """Find the person who gave a command; raises Refused when nobody here knows them."""
    member = speaker(state, command)
    if member is None:
        name = command.person or command.by or "Whoever asks"
        raise Refused(
            "not-an-owner",
            f"{name} is not known here; ask an administrator to add them to the people file.",
        )
    return member


def is_privileged(command: Personal) -> bool:
    """Say whether the principal's key manages or administers."""
    return bool({"manager", "admin"} & set(command.scopes))
