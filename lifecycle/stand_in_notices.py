"""What those are told who stand in for others."""

from typing import NamedTuple

from lifecycle.eligibility import stand_ins
from lifecycle.facts import AnyFact
from lifecycle.naming import called, title_of, verb
from lifecycle.signoff_facts import Delegated, DelegationEnded
from lifecycle.stage_facts import OwnersAsked, OwnersChanged
from lifecycle.state import VersionState
from lifecycle.values import moment


class Said(NamedTuple):
    """What a fact has to say, to whom, about which roles."""

    kind: str
    people: tuple[str, ...]
    text: str
    roles: tuple[str, ...]


def stand_in_notice(before: VersionState, after: VersionState, fact: AnyFact) -> Said | None:
    """Say what a fact means for those who stand in for others, when it means something."""
    match fact:
        case OwnersAsked() | OwnersChanged():
            return _of_asking(before, after, fact)
        case Delegated() | DelegationEnded():
            return _of_delegation(after, fact)
        case _:
            return None


def _of_asking(
    before: VersionState, after: VersionState, fact: OwnersAsked | OwnersChanged
) -> Said | None:
    """Tell those who are asked in place of somebody who is away, on whose behalf."""
    if after.roster is None or not after.roster.absent:
        return None
    sentences, people = [], []
    roles = [a.role for a in fact.signoffs] if isinstance(fact, OwnersAsked) else [fact.role]
    for role in roles:
        signoff = after.stages[fact.stage].signoffs.get(role)
        known = before.stages[fact.stage].signoffs.get(role)
        for one, owners in stand_ins(after, signoff).items() if signoff else ():
            is_new = known is None or known.round != fact.round or one not in known.asked
            if signoff and one in signoff.asked and is_new:
                people.append(one)
                who = called(after, owners)
                sentences.append(
                    f"{called(after, (one,))} may sign as {role} on behalf of {who}, who "
                    f"{verb(owners)} away."
                )
    if not people:
        return None
    text = f"{title_of(after, fact.stage)}: {' '.join(sentences)}"
    return Said("delegated", tuple(dict.fromkeys(people)), text, tuple(roles))


def _of_delegation(state: VersionState, fact: Delegated | DelegationEnded) -> Said:
    """Tell a delegate that an owner lets them answer, or that it is over."""
    owner, title = called(state, (fact.person,)), title_of(state, fact.stage)
    if isinstance(fact, DelegationEnded):
        text = f"You no longer stand in for {owner} as {fact.role}. {fact.why}".strip()
        return Said("delegation_ended", (fact.to,), f"{title}: {text}", (fact.role,))
    until = f" until {moment(fact.until)}" if fact.until else ""
    reason = f" {fact.reason}" if fact.reason else ""
    text = f"{owner} asks you to sign as {fact.role} on their behalf{until}.{reason}"
    return Said("delegated", (fact.to,), f"{title}: {text}", (fact.role,))


SAID = (OwnersAsked, OwnersChanged, Delegated, DelegationEnded)
"""The facts that may mean something to somebody."""
