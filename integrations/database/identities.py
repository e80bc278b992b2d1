from collections.abc import Sequence
from typing import Literal

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import tables
from integrations.database.rows import table_of

_person = table_of(tables.Person)
_identity = table_of(tables.PersonIdentity)

Origin = Literal["file", "slack", "key"]


class IdentityTaken(ValueError):  # noqa: N818 - it names what was found
    """An identity, e-mail, alias or Slack account belongs to somebody or something else."""


async def give(
    connection: AsyncConnection, person: str, identities: Sequence[str], *, origin: Origin
) -> None:
    """Give identities to a person; those of a file replace what the file gave before.

    Raises IdentityTaken: one identity is one person, or separation of duties means nothing.
    """
    if origin == "file":
        await connection.execute(
            delete(_identity).where(_identity.c.person == person, _identity.c.origin == "file")
        )
    for identity in identities:
        new = insert(_identity).values(identity=identity, person=person, origin=origin)
        # What an account or key gave stays when a file that named it too no longer does.
        kept = {"origin": _identity.c.origin if origin == "file" else origin}
        given = new.on_conflict_do_update(index_elements=["identity"], set_=kept).returning(
            _identity.c.person
        )
        holder = (await connection.execute(given)).scalar_one()
        if holder != person:
            raise IdentityTaken(
                f"{identity} belongs to {holder}; {person} can't have it too."
                f" Take it from {holder} first."
            )


async def touch(connection: AsyncConnection, person: str, number: int) -> None:
    """Note the newest fact that concerns a person, so that readers know theirs is old."""
    await connection.execute(update(_person).where(_person.c.id == person).values(number=number))


async def take(connection: AsyncConnection, identities: Sequence[str], *, origin: Origin) -> None:
    """Take identities back from whoever has them from there."""
    await connection.execute(
        delete(_identity).where(_identity.c.identity.in_(identities), _identity.c.origin == origin)
    )


def slack_identity(team: str, user: str) -> str:
    """Write a Slack account as an identity, as `slack:T0123/U0456`."""
    return f"slack:{team}/{user}"
