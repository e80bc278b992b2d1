"""Telling running versions that people or roles changed; they read anew by themselves."""

from collections.abc import Iterable

from api.deps import Composition
from api.lifecycles import NothingSent
from api.problems import Unsent
from integrations.database.registry import models_of_person, read_roster
from integrations.database.versions import open_versions


async def tell_of_person(composition: Composition, person: str) -> None:
    """Tell every open version that a person may matter to.

    Also when nothing changed: the call before may have been cut off between writing and telling.
    Raises Unsent.
    """
    async with composition.database.transaction() as connection:
        concerned = await models_of_person(connection, person)
        rosters = [await read_roster(connection, model) for model, _ in concerned]
    for (model, versions), roster in zip(concerned, rosters, strict=True):
        await _tell(composition, model, versions, roster.number if roster else 0)


async def tell_of_model(composition: Composition, model: str) -> None:
    """Tell every open version of a model; raises Unsent."""
    async with composition.database.transaction() as connection:
        versions = await open_versions(connection, model)
        roster = await read_roster(connection, model)
    if versions and roster is not None:
        await _tell(composition, model, versions, roster.number)


async def _tell(composition: Composition, model: str, versions: Iterable[str], number: int) -> None:
    try:
        await composition.lifecycles.roster_changed(model, versions, number)
    except NothingSent as error:
        raise Unsent(
            f"The description is stored, but not every open version of {model} could be told."
            " Repeat the request.",
            headers={"retry-after": "2"},
        ) from error
