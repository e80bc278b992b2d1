"""How the facts about Slack accounts become rows."""

from typing import assert_never

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database.identities import give, slack_identity, take, touch
from integrations.database.rows import table_of
from integrations.database.slack_tables import SlackAccount
from lifecycle.registry import (
    SlackBarred,
    SlackConfirmed,
    SlackLinked,
    SlackProposed,
    SlackRemoved,
)

AccountFact = SlackLinked | SlackProposed | SlackConfirmed | SlackRemoved | SlackBarred

_account = table_of(SlackAccount)


async def apply_account(connection: AsyncConnection, fact: AccountFact, number: int) -> None:
    """Bring the accounts up to one more fact; raises IdentityTaken."""
    match fact:
        case SlackLinked():
            # What releases before linked by an address is a proposal since.
            await _link(connection, fact, number, is_confirmed=fact.how != "email", how=fact.how)
        case SlackProposed():
            await _link(connection, fact, number, is_confirmed=False, how="email")
        case SlackConfirmed():
            await _link(connection, fact, number, is_confirmed=True, how=fact.how)
        case SlackRemoved():
            await _unlink(connection, fact.team, fact.user)
            await touch(connection, fact.person, number)
        case SlackBarred():
            await connection.execute(
                update(_account)
                .where(_account.c.team == fact.team, _account.c.user_id == fact.user)
                .values(barred=fact.barred)
            )
            await touch(connection, fact.person, number)
        case _:
            assert_never(fact)


async def _link(
    connection: AsyncConnection,
    fact: SlackLinked | SlackProposed | SlackConfirmed,
    number: int,
    *,
    is_confirmed: bool,
    how: str,
) -> None:
    """Give an account to a person; what they had in this team is no longer theirs."""
    this = and_(_account.c.team == fact.team, _account.c.user_id == fact.user)
    theirs = and_(_account.c.team == fact.team, _account.c.person == fact.person)
    rows = await connection.execute(select(_account).where(or_(this, theirs)))
    email, name, barred = "", "", ""
    for row in rows.all():
        if row.person == fact.person and row.user_id == fact.user:
            email, name, barred = row.email, row.name, row.barred
        await _unlink(connection, fact.team, row.user_id)
        await touch(connection, row.person, number)
    if isinstance(fact, SlackProposed):
        email, name = fact.email, fact.name
    await connection.execute(
        insert(_account).values(
            team=fact.team, user_id=fact.user, enterprise=fact.enterprise, person=fact.person,
            how=how, is_confirmed=is_confirmed, email=email, name=name,
            linked_by=fact.by, linked_at=fact.at, barred=barred,
        )
    )  # fmt: skip
    if is_confirmed:  # else the account is no identity of theirs
        identity = slack_identity(fact.team, fact.user)
        await give(connection, fact.person, (identity,), origin="slack")
    await touch(connection, fact.person, number)


async def _unlink(connection: AsyncConnection, team: str, user: str) -> None:
    await connection.execute(
        delete(_account).where(_account.c.team == team, _account.c.user_id == user)
    )
    await take(connection, (slack_identity(team, user),), origin="slack")
