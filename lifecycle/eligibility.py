"""Who may sign: holders of a role who neither made the version nor asked for its review."""

from lifecycle.fact_values import Dissent, Right, Vote
from lifecycle.memory import remembered
from lifecycle.roster import Member, Roster
from lifecycle.state import Signoff, Stage, VersionState
from lifecycle.values import Frozen


class Exclusion(Frozen):
    """Why somebody may not sign, as a code and a sentence said to them."""

    code: str
    sentence: str


def _roster(state: VersionState) -> Roster:
    return state.roster or Roster(model=state.model)


def people_named(state: VersionState, target: str) -> tuple[str, ...]:
    """Give the ids of the people whom an escalation names: a role, `person:ana`, `group:risk`.

    Who left is not among them; a rotation names who is on call now. `manager`, `accountable` and
    `owners` depend on the stage and are no business of this.
    """
    return tuple(member.id for member in _roster(state).named(target))


def producers_of(state: VersionState) -> tuple[str, ...]:
    """Give the ids of the known producers."""
    roster = _roster(state)
    found = (roster.person(name) for name in state.producers)
    return tuple(dict.fromkeys(member.id for member in found if member))


def requesters_of(state: VersionState) -> tuple[str, ...]:
    """Give the ids of the people who asked for review, by whatever identity they did."""
    roster = _roster(state)
    found = (roster.person(name) for name in state.requesters)
    return tuple(dict.fromkeys(member.id for member in found if member))


def unknown_producers(state: VersionState) -> tuple[str, ...]:
    """Give the producers' names that belong to no person and no declared machine."""
    roster = _roster(state)
    return tuple(name for name in state.producers if roster.person(name) is None)


def producers_problem(state: VersionState) -> str | None:
    """Say what about the producers keeps owners from being asked, if anything does."""
    if state.lifecycle is None or state.lifecycle.producers == "optional":
        return None
    if not state.producers:
        return "No producer is named; register the version with its producers."
    unknown = unknown_producers(state)
    if unknown:
        names = ", ".join(unknown)
        return (
            f"Producer {names} is not known; link it: add it to the identities of a person, "
            "or of an entry with `machine: true`, in the people file."
        )
    return None


class Involved(Frozen):
    """The ids of those who made a version or asked for its review."""

    producers: tuple[str, ...] = ()
    requesters: tuple[str, ...] = ()


@remembered
def _involved(state: VersionState) -> Involved:
    return Involved(producers=producers_of(state), requesters=requesters_of(state))


def exclusion(state: VersionState, role: str, person: str) -> Exclusion | None:
    """Say why a person may not sign for a role whatever their rights, or None."""
    return _exclusion(state, role, person, _involved(state))


def _exclusion(state: VersionState, role: str, person: str, involved: Involved) -> Exclusion | None:
    """Judge one person; who is involved is found once for all people of a role."""
    roster = _roster(state)
    never = state.lifecycle.separation.never if state.lifecycle else ("producer", "requester")
    member = roster.person(person)
    if member is None:
        return Exclusion(code="not-an-owner", sentence=f"{person} is not known here.")
    if member.machine:
        return Exclusion(code="not-an-owner", sentence="A machine may not sign.")
    if "producer" in never and member.id in involved.producers:
        return Exclusion(
            code="producer-may-not-sign",
            sentence="You produced this version; its producers do not sign for it.",
        )
    if "requester" in never and member.id in involved.requesters:
        return Exclusion(
            code="requester-may-not-sign",
            sentence="You asked for this review; whoever asks does not sign.",
        )
    if roster.gave_themselves(role, member.id):
        return Exclusion(
            code="self-assigned",
            sentence=f"You made yourself {role}; ask somebody else to confirm the role first.",
        )
    return None


@remembered
def eligible_owners(state: VersionState, role: str) -> tuple[Member, ...]:
    """Give the owners of a role who may sign."""
    involved = _involved(state)
    owners = _roster(state).owners_of(role)
    return tuple(m for m in owners if _exclusion(state, role, m.id, involved) is None)


def eligible_for(state: VersionState, roles: tuple[str, ...]) -> tuple[Member, ...]:
    """Give the people who may sign a request by any of some roles, each once."""
    if len(roles) == 1:
        return eligible_owners(state, roles[0])
    found = {m.id: m for role in roles for m in eligible_owners(state, role)}
    return tuple(found.values())


def role_of(state: VersionState, signoff: Signoff, person: str) -> str:
    """Give the role by which a person may sign a request that several roles may sign.

    It is one that they hold and did not give themselves; without any, the first that they hold.
    """
    if len(signoff.held_by) == 1:
        return signoff.held_by[0]
    held = [role for role in signoff.held_by if _roster(state).owns(role, person)]
    given = [role for role in held if not _roster(state).gave_themselves(role, person)]
    return (*given, *held, *signoff.held_by)[0]


def barred(state: VersionState, signoff: Signoff, person: str) -> Exclusion | None:
    """Say why a person may not sign a request whatever their rights, or None."""
    return exclusion(state, role_of(state, signoff, person), person)


def right_of(state: VersionState, signoff: Signoff, person: str) -> Right | None:
    """Say from where a person's right to sign comes, or None when there is none."""
    roster = _roster(state)
    if any(roster.owns(role, person) for role in signoff.held_by):
        return "owner"
    is_asked = person in signoff.escalated
    return "escalation" if is_asked and not escalation_exclusion(state, signoff, person) else None


def escalation_exclusion(state: VersionState, signoff: Signoff, person: str) -> Exclusion | None:
    """Say why a right that comes from an escalation does not hold, or None.

    Who made themselves the role that the escalation asks is not asked by it.
    """
    target = signoff.escalated_as.get(person, "")
    if _roster(state).gave_themselves(target, person):
        return Exclusion(
            code="self-assigned",
            sentence=f"You made yourself {target}; ask somebody else to confirm the role first.",
        )
    return None


@remembered
def holders(state: VersionState, signoff: Signoff) -> tuple[str, ...]:
    """Give everybody who may sign a request: eligible owners, then who was asked in escalation."""
    owners = [m.id for m in eligible_for(state, signoff.held_by)]
    others = [
        person
        for person in signoff.escalated
        if right_of(state, signoff, person) is not None and barred(state, signoff, person) is None
    ]
    return tuple(dict.fromkeys([*owners, *others]))


@remembered
def counted_votes(state: VersionState, signoff: Signoff) -> tuple[Vote, ...]:
    """Give the approvals that count: distinct people who may sign, on the current revision."""
    votes = {v.person: v for v in signoff.votes if v.revision == signoff.revision}
    involved = _involved(state) if votes else Involved()
    return tuple(
        vote
        for person, vote in votes.items()
        if right_of(state, signoff, person) is not None
        and _exclusion(state, role_of(state, signoff, person), person, involved) is None
    )


def role_signed_by(state: VersionState, stage: Stage, person: str) -> str | None:
    """Give the role for which a person has approved in a stage's round."""
    for role, signoff in stage.signoffs.items():
        if any(vote.person == person for vote in counted_votes(state, signoff)):
            return role
    return None


@remembered
def candidates(state: VersionState, stage: Stage, signoff: Signoff) -> tuple[str, ...]:
    """Give the people who could still decide a pending request, were they asked now."""
    one_role = state.lifecycle is None or state.lifecycle.separation.one_person == "one_role"
    signed = {vote.person for vote in counted_votes(state, signoff)}
    if one_role:
        for other in stage.signoffs.values():
            signed |= {vote.person for vote in counted_votes(state, other)}
    return tuple(person for person in holders(state, signoff) if person not in signed)


def can_decide(state: VersionState, stage: Stage, signoff: Signoff) -> tuple[str, ...]:
    """Give the people who may still decide a pending request; none while others come first."""
    return candidates(state, stage, signoff) if signoff.is_open else ()


def standing_dissents(state: VersionState, signoff: Signoff) -> tuple[Dissent, ...]:
    """Give the objections that count: on this revision, of people who may sign, not given up."""
    found = {
        dissent.person: dissent
        for dissent in signoff.dissents
        if dissent.revision == signoff.revision
        and not dissent.approved_since
        and right_of(state, signoff, dissent.person) is not None
        and barred(state, signoff, dissent.person) is None
    }
    return tuple(found.values())


@remembered
def awaited(state: VersionState, stage: Stage, signoff: Signoff) -> tuple[str, ...]:
    """Give the people whose answer a pending request waits for.

    Where only some owners were picked, those; who objected has answered, unless nobody else is
    left to reach the quorum.
    """
    may = can_decide(state, stage, signoff)
    asked, owners = set(signoff.asked), {m.id for m in eligible_for(state, signoff.held_by)}
    picked = tuple(p for p in may if p in asked or p not in owners) or may
    objected = {dissent.person for dissent in standing_dissents(state, signoff)}
    silent = tuple(p for p in picked if p not in objected)
    left = signoff.needed - len(counted_votes(state, signoff))
    return silent if len(silent) >= left else picked
