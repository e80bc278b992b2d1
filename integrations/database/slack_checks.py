"""What Slack said of accounts, and when: a change is a fact, the rest a journal."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database.ledger import append_registry, lock_registry
from integrations.database.rows import table_of
from integrations.database.slack_links import links_of
from integrations.database.slack_tables import SlackAccount, SlackCheck
from lifecycle.registry import SlackBarred, subject_of
from lifecycle.slack_links import SlackUser
from lifecycle.values import Frozen, Instant

BY = "system"
_account = table_of(SlackAccount)
_check = table_of(SlackCheck)


class Check(Frozen):
    """Slack's last word on an account."""

    barred: str
    checked_at: Instant


async def last_check(connection: AsyncConnection, team: str, user: str) -> Check | None:
    """Give Slack's last word on an account; None where it was never asked."""
    rows = await connection.execute(
        select(_check.c.barred, _check.c.checked_at).filter_by(team=team, user_id=user)
    )
    row = rows.first()
    return Check.model_validate(dict(row._mapping)) if row else None


async def note_check(
    connection: AsyncConnection, account: SlackUser, barred: str, at: datetime
) -> tuple[str, ...]:
    """Write down Slack's word; give the people whose accounts it changed, each by a fact."""
    row = {"barred": barred, "checked_at": at}
    newest = {"barred": barred, "checked_at": func.greatest(_check.c.checked_at, at)}
    await connection.execute(
        insert(_check)
        .values(team=account.team, user_id=account.user, **row)
        .on_conflict_do_update(index_elements=["team", "user_id"], set_=newest)
    )
    if not await _differing(connection, account, barred):
        return ()
    await lock_registry(connection)
    changed = []
    for person, link in await _differing(connection, account, barred):
        fact = SlackBarred(
            at=at, by=BY, person=person, enterprise=link.enterprise, team=link.team,
            user=link.user, barred=barred,
        )  # fmt: skip
        await append_registry(connection, subject_of("person", person), fact)
        changed.append(person)
    return tuple(changed)


async def _differing(
    connection: AsyncConnection, account: SlackUser, barred: str
) -> list[tuple[str, SlackUser]]:
    """Give whose account this is where something else is known of it."""
    links = [one for one in await links_of(connection, account) if one.barred != barred]
    return [(one.person, one) for one in links]
