"""Separation of duties: who may not sign because of what they did or who they are, and why."""

from lifecycle.involvement import Involved, involved, roster_of
from lifecycle.roster import Member, Roster
from lifecycle.state import Basis, Signoff, VersionState
from lifecycle.values import Frozen

DUTIES: dict[str, str] = {
    "producer-may-not-sign": "produced this version",
    "requester-may-not-sign": "asked for this review",
    "commit-author-may-not-sign": "wrote code of this version",
    "signed-earlier-stage": "signed an earlier stage that this one is independent of",
    "signed-later-stage": "signed a later stage that is independent of this one",
    "own-deed": "did or asked for what this is about",
    "self-assigned": "holds the role by their own hand",
}
"""Exclusions that come from what a person did, and what that is, said of them to others.

Who stands in for somebody inherits these; an approval by whom one of these turns out to be true is
void even when its role was approved.
"""


class Exclusion(Frozen):
    """Why somebody may not sign, as a code and a sentence said to them."""

    code: str
    sentence: str

    @property
    def is_of_duty(self) -> bool:
        """Whether it comes from what they did, rather than from who they are."""
        return self.code in DUTIES

    @property
    def said_of_them(self) -> str:
        """The reason in a few words, for others."""
        return DUTIES.get(self.code, "may not sign")


def exclusion(state: Basis, role: str, person: str, stage: str = "") -> Exclusion | None:
    """Say why a person may not sign for a role of a stage whatever their rights, or None."""
    return judged(state, role, person, involved(state, stage))


def judged(state: Basis, role: str, person: str, done: Involved) -> Exclusion | None:
    """Judge one person; who is involved is found once for all people of a role."""
    roster = roster_of(state)
    member = roster.person(person)
    if member is None:
        return _nobody(f"{person} is not known here.")
    if member.machine:
        return _nobody("A machine may not sign.")
    if member.left:
        return _nobody(f"{member.called} left and signs nothing any more.")
    return _did(state, role, member, done)


def _did(state: Basis, role: str, member: Member, done: Involved) -> Exclusion | None:
    """Say why somebody may not sign because of what they did, there or not."""
    never = state.lifecycle.separation.never if state.lifecycle else ("producer", "requester")
    return _of_duty(never, member, done) or _self_assigned(roster_of(state), role, member)


def _nobody(sentence: str) -> Exclusion:
    return Exclusion(code="not-an-owner", sentence=sentence)


def _of_duty(never: tuple[str, ...], member: Member, done: Involved) -> Exclusion | None:
    if "producer" in never and member.id in done.producers:
        return Exclusion(
            code="producer-may-not-sign",
            sentence="You produced this version; its producers do not sign for it.",
        )
    if "requester" in never and member.id in done.requesters:
        return Exclusion(
            code="requester-may-not-sign",
            sentence="You asked for this review; whoever asks does not sign.",
        )
    if "commit_author" in never and member.id in done.commit_authors:
        return Exclusion(
            code="commit-author-may-not-sign",
            sentence="You wrote code of this version; authors of its commits do not sign for it.",
        )
    if member.id in done.beside:
        return Exclusion(code="own-deed", sentence=done.beside[member.id])
    if member.id in done.signers:
        return Exclusion(
            code="signed-earlier-stage",
            sentence=f"You signed {done.signers[member.id]}; this stage is independent of those "
            "who did.",
        )
    if member.id in done.later_signers:
        stage = done.later_signers[member.id]
        return Exclusion(
            code="signed-later-stage",
            sentence=f"You signed {stage}, which stands and is independent of those who sign "
            "here; somebody else must sign.",
        )
    return None


def _self_assigned(roster: Roster, role: str, member: Member) -> Exclusion | None:
    if not roster.gave_themselves(role, member.id):
        return None
    return Exclusion(
        code="self-assigned",
        sentence=f"You made yourself {role}; ask somebody else to confirm the role first.",
    )


def stage_of(state: Basis, signoff: Signoff) -> str:
    """Name the stage of a request; an early state does not say it with the request."""
    if signoff.stage or not isinstance(state, VersionState):
        return signoff.stage
    held = (n for n, s in state.stages.items() if s.signoffs.get(signoff.role) is signoff)
    return next(held, "")


def role_of(state: Basis, signoff: Signoff, person: str) -> str:
    """Give the role by which a person may sign a request that several roles may sign.

    It is one that they hold and did not give themselves; without any, the first that they hold.
    """
    if len(signoff.held_by) == 1:
        return signoff.held_by[0]
    roster = roster_of(state)
    held = [role for role in signoff.held_by if roster.owns(role, person)]
    given = [role for role in held if not roster.gave_themselves(role, person)]
    return (*given, *held, *signoff.held_by)[0]


def barred(state: Basis, signoff: Signoff, person: str) -> Exclusion | None:
    """Say why a person may not sign a request whatever their rights, or None."""
    done = involved(state, stage_of(state, signoff))
    return judged(state, role_of(state, signoff, person), person, done)


def is_tainted(state: Basis, signoff: Signoff, person: str) -> bool:
    """Say whether an approval is void because of what its giver did, also when they left since."""
    member = roster_of(state).person(person)
    if member is None:
        return False
    done = involved(state, stage_of(state, signoff))
    return _did(state, role_of(state, signoff, member.id), member, done) is not None


def escalation_exclusion(state: Basis, signoff: Signoff, person: str) -> Exclusion | None:
    """Say why a right that comes from an escalation does not hold, or None.

    Who made themselves what the escalation asks is not asked by it, and who stands in for silent
    owners inherits what keeps those from signing, when it does so for all of them.
    """
    roster, target = roster_of(state), signoff.escalated_as.get(person, "")
    if roster.gave_themselves(target, person) or (
        target == "manager" and _manages_by_own_hand(roster, signoff, person)
    ):
        return Exclusion(
            code="self-assigned",
            sentence=f"You made yourself {target}; ask somebody else to confirm the role first.",
        )
    return inherited(state, signoff, signoff.stands_for.get(person, ()))


def _manages_by_own_hand(roster: Roster, signoff: Signoff, person: str) -> bool:
    people = signoff.stands_for.get(person) or signoff.asked
    members = [roster.people[one] for one in people if one in roster.people]
    managed = [member for member in members if member.manager == person]
    return bool(managed) and all(member.manager_given_by == person for member in managed)


def inherited(state: Basis, signoff: Signoff, people: tuple[str, ...]) -> Exclusion | None:
    """Give what keeps everybody from signing for whom somebody stands in, when it does."""
    found = [barred(state, signoff, one) for one in people]
    first = found[0] if found else None
    if first is None or not all(one is not None and one.is_of_duty for one in found):
        return None
    called = roster_of(state).called(people[0])
    return Exclusion(
        code=first.code,
        sentence=f"You stand in for {called}, who {first.said_of_them}; who stands in for "
        "somebody may sign no more than they may.",
    )
