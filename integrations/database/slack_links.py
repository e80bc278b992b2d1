"""Which Slack accounts are proposed or confirmed as whose; every change is a fact."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import tables
from integrations.database.ledger import append_registry, lock_registry
from integrations.database.named_lists import page_by_name
from integrations.database.pages import Page
from integrations.database.registry_rows import read_person
from integrations.database.rows import table_of
from integrations.database.slack_tables import SlackAccount
from lifecycle.fact_values import Via
from lifecycle.registry import SlackConfirmed, SlackProposed, SlackRemoved, subject_of
from lifecycle.slack_links import How, SlackLink, SlackUser, check_confirmation, check_proposal
from lifecycle.values import Frozen

_account = table_of(SlackAccount)
_person = table_of(tables.Person)

State = Literal["proposed", "confirmed"]


class Act(Frozen):
    """Who links or unlinks, and through what."""

    by: str
    """The principal."""
    by_person: str | None = None
    via: Via = Via()


async def links_of(
    connection: AsyncConnection, account: SlackUser, person: str = ""
) -> tuple[SlackLink, ...]:
    """Give what is known of an account, and of a person's accounts in its workspace."""
    near = _account.c.team == account.team
    if account.enterprise:
        near = or_(near, _account.c.enterprise == account.enterprise)
    where = and_(near, _account.c.user_id == account.user)
    if person:
        where = or_(where, and_(_account.c.person == person, _account.c.team == account.team))
    rows = await connection.execute(select(_account).where(where).order_by(_account.c.person))
    return tuple(
        SlackLink(
            enterprise=row.enterprise, team=row.team, user=row.user_id, person=row.person,
            is_confirmed=row.is_confirmed, barred=row.barred,
        )
        for row in rows
    )  # fmt: skip


async def propose_link(
    connection: AsyncConnection,
    account: SlackUser,
    person: str,
    *,
    email: str,
    name: str,
    by: str,
    at: datetime,
) -> None:
    """Note that an account has a person's address; it decides nothing by that.

    Nothing is noted when it is proposed or confirmed already. Raises Refused when either has
    another link; the address then changes nothing.
    """
    await lock_registry(connection)
    record = await read_person(connection, person)
    known = await links_of(connection, account, person)
    if not check_proposal(account, person, record.file if record else None, known):
        return
    fact = SlackProposed(
        at=at, by=by, person=person, enterprise=account.enterprise, team=account.team,
        user=account.user, email=email, name=name,
    )  # fmt: skip
    await append_registry(connection, subject_of("person", person), fact)


async def confirm_link(
    connection: AsyncConnection,
    account: SlackUser,
    person: str,
    *,
    how: How,
    act: Act,
    at: datetime,
) -> bool:
    """Take an account for a person's from here on; False when it was before.

    Proposals that are in the way end, on record. Raises Refused when the account or the person has
    another confirmed one, and IdentityTaken when a people file gives the account to somebody else.
    """
    await lock_registry(connection)
    record = await read_person(connection, person)
    known = await links_of(connection, account, person)
    replaced = check_confirmation(account, person, record.file if record else None, known)
    mine = [one for one in known if one.person == person and one.called == account.called]
    account = account.model_copy(
        update={"enterprise": account.enterprise or next((m.enterprise for m in mine), None)}
    )
    if any(one.is_confirmed and one.enterprise == account.enterprise for one in mine):
        return False
    for link in replaced:
        why = f"{account.called} is confirmed as {person}'s"
        await _remove(connection, link, act, at, why)
    fact = SlackConfirmed(
        at=at, by=act.by, by_person=act.by_person, via=act.via, person=person, how=how,
        enterprise=account.enterprise, team=account.team, user=account.user,
    )  # fmt: skip
    await append_registry(connection, subject_of("person", person), fact)
    return True


async def remove_link(
    connection: AsyncConnection, account: SlackUser, person: str, *, act: Act, at: datetime
) -> bool:
    """Take an account, proposed or confirmed, from a person; False when it is not theirs."""
    await lock_registry(connection)
    for link in await links_of(connection, account):
        if (link.person, link.called) == (person, account.called):
            await _remove(connection, link, act, at, "")
            return True
    return False


async def _remove(
    connection: AsyncConnection, link: SlackLink, act: Act, at: datetime, reason: str
) -> None:
    fact = SlackRemoved(
        at=at, by=act.by, by_person=act.by_person, via=act.via, person=link.person,
        enterprise=link.enterprise, team=link.team, user=link.user, reason=reason,
    )  # fmt: skip
    await append_registry(connection, subject_of("person", link.person), fact)


async def list_links(
    connection: AsyncConnection,
    *,
    state: State | None = None,
    person: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page:
    """List accounts by person and workspace, with the names of both sides."""
    name = func.concat(_account.c.person, " ", _account.c.team)
    statement = select(
        name, _account, _person.c.file["name"].astext.label("person_name")
    ).outerjoin_from(_account, _person, _person.c.id == _account.c.person)
    if state is not None:
        statement = statement.where(_account.c.is_confirmed == (state == "confirmed"))
    if person is not None:
        statement = statement.where(_account.c.person == person)
    rows, following = await page_by_name(connection, statement, name, "slack-links", limit, cursor)
    return Page(items=tuple(_shown(row) for row in rows), next=following)


def _shown(row: Any) -> dict[str, Any]:
    return {
        "person": row.person,
        "name": row.person_name or row.person,
        "state": "confirmed" if row.is_confirmed else "proposed",
        "barred": row.barred,
        "how": row.how,
        "enterprise": row.enterprise,
        "team": row.team,
        "user": row.user_id,
        "slack_name": row.name,
        "email": row.email,
        "by": row.linked_by,
        "at": row.linked_at,
    }
