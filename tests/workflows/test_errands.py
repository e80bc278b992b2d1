import asyncio
from typing import Any

from integrations.database.registry import put_model
from lifecycle.commands import ChangeArtifact, Retire
from lifecycle.roster import ModelFile
from tests.workflows.office import LONG_AGO, REVIEW, Office, Version, kinds

OTHER = "sha256:" + "b" * 64
ONE: dict[str, Any] = {
    **REVIEW,
    "lifecycle": "one",
    "stages": [
        {"name": "validate", "signoffs": [{"role": "validator", "statement": "I reviewed it."}]}
    ],
}
BUILT: dict[str, Any] = {
    **ONE,
    "lifecycle": "built",
    "reopen": [{"event": "base.voided", "stage": "validate", "gate": "close"}],
}


async def built_on(office: Office, base: str) -> str:
    """Describe a model that is built on another."""
    model = await office.describe(BUILT)
    file = ModelFile(
        model=model, lifecycle="built", owners={"validator": ("ana", "ben")}, built_on=(base,)
    )
    async with office.engine.begin() as connection:
        await put_model(connection, file, by="key:admin", by_person=None, at=LONG_AGO)
    return model


async def approved(version: Version) -> None:
    await version.register()
    await version.request()
    view = await version.until(lambda view: view.stages[0].status == "asking")
    await version.ask(version.decision(view.stages[0].signoffs[0], "ana"))
    await version.settled()


async def test_what_is_built_on_a_version_hears_once_that_its_approval_is_gone(
    office: Office,
) -> None:
    base = office.version(await office.describe(ONE))
    one = office.version(await built_on(office, base.model))
    two = office.version(await built_on(office, base.model))
    stranger = office.version(await office.describe(ONE))
    async with office.worker():
        for version in (base, one, two, stranger):
            await approved(version)
        await base.ask(ChangeArtifact(id="changed", digest=OTHER))
        for version in (one, two):
            await version.until(lambda view: view.stages[0].round == 2)
            facts = await version.settled()
            assert kinds(facts).count("BaseVoided") == 1
        assert "BaseVoided" not in kinds(await stranger.settled())
    (told,) = [fact for fact in facts if fact.kind == "BaseVoided"]
    assert (told.model, told.why) == (base.model, "validate no longer stands approved.")


async def test_the_end_of_a_story_waits_until_others_have_heard_of_it(office: Office) -> None:
    base = office.version(await office.describe(ONE))
    one = office.version(await built_on(office, base.model))
    async with office.worker():
        await approved(base)
        await approved(one)
        await base.ask(Retire(id="end", reason="Replaced."))
        async with asyncio.timeout(20):
            await base.handle.result()
        await one.until(lambda view: view.stages[0].round == 2)
        facts = await one.settled()
    (told,) = [fact for fact in facts if fact.kind == "BaseVoided"]
    assert told.why == "The version is retired: Replaced."
