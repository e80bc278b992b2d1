"""Whom and what a command about a sign-off means: the request by its id, the person behind it."""

from lifecycle.asked import Refused
from lifecycle.binding import changes
from lifecycle.eligibility import holders
from lifecycle.fact_values import Via
from lifecycle.notices import called
from lifecycle.roster import Member
from lifecycle.speaking_accounts import speaks
from lifecycle.state import Signoff, VersionState
from lifecycle.values import SignoffKey


def key_of(state: VersionState, signoff: str) -> SignoffKey:
    """Read a sign-off's id; raises Refused when it is none of this version, or the story ended."""
    try:
        key = SignoffKey.parse(signoff)
    except ValueError as error:
        raise Refused("unknown-signoff", str(error)) from error
    if (key.model, key.version) != (state.model, state.version) or key.stage not in state.stages:
        raise Refused(
            "unknown-signoff", f"{state.model} {state.version} has no sign-off {signoff}."
        )
    if state.is_closed:
        raise Refused("closed", f"Nothing can be signed any more: {state.closed_why}")
    if state.is_withdrawn:
        raise Refused("withdrawn", f"Nothing can be signed now: {state.closed_why}")
    return key


def signoff_of(state: VersionState, key: SignoffKey) -> Signoff:
    """Find a request of the current round; raises Refused, saying what became of an older one."""
    stage = state.stages[key.stage]
    current = stage.signoffs.get(key.role)
    if current is not None and current.round == key.round:
        return current
    earlier = stage.earlier.get(key.role)
    if earlier is None and current is None:
        raise Refused("unknown-signoff", f"Nobody is asked to sign {key.stage} as {key.role}.")
    if key.round > max(stage.round, current.round if current else 0):
        raise Refused("unknown-signoff", f"{key.stage} has no round {key.round} yet.")
    raise Refused("other-revision", _over(state, key, earlier, current))


def _over(
    state: VersionState,
    key: SignoffKey,
    earlier: Signoff | None,
    current: Signoff | None,
) -> str:
    """Say what became of the round that an old card was about."""
    ended = f"Round {key.round} of {key.stage} is over."
    if current is None:
        why = f" {earlier.why}" if earlier is not None and earlier.round == key.round else ""
        again = f"You are asked again when {state.model} {state.version} is ready."
        return f"{ended}{why} {again}"
    changed = changes(earlier.binding, current.binding) if earlier is not None else ()
    return " ".join([ended, *changed, f"Decide on the request of round {current.round}."])


def member_named(state: VersionState, person: str, via: Via) -> Member | None:
    """Find who speaks, by their id or by the Slack account they speak through.

    Raises Refused when the account may not speak for its person.
    """
    if via.is_account:
        return speaks(state.roster, via)
    name = person or f"slack:{via.team}/{via.slack_user}"
    return state.roster.person(name) if state.roster else None


def person_asked(state: VersionState, signoff: Signoff, person: str, via: Via) -> Member:
    """Find who answers a request; raises Refused, naming who may, when it is nobody known."""
    member = member_named(state, person, via)
    if member is not None:
        return member
    may = called(state, holders(state, signoff)) or "nobody"
    if person and not via.is_account:
        sentence = f"{person} is not asked to sign as {signoff.role}; {may} may."
    else:
        sentence = (
            f"Your Slack account is not linked to anybody asked here; {may} may sign as "
            f"{signoff.role}. Ask an administrator to link it, if that is you."
        )
    raise Refused("not-an-owner", sentence)
