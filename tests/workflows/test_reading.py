from contextlib import suppress
from typing import Any

import pytest

from integrations.database.registry import put_lifecycle, put_person
from lifecycle.commands import Delegate, Migrate, Refused
from lifecycle.definition import Lifecycle
from lifecycle.facts import AnyFact
from lifecycle.roster import PersonFile
from tests.workflows.office import LONG_AGO, REVIEW, Office, Version, kinds

ONE = {"role": "validator", "statement": "I reviewed it.", "carry_over": True}
NAMED: dict[str, Any] = {
    **REVIEW,
    "lifecycle": "renewed",
    "stages": [{"name": "validate", "signoffs": [ONE]}],
}
STRICTER = Lifecycle.model_validate(
    {**NAMED, "calendar": {"zone": "Europe/Paris"},
     "stages": [{"name": "validate", "signoffs": [{**ONE, "quorum": 2}]}]}
)  # fmt: skip


async def apply(office: Office, definition: Lifecycle) -> None:
    async with office.engine.begin() as connection:
        await put_lifecycle(connection, definition, by="key:admin", at=LONG_AGO)


def of(facts: list[AnyFact], kind: str) -> list[Any]:
    return [fact for fact in facts if fact.kind == kind]


async def approved(version: Version) -> None:
    view = await version.until(lambda view: view.stages and view.stages[0].status == "asking")
    await version.ask(version.decision(view.stages[0].signoffs[0], "ana"))
    await version.settled()


async def test_a_request_takes_the_lifecycle_that_is_current_then_and_stays_with_it(
    office: Office,
) -> None:
    version = office.version(await office.describe(NAMED))
    async with office.worker():
        await version.register()
        await apply(office, STRICTER)
        await version.request()
        assert (await version.view()).stages[0].signoffs[0].needed == 2
        await apply(office, Lifecycle.model_validate(NAMED))
        await version.request()
        facts = await version.settled()
    pinned = of(facts, "LifecyclePinned")
    assert [fact.digest for fact in pinned] == [
        Lifecycle.model_validate(NAMED).digest, STRICTER.digest
    ]  # fmt: skip
    assert kinds(facts).count("CalendarResolved") == 1
    assert kinds(facts).index("ReviewRequested") > facts.index(pinned[1])


async def test_a_request_reads_the_approvals_of_the_version_before(office: Office) -> None:
    model = await office.describe(NAMED)
    first, second, third = (office.version(model, name) for name in ("1", "2", "3"))
    async with office.worker():
        await first.register()
        await second.register()  # before anything was approved
        await first.request()
        await approved(first)
        await second.request()
        facts = await second.settled()
        await third.register()
        third_facts = await third.settled()
    (read,) = of(facts, "PreviousRead")
    assert read.previous.version == "1"
    (approval,) = read.previous.approvals
    assert approval.signoff == f"{model}:1:validate:1:validator"
    assert sorted(approval.binding) == ["artifact model", "statement"]
    assert [vote.person for vote in approval.votes] == ["ana"]
    assert of(third_facts, "PreviousRead")
    assert await office.is_intact()


async def test_a_migration_is_checked_and_its_calendar_resolved_before_it_is_taken(
    office: Office,
) -> None:
    version = office.version(await office.describe(NAMED))
    broken = STRICTER.model_copy(update={"gates": {"production": ("nowhere",)}})
    async with office.worker():
        await version.register()
        await version.request()
        with pytest.raises(Refused, match="nowhere") as caught:
            await version.ask(Migrate(id="bad", by="k", scopes=("admin",), definition=broken))
        assert caught.value.code == "invalid-lifecycle"
        await version.ask(Migrate(id="good", by="k", scopes=("admin",), definition=STRICTER))
        facts = await version.settled()
        view = await version.view()
    assert kinds(facts)[-3:] == ["LifecycleMigrated", "CalendarResolved", "OwnersChanged"]
    assert view.lifecycle_digest == STRICTER.digest


async def test_a_delegate_who_is_not_known_yet_is_read_before_the_delegation_is_judged(
    office: Office,
) -> None:
    version = office.version(await office.describe(NAMED))
    async with office.engine.begin() as connection:
        await put_person(connection, "zoe", PersonFile(name="Zoe"), by="key:admin", at=LONG_AGO)
    async with office.worker():
        await version.register()
        await version.request()
        view = await version.until(lambda view: view.stages[0].status == "asking")
        command = Delegate(
            id="d", by="ana", person="ana", signoff=view.stages[0].signoffs[0].id, to="zoe"
        )
        with suppress(Refused):  # whatever the rules say of it
            await version.ask(command)
        facts = await version.settled()
    assert "zoe" in of(facts, "RosterRead")[-1].roster.people
