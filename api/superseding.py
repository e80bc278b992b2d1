"""A newer version's request takes the place of older ones still in review."""

from api.deps import Composition
from api.event_commands import envelope_of
from api.lifecycles import UnknownVersion, VersionClosed
from integrations.database.older_versions import older_in_review
from lifecycle.commands import Supersede


async def supersede_older(composition: Composition, model: str, version: str) -> None:
    """Tell every older version in review that this one asks in its place.

    Whether it is superseded, its own rules decide. Raises NothingSent and OutcomeUnknown; telling
    again counts once.
    """
    async with composition.database.transaction() as connection:
        older = await older_in_review(connection, model, version)
    envelope = envelope_of(Supersede(id=f"supersede:{version}", by="system", by_version=version))
    for one in older:
        try:
            await composition.lifecycles.tell(model, one, envelope)
        except (UnknownVersion, VersionClosed):
            continue  # it ended by itself in between
