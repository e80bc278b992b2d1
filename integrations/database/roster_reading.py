from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database.registry_rows import identities_of, model_record
from integrations.roster_times import Times, absences_of, times_of
from lifecycle.definition import Lifecycle
from lifecycle.ownership import GROUP, MANAGER_OF, PERSON, ROTATION, Crew, Known, Owners
from lifecycle.records import DELEGATE, MANAGER, ModelRecord, PersonRecord, people_of_rotation
from lifecycle.roster import Account, GroupFile, Member, PersonFile, Roster, RotationFile
from lifecycle.roster_targets import escalation_targets
from lifecycle.values import Frozen

MOST_LEVELS = 5
"""How far up managers are read; `manager of` may name managers of managers."""

# Over everybody: a person who matters no more may be the one with the newest fact.
NEWEST_NUMBER = """
    SELECT greatest((SELECT max(number) FROM model), (SELECT max(number) FROM person),
        (SELECT max(number) FROM people_group), (SELECT max(number) FROM rotation))
"""
_MODEL = text(f"SELECT file, given_by, ({NEWEST_NUMBER}) AS number FROM model WHERE name = :model")  # noqa: S608 - both are constants

_CREWS = text(
    """
    SELECT 'group:' || name AS crew, file, given_by FROM people_group
    WHERE 'group:' || name = ANY (CAST(:crews AS text[]))
    UNION ALL SELECT 'rotation:' || name, file, given_by FROM rotation
    WHERE 'rotation:' || name = ANY (CAST(:crews AS text[]))
    """
)

# Two levels: an escalation may tell a manager, and the manager's own when that one owns too.
_PEOPLE = text(
    """
    WITH RECURSIVE wanted (id, level) AS (
        SELECT unnest(CAST(:people AS text[])), 0
        UNION SELECT unnest(CAST(:producers AS text[])), 0
        UNION SELECT person, 0 FROM identity WHERE identity = ANY (CAST(:producers AS text[]))
        UNION SELECT beside.id, wanted.level + beside.step
            FROM wanted JOIN person ON person.id = wanted.id
            CROSS JOIN LATERAL (
                SELECT person.manager AS id, 1 AS step
                UNION ALL SELECT unnest(person.delegates), 0
            ) AS beside
            WHERE beside.id IS NOT NULL AND wanted.level + beside.step <= :levels
    )
    SELECT person.id, person.file, person.given_by,
        (SELECT coalesce(array_agg(identity ORDER BY identity), '{}') FROM identity
            WHERE identity.person = person.id) AS identities,
        (SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('enterprise', enterprise,
            'team', team, 'user', user_id, 'is_confirmed', is_confirmed,
            'barred', barred)) ORDER BY team), '[]')
            FROM slack_account WHERE slack_account.person = person.id) AS accounts
    FROM person WHERE id IN (SELECT id FROM wanted) ORDER BY person.id
    """
)

_LOAD = text(
    """
    SELECT person, count(*) AS asked
    FROM signoff CROSS JOIN LATERAL unnest(can_decide) AS person
    WHERE status = 'pending' AND can_decide && CAST(:people AS text[])
        AND person = ANY (CAST(:people AS text[]))
        AND doc -> 'asked' @> jsonb_build_array(jsonb_build_object('person', person))
    GROUP BY person ORDER BY person
    """
)

_TURNS = text("SELECT role, count(*) AS asked FROM signoff WHERE model = :model GROUP BY role")


class _Crews(Frozen):
    groups: dict[str, Crew] = {}
    rotations: dict[str, Crew] = {}
    files: dict[str, RotationFile] = {}


class _Described(NamedTuple):
    record: PersonRecord
    identities: list[str]
    accounts: list[Any]


async def read_roster(
    connection: AsyncConnection,
    model: str,
    producers: tuple[str, ...] = (),
    *,
    definition: Lifecycle | None = None,
    now: datetime | None = None,
) -> Roster | None:
    """Read everybody who matters to a model's versions; None when the model is unknown.

    Owners of every role, also through groups, rotations and `manager of`; who stands in for them;
    whom the definition's escalations name; people whose id or identity is among the producers; and
    the managers of all of these two levels up. With `now`, also who is on call and who is away
    when, and when people work. `number` is that of the newest fact of the registry.
    """
    found = (await connection.execute(_MODEL, {"model": model})).first()
    if found is None:
        return None
    record = model_record(found)
    targets = escalation_targets(definition) if definition else ()
    crews = await _read_crews(connection, [*_refs(record), *targets])
    people = await _read_people(connection, record, crews, targets, producers)
    owners = Owners(record.file.owners, _known(crews, people), record.given_by)
    held = {role: owners.people(role) for role in record.file.owners}
    times = times_of(
        {id_: one.file for id_, (one, *_) in people.items()}, crews.files, definition, now
    )
    roster = Roster(
        number=found.number,
        model=model,
        layer=record.file.layer,
        risk=record.file.risk,
        slack_channel=record.file.slack_channel,
        owners=held,
        given_by=_given_by(record, owners, crews, people, targets),
        people={id_: _member(id_, one, times, now) for id_, one in people.items()},
        on_call={role: names for role in held if (names := owners.rotations(role))},
        rotations=times.rotations,
        groups={t.removeprefix(GROUP): crews.groups[t.removeprefix(GROUP)].people
                for t in targets if t.removeprefix(GROUP) in crews.groups and t.startswith(GROUP)},
        calendars=times.calendars,
        built_on=record.file.built_on,
        freezes=record.file.freezes,
        until=times.until,
    )  # fmt: skip
    return await _with_work(connection, roster, definition)


def _refs(record: ModelRecord) -> list[str]:
    return [ref for refs in record.file.owners.values() for ref in refs]


async def _read_crews(connection: AsyncConnection, refs: Sequence[str]) -> _Crews:
    named = sorted({ref for ref in refs if ref.startswith((GROUP, ROTATION))})
    if not named:
        return _Crews()
    groups: dict[str, Crew] = {}
    rotations: dict[str, Crew] = {}
    files: dict[str, RotationFile] = {}
    for row in await connection.execute(_CREWS, {"crews": named}):
        kind, _, name = row.crew.partition(":")
        if kind == "group":
            members = GroupFile.model_validate(row.file).members
            groups[name] = Crew(people=tuple(dict.fromkeys(members)), given_by=row.given_by)
        else:
            files[name] = RotationFile.model_validate(row.file)
            crew = Crew(people=people_of_rotation(files[name]), given_by=row.given_by)
            rotations[name] = crew
    return _Crews(groups=groups, rotations=rotations, files=files)


async def _read_people(
    connection: AsyncConnection,
    record: ModelRecord,
    crews: _Crews,
    targets: Sequence[str],
    producers: Sequence[str],
) -> dict[str, _Described]:
    """Give people by id, with their identities and Slack accounts."""
    named = [ref for ref in _refs(record) if ":" not in ref and not ref.startswith(MANAGER_OF)]
    named += [target.removeprefix(PERSON) for target in targets if target.startswith(PERSON)]
    for crew in (*crews.groups.values(), *crews.rotations.values()):
        named += crew.people
    above = sum(any(ref.startswith(MANAGER_OF) for ref in refs)
                for refs in record.file.owners.values())  # fmt: skip
    rows = await connection.execute(
        _PEOPLE,
        {
            "people": sorted(set(named)),
            "producers": list(producers),
            "levels": min(2 + above, MOST_LEVELS),
        },
    )
    return {
        row.id: _Described(
            PersonRecord(file=PersonFile.model_validate(row.file), given_by=row.given_by),
            row.identities,
            row.accounts,
        )
        for row in rows
    }


def _known(crews: _Crews, people: Mapping[str, _Described]) -> Known:
    managers = {id_: one.file.manager for id_, (one, *_) in people.items() if one.file.manager}
    named_by = {
        id_: people[id_].record.given_by.get(MANAGER + manager, "")
        for id_, manager in managers.items()
    }
    return Known(
        managers=managers, named_by=named_by, groups=crews.groups, rotations=crews.rotations
    )


def _given_by(
    record: ModelRecord,
    owners: Owners,
    crews: _Crews,
    people: Mapping[str, _Described],
    targets: Sequence[str],
) -> dict[str, dict[str, str]]:
    """Say who gave each role, and who made themselves what an escalation asks."""
    given = {}
    for role in record.file.owners:
        holders = owners.givers(role)
        given[role] = {**_self_named_delegates(owners.everybody(role), people), **holders}
    for target in targets:
        kind, _, name = target.partition(":")
        crew = {"group": crews.groups, "rotation": crews.rotations}.get(kind, {}).get(name)
        own = {p: p for p in crew.people if crew.given_by.get(p) == p} if crew else {}
        if own:
            given[target] = own
    # Whoever named themselves a manager of one of these is not asked as a manager of any.
    bosses = {
        one.file.manager: one.file.manager
        for one, *_ in people.values()
        if one.file.manager and one.given_by.get(MANAGER + one.file.manager) == one.file.manager
    }
    return {**given, "manager": bosses} if bosses else given


def _self_named_delegates(
    holders: Sequence[str], people: Mapping[str, _Described]
) -> dict[str, str]:
    """Give those who stand in for a holder, or for somebody who does, by their own hand alone."""
    line, own, others = list(holders), {}, set()
    for person in line:
        record = people[person].record if person in people else None
        for delegate in {one.delegate for one in record.file.away} if record else ():
            if delegate is None or record is None:
                continue
            if record.given_by.get(DELEGATE + delegate) == delegate:
                own[delegate] = delegate
            else:
                others.add(delegate)
            if delegate not in line:
                line.append(delegate)
    return {one: one for one in sorted(own) if one not in others}


def _member(id_: str, described: _Described, times: Times, now: datetime | None) -> Member:
    file, identities = described.record.file, described.identities
    return Member(
        id=id_,
        name=file.name or "",
        manager=file.manager,
        machine=file.machine,
        identities=tuple(dict.fromkeys((*identities_of(file), *identities))),
        calendar=times.calendar_of.get(id_, ""),
        away=absences_of(file, now),
        left=file.left,
        accounts=tuple(Account.model_validate(one) for one in described.accounts),
    )


async def _with_work(
    connection: AsyncConnection, roster: Roster, definition: Lifecycle | None
) -> Roster:
    """Add what `assign` picks by; where no rule picks, it would only make readings differ."""
    rules = [s.assign for stage in definition.stages for s in stage.signoffs] if definition else []
    update: dict[str, dict[str, int]] = {}
    if any(rule is not None and rule.least_loaded for rule in rules):
        rows = await connection.execute(_LOAD, {"people": sorted(roster.people)})
        update["load"] = {row.person: row.asked for row in rows}
    if any(rule is not None and rule.rotate for rule in rules):
        rows = await connection.execute(_TURNS, {"model": roster.model})
        update["turns"] = {row.role: row.asked for row in rows}
    return roster.model_copy(update=update) if update else roster
