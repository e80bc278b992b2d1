"""Telling running versions that people or roles changed; they read anew by themselves."""

from collections.abc import Iterable

from api.deps import Composition
from api.lifecycles import NothingSent
from api.problems import Unsent
from integrations.database.concerned import models_concerned, models_of_person
from integrations.database.registry import newest_number
from integrations.database.versions import open_versions


async def tell_of_person(composition: Composition, person: str) -> None:
    """Tell every open version that a person may matter to.

    Also when nothing changed: the call before may have been cut off between writing and telling.
    Raises Unsent.
    """
    async with composition.database.transaction() as connection:
        concerned = await models_of_person(connection, person)
        number = await newest_number(connection)
    await _tell_all(composition, concerned, number)


async def tell_of_crew(composition: Composition, crew: str) -> None:
    """Tell every open version that `group:risk-team` or `rotation:ml-oncall` may matter to.

    Raises Unsent.
    """
    async with composition.database.transaction() as connection:
        concerned = await models_concerned(connection, crews=[crew])
        number = await newest_number(connection)
    await _tell_all(composition, concerned, number)


async def tell_of_model(composition: Composition, model: str) -> None:
    """Tell every open version of a model; raises Unsent."""
    async with composition.database.transaction() as connection:
        versions = await open_versions(connection, model)
        number = await newest_number(connection)
    if versions:
        await _tell_all(composition, [(model, tuple(versions))], number)


async def _tell_all(
    composition: Composition, concerned: Iterable[tuple[str, tuple[str, ...]]], number: int
) -> None:
    for model, versions in concerned:
        try:
            await composition.lifecycles.roster_changed(model, versions, number)
        except NothingSent as error:
            raise Unsent(
                f"The description is stored, but not every open version of {model} could be told."
                " Repeat the request.",
                headers={"retry-after": "2"},
            ) from error
