"""What the facts of the registry leave behind, with whoever gave what to whom.

Nobody signs in a role that they gave themselves: so each record keeps who put each owner, member,
manager and delegate where they are.
"""

from collections.abc import Iterable, Mapping

from lifecycle.registry import GroupPut, HandoverAccepted, ModelPut, PersonPut, RotationPut
from lifecycle.roster import GroupFile, ModelFile, PersonFile, RotationFile
from lifecycle.values import Frozen

MANAGER = "manager:"
DELEGATE = "delegate:"


class ModelRecord(Frozen):
    """A model as its facts left it."""

    file: ModelFile
    given_by: dict[str, dict[str, str]] = {}
    """For each role and owner, the person who gave the role."""


class PersonRecord(Frozen):
    """A person as their facts left them."""

    file: PersonFile
    given_by: dict[str, str] = {}
    """Who named them, for `manager:dee` and `delegate:ben`, where that is known."""


class GroupRecord(Frozen):
    """A group as its facts left it."""

    file: GroupFile
    given_by: dict[str, str] = {}
    """For each member, who made them one."""


class RotationRecord(Frozen):
    """A rotation as its facts left it."""

    file: RotationFile
    given_by: dict[str, str] = {}
    """For each person, also of an override, who put them in."""


def _given(before: str | None, receiver: str, giver: str) -> str:
    """Keep whoever gave it first; what somebody gave themselves is confirmed by the next."""
    return giver if before is None or before == receiver else before


def _all_given(known: Mapping[str, str], receivers: Iterable[str], giver: str) -> dict[str, str]:
    return {one: _given(known.get(one), one, giver) for one in receivers}


def fold_model(record: ModelRecord | None, fact: ModelPut) -> ModelRecord:
    """Take a new description.

    Who already held a role keeps whoever gave it; a role that somebody gave themselves is confirmed
    by the next one who describes the model with it.
    """
    known = record.given_by if record else {}
    giver = fact.by_person or fact.by
    return ModelRecord(
        file=fact.file,
        given_by={
            role: _all_given(known.get(role, {}), people, giver)
            for role, people in fact.file.owners.items()
        },
    )


def fold_handover(record: ModelRecord, fact: HandoverAccepted) -> ModelRecord:
    """Put the receiver where the giver was; what the giver no longer holds stays as it is."""
    owners = record.file.owners.get(fact.role, ())
    if fact.giver not in owners:
        return record
    taken = tuple(dict.fromkeys(fact.receiver if one == fact.giver else one for one in owners))
    given = {**record.given_by.get(fact.role, {})}
    given.pop(fact.giver, None)
    given.setdefault(fact.receiver, fact.given_by)
    file = record.file.model_copy(update={"owners": {**record.file.owners, fact.role: taken}})
    return ModelRecord(file=file, given_by={**record.given_by, fact.role: given})


def fold_person(record: PersonRecord | None, fact: PersonPut) -> PersonRecord:
    """Take a new description; only a person who is known by name can have named themselves."""
    known = record.given_by if record else {}
    named = [(MANAGER, fact.file.manager), *((DELEGATE, one.delegate) for one in fact.file.away)]
    given: dict[str, str] = {}
    for what, person in named:
        giver = person and _given(known.get(what + person), person, fact.by_person or "")
        if person and giver:
            given[what + person] = giver
    return PersonRecord(file=fact.file, given_by=given)


def fold_group(record: GroupRecord | None, fact: GroupPut) -> GroupRecord:
    """Take a new description; members keep whoever made them one."""
    known = record.given_by if record else {}
    giver = fact.by_person or fact.by
    return GroupRecord(file=fact.file, given_by=_all_given(known, fact.file.members, giver))


def fold_rotation(record: RotationRecord | None, fact: RotationPut) -> RotationRecord:
    """Take a new description; people keep whoever put them in."""
    known = record.given_by if record else {}
    giver = fact.by_person or fact.by
    return RotationRecord(
        file=fact.file, given_by=_all_given(known, people_of_rotation(fact.file), giver)
    )


def people_of_rotation(file: RotationFile) -> tuple[str, ...]:
    """Give everybody who may be on call, in order, each once."""
    return tuple(dict.fromkeys((*file.people, *(one.person for one in file.overrides))))
