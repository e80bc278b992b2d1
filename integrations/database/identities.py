from collections.abc import Sequence
from typing import Literal

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import tables
from integrations.database.rows import table_of
from lifecycle.registry import SlackLinked

_person = table_of(tables.Person)
_identity = table_of(tables.PersonIdentity)
_account = table_of(tables.SlackAccount)

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


async def link_account(connection: AsyncConnection, fact: SlackLinked, number: int) -> None:
    """Give a Slack account to a person; their account in this team before is no longer theirs.

    Raises IdentityTaken when it is somebody else's, unless an administrator moves it.
    """
    this = and_(_account.c.team == fact.team, _account.c.user_id == fact.user)
    theirs = and_(_account.c.team == fact.team, _account.c.person == fact.person)
    rows = await connection.execute(
        select(_account.c.person, _account.c.user_id).where(or_(this, theirs))
    )
    for holder, user in rows.all():
        if holder != fact.person and fact.how != "admin":
            raise IdentityTaken(
                f"The Slack account {fact.team}/{fact.user} belongs to {holder}; only an"
                f" administrator can give it to {fact.person}."
            )
        await _unlink(connection, fact.team, user)
        await touch(connection, holder, number)
    await connection.execute(
        insert(_account).values(
            team=fact.team,
            user_id=fact.user,
            enterprise=fact.enterprise,
            person=fact.person,
            how=fact.how,
        )
    )
    await give(connection, fact.person, (slack_identity(fact.team, fact.user),), origin="slack")
    await touch(connection, fact.person, number)


async def _unlink(connection: AsyncConnection, team: str, user: str) -> None:
    await connection.execute(
        delete(_account).where(_account.c.team == team, _account.c.user_id == user)
    )
    await connection.execute(
        delete(_identity).where(
            _identity.c.identity == slack_identity(team, user), _identity.c.origin == "slack"
        )
    )


def slack_identity(team: str, user: str) -> str:
    """Write a Slack account as an identity, as `slack:T0123/U0456`."""
    return f"slack:{team}/{user}"
