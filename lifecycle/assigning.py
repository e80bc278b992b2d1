"""Whom of a role's owners to ask: all of them, those with the least to do, or each in turn."""

from typing import NamedTuple

from lifecycle.bearing import remembered_at
from lifecycle.eligibility import asked_instead, eligible_for
from lifecycle.roster import Roster
from lifecycle.rules import SignoffRule
from lifecycle.state import Basis, Signoff, Stage
from lifecycle.votes import counted_votes


class Chosen(NamedTuple):
    """Who is asked for a role, by which roles, and how many of them must approve."""

    asked: tuple[str, ...]
    needed: int
    roles: tuple[str, ...]
    """The roles whose owners may sign, where they are others than the request's own."""
    fallback: str


def chosen(
    state: Basis,
    stage: Stage,
    rule: SignoffRule,
    before: Signoff | None,
    elsewhere: tuple[str, ...] = (),
) -> Chosen:
    """Choose whom to ask; a percentage and `all` count every owner who may sign, asked or not.

    `before` is the request as it is, or was in the round before: who was picked stays while they
    may sign. `elsewhere` are people whom other roles of the stage picked already.
    """
    if rule.assign is None and (rule.fallback is None or rule.fallback in rule.roles):
        return _everybody(state, stage.name, rule)
    fallback = fallback_of(state, stage, rule, before)
    roles = (fallback,) if fallback else rule.roles
    owners = tuple(m.id for m in eligible_for(state, roles, stage.name))
    needed = rule.needed(len(owners))
    asked = owners
    if rule.assign is not None:
        taken = _signed_elsewhere(state, stage, rule.role)
        asked = _picked(state, rule, owners, needed, before, taken, elsewhere)
    asked = asked_instead(state, asked, roles, stage.name)
    return Chosen(asked, needed, (fallback,) if fallback else rule.any_of, fallback)


@remembered_at(lambda stage, _rule: stage)
def _everybody(state: Basis, stage: str, rule: SignoffRule) -> Chosen:
    """Choose every owner who may sign, which no earlier request changes."""
    owners = tuple(m.id for m in eligible_for(state, rule.roles, stage))
    asked = asked_instead(state, owners, rule.roles, stage)
    return Chosen(asked, rule.needed(len(owners)), rule.any_of, "")


def fallback_of(state: Basis, stage: Stage, rule: SignoffRule, before: Signoff | None) -> str:
    """Give the role that is asked in place of one of whose owners too few may sign, or nothing.

    Once somebody signed for it, it stays so, whoever becomes owner meanwhile. A fallback whose
    owners are too few themselves is none: the stage is unowned, never approved.
    """
    if rule.fallback is None or rule.fallback in rule.roles:
        return ""
    if before is not None and before.fallback == rule.fallback and counted_votes(state, before):
        return rule.fallback
    if _are_enough(state, stage, rule, rule.roles):
        return ""
    return rule.fallback if _are_enough(state, stage, rule, (rule.fallback,)) else ""


def _are_enough(state: Basis, stage: Stage, rule: SignoffRule, roles: tuple[str, ...]) -> bool:
    owners = len(eligible_for(state, roles, stage.name))
    return owners >= rule.needed(owners)


def _signed_elsewhere(state: Basis, stage: Stage, role: str) -> frozenset[str]:
    """Give those who signed for another role of the stage and may so not sign for this one."""
    if state.lifecycle is None or state.lifecycle.separation.one_person == "any_role":
        return frozenset()
    others = (one for name, one in stage.signoffs.items() if name != role)
    return frozenset(vote.person for one in others for vote in counted_votes(state, one))


def _picked(
    state: Basis,
    rule: SignoffRule,
    owners: tuple[str, ...],
    needed: int,
    before: Signoff | None,
    taken: frozenset[str],
    elsewhere: tuple[str, ...],
) -> tuple[str, ...]:
    """Pick as many as the file says, at least as many as must approve, in the owners' order."""
    if rule.assign is None:
        return owners
    free = [owner for owner in _in_turn(state.roster, rule, owners) if owner not in taken]
    absent = state.roster.absent if state.roster else {}
    free.sort(key=lambda owner: absent.get(owner) == "")  # who is away unreplaced comes last
    known = before.asked if before is not None else ()
    kept = [owner for owner in known if owner in free]
    others = sorted((one for one in free if one not in kept), key=lambda one: one in elsewhere)
    count = max(rule.assign.count, needed, len(kept))
    asked = frozenset([*kept, *others][:count])
    return tuple(owner for owner in owners if owner in asked)


def _in_turn(roster: Roster | None, rule: SignoffRule, owners: tuple[str, ...]) -> tuple[str, ...]:
    """Order owners by whose turn it is, and for `least_loaded` by how much they have to do."""
    if roster is None or rule.assign is None or not owners:
        return owners
    first = roster.turns.get(rule.role, 0) * rule.assign.count % len(owners)
    turned = (*owners[first:], *owners[:first])
    if rule.assign.rotate is not None:
        return turned
    return tuple(sorted(turned, key=lambda owner: roster.load.get(owner, 0)))
