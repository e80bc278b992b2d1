"""Taking a request for review back, and giving way to a newer version."""

from lifecycle.commands import Refused, Supersede, WithdrawRequest
from lifecycle.facts import VersionSuperseded
from lifecycle.involvement import producers_of, requesters_of
from lifecycle.roster import Member
from lifecycle.side_stages import stage_rules
from lifecycle.speaking_accounts import speaks
from lifecycle.state import VersionState, VersionStatus
from lifecycle.story import Story
from lifecycle.trust_facts import RequestWithdrawn
from lifecycle.version_commands import Migrate

IN_CHARGE = ("manager", "admin")
"""What a principal's key may do, so that whole versions are theirs to move and to withdraw."""
_ENDED = {"approved", "expired", "waiting"}


def withdraw_request(story: Story, command: WithdrawRequest) -> None:
    """Take a request for review back; raises Refused for who has no say in it."""
    state = story.state
    if state.is_unrequested:
        raise Refused(
            "not-requested", "Nobody has asked for review yet; there is nothing to withdraw."
        )
    if state.is_withdrawn:
        raise Refused("already-withdrawn", f"{state.closed_why} Request review to go on with it.")
    member = member_of(state, command)
    if not is_in_charge(command) and not _has_a_say(state, command.by, member):
        raise Refused(
            "may-not-withdraw",
            f"Only who asked for the review of {state.model} {state.version}, its producers, the "
            "accountable owners of an open stage, a manager or an administrator withdraw the "
            "request; ask one of them.",
        )
    story.add(
        RequestWithdrawn(
            **story.stamp,
            by=command.by,
            person=member.id if member else None,
            reason=command.reason,
        )
    )


def member_of(state: VersionState, command: WithdrawRequest | Migrate) -> Member | None:
    """Find who speaks, by their id or by their Slack account.

    Raises Refused when the account may not speak for its person.
    """
    if state.roster is None:
        return None
    via = command.via
    if via.is_account:
        return speaks(state.roster, via)
    name = command.person or (f"slack:{via.team}/{via.slack_user}" if via.slack_user else "")
    return state.roster.person(name or command.by)


def is_in_charge(command: WithdrawRequest | Migrate) -> bool:
    """Say whether the principal manages models."""
    return any(scope in command.scopes for scope in IN_CHARGE)


def _has_a_say(state: VersionState, principal: str, member: Member | None) -> bool:
    if principal and principal in state.requesters:
        return True
    if member is None:
        return False
    return member.id in (*requesters_of(state), *producers_of(state), *_accountable(state))


def _accountable(state: VersionState) -> tuple[str, ...]:
    """Give the owners who answer for a stage that is open."""
    roster = state.roster
    roles = dict.fromkeys(
        rule.accountable
        for rule in stage_rules(state)
        if rule.accountable and state.stages[rule.name].status not in _ENDED
    )
    return tuple(owner.id for role in roles if roster for owner in roster.owners_of(role))


def supersede(story: Story, command: Supersede) -> None:
    """End a version that is in review, or whose request is withdrawn, in favour of a newer one.

    What is deployed goes on, and so does everything where the lifecycle says `supersede: false`.
    """
    state = story.state
    is_open = state.status == VersionStatus.IN_REVIEW or state.is_withdrawn
    is_deployed = any(digest in state.digests for digest in state.deployments.values())
    if is_open and not is_deployed and state.lifecycle is not None and state.lifecycle.supersede:
        story.add(VersionSuperseded(**story.stamp, by_version=command.by_version))
