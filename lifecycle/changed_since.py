"""What changed since an owner last approved: in an earlier round, or in the version before."""

from lifecycle.binding import changes
from lifecycle.building import built
from lifecycle.canonical import short
from lifecycle.state import LastSigned, Signoff, Stage, VersionState
from lifecycle.values import Instant

MOST_SIGNERS = 12
"""How many people's last approvals are kept for one stage; the newest."""

Signed = dict[str, dict[str, LastSigned]]


def abbreviated(binding: dict[str, str]) -> dict[str, str]:
    """Shorten what an approval bound to what a sentence shows of it, since many are kept."""
    return {label: short(digest) for label, digest in binding.items()}


def with_approval(known: Signed, signoff: Signoff, person: str, at: Instant) -> Signed:
    """Remember what somebody approved; past the bound the oldest is forgotten."""
    signed = built(LastSigned, at=at, binding=abbreviated(signoff.binding))
    mine = {**known.get(signoff.role, {}), person: signed}
    kept = {**known, signoff.role: mine}
    if sum(map(len, kept.values())) <= MOST_SIGNERS:
        return kept
    oldest_first = sorted(
        (one.at, role, who) for role, people in kept.items() for who, one in people.items()
    )
    gone = {(role, who) for _, role, who in oldest_first[:-MOST_SIGNERS]}
    left = {
        role: {who: one for who, one in people.items() if (role, who) not in gone}
        for role, people in kept.items()
    }
    return {role: people for role, people in left.items() if people}


def changed_since(
    state: VersionState, stage: Stage, signoff: Signoff, people: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """Say for each of some people what changed since they last approved; who never did is left out.

    Nothing said means that all they approved is the same.
    """
    now = abbreviated(signoff.binding)
    before = _previous(state, stage, signoff)
    own = stage.last_signed.get(signoff.role, {})
    before |= {person: one.binding for person, one in own.items()}
    return {one: changes(before[one], now) for one in people if one in before}


def _previous(state: VersionState, stage: Stage, signoff: Signoff) -> dict[str, dict[str, str]]:
    """Give what people approved in the last approved version for the same role."""
    approvals = state.previous.approvals if state.previous else ()
    place = (stage.name, signoff.role)
    return {
        vote.person: abbreviated(approval.binding)
        for approval in approvals
        if (approval.stage, approval.role) == place
        for vote in approval.votes
    }
