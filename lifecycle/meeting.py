"""Conditions of approvals as people set them and say that they are met."""

from lifecycle.commands import Decide, MeetCondition, Refused
from lifecycle.fact_values import ApprovalCondition
from lifecycle.involvement import producers_of
from lifecycle.roster import Roster
from lifecycle.separation import exclusion
from lifecycle.settle import settle
from lifecycle.side_stages import stage_rule
from lifecycle.speaking import known_speaker
from lifecycle.state import Condition, Signoff, VersionState
from lifecycle.story import Story
from lifecycle.trust_facts import ConditionMet

MOST_CONDITIONS = 10
"""How many conditions of a version may be open."""


def conditions_given(
    story: Story, signoff: Signoff, command: Decide
) -> tuple[ApprovalCondition, ...]:
    """Take the conditions of an approval in, numbered; raises Refused."""
    given = command.conditions
    if not given:
        return ()
    if signoff.advisory:
        raise Refused(
            "condition-on-advice",
            f"{signoff.role} only advises here, so nothing lapses; say it in the comment.",
        )
    past = [one.text for one in given if one.due <= story.now]
    if past:
        raise Refused("condition-past", f"The date of “{past[0]}” is past; give a later one.")
    if len(story.state.conditions) + len(given) > MOST_CONDITIONS:
        raise Refused(
            "too-many-conditions",
            f"{story.state.version} would have more than {MOST_CONDITIONS} open conditions; "
            "have some met first, or request changes.",
        )
    first = story.state.numbered + 1
    return tuple(
        ApprovalCondition(id=str(number), text=one.text, due=one.due)
        for number, one in enumerate(given, first)
    )


def refuse_conditions(command: Decide) -> None:
    """Refuse conditions on anything but an approval."""
    if command.conditions:
        raise Refused(
            "condition-without-approval",
            "Conditions go with an approval; say what must change in the comment.",
        )


def meet_condition(story: Story, command: MeetCondition) -> None:
    """Take note that a condition is met, from who set it or an owner of their role."""
    settle(story)
    condition = story.state.conditions.get(command.condition)
    if condition is None:
        raise Refused(
            "unknown-condition",
            f"{story.state.version} has no open condition {command.condition}; it may be met, or "
            "its approval void.",
        )
    person = known_speaker(story.state, command)
    _check_may_meet(story.state, condition, person.id)
    story.add(
        ConditionMet(**story.stamp, condition=condition.id, by=person.id, comment=command.comment)
    )


def _check_may_meet(state: VersionState, condition: Condition, person: str) -> None:
    """Refuse who neither set a condition nor owns its role, and who may not sign at all."""
    roster = state.roster or Roster(model=state.model)
    rule = stage_rule(state, condition.stage)
    asked = next((one for one in rule.signoffs if one.role == condition.role), None)
    roles = asked.roles if asked else (condition.role,)
    owners = [owner.id for role in roles for owner in roster.owners_of(role)]
    may = tuple(dict.fromkeys([condition.person, *owners]))
    names = " or ".join(roster.called(one) for one in may)
    excluded = exclusion(state, condition.role, person)
    if excluded is not None and person in producers_of(state):
        raise Refused(
            "producer-may-not-confirm",
            f"You produced this version; show it to {names}, who says that it is met.",
        )
    if person not in may:
        raise Refused("not-an-owner", f"{names} says whether this condition is met.")
    if excluded is not None:
        raise Refused(excluded.code, excluded.sentence)
