"""An organisation as its files describe it."""

from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database.registry import put_lifecycle, put_model, put_person, read_roster
from lifecycle.roster import ModelFile, PersonFile, Roster
from tests.integrations.database.stories import LIFECYCLE, START

PEOPLE = {
    "ana": PersonFile(name="Ana Ruiz", email="ana@example.com", manager="dee"),
    "ben": PersonFile(name="Ben Ito", manager="dee"),
    "cho": PersonFile(name="Cho Park", manager="dee", identities=("git:cho-p",)),
    "dee": PersonFile(name="Dee Park", manager="eve"),
    "eve": PersonFile(name="Eve Sand"),
    "trainer": PersonFile(machine=True, identities=("mlflow:svc-train",)),
}


def model_file(name: str = "fraud-scorer") -> ModelFile:
    return ModelFile(
        model=name,
        lifecycle="two-steps",
        risk="high",
        owners={"validator": ("ben", "cho"), "business_owner": ("ana",)},
        slack_channel="#model-fraud",
    )


async def describe(connection: AsyncConnection, name: str = "fraud-scorer") -> Roster:
    """Describe everybody and one model; give its roster."""
    await put_lifecycle(connection, LIFECYCLE, by="key:admin", at=START)
    for person, file in PEOPLE.items():
        await put_person(connection, person, file, by="key:admin", at=START)
    await put_model(connection, model_file(name), by="key:admin", by_person=None, at=START)
    roster = await read_roster(connection, name)
    assert roster is not None
    return roster
