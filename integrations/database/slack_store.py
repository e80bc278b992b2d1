from collections.abc import Collection, Iterable, Sequence
from typing import Any, TypeAlias

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import journals, slack_tables
from integrations.database.rows import any_in, insert_rows, table_of, upsert_rows, write
from lifecycle.values import Frozen, Instant

_account = table_of(slack_tables.SlackAccount)
_message = table_of(journals.SlackMessage)
_put_message = upsert_rows(journals.SlackMessage)
_note_message = insert_rows(journals.SlackMessage).on_conflict_do_nothing()


class SlackMessage(Frozen):
    """One copy of a message: where it is in Slack and what it shows."""

    request_id: str
    """`signoff:<id>`, `notice:<model>/<version>:<notice id>`, `channel:<sign-off id>` or, for
    reminders that are said together, `digest:<id>`."""
    copy_of: str
    """Whose copy it is: a person's id, or `channel`."""
    channel: str | None = None
    ts: str | None = None
    thread_ts: str | None = None
    content_hash: str = ""
    state: str = "posted"
    """`posting` before the first try, then `posted`, `failed`, or `not in Slack`; `gathering` while
    it waits to be said with others, `listed` once it was said in a message for many."""
    error: str = ""
    workspace: str = ""
    """Where it was posted; empty before, and for messages of a release that knew one only."""
    sent_at: Instant | None = None


SlackAccount: TypeAlias = tuple[str | None, str, str]
"""Enterprise, team and user."""


async def person_of_slack(
    connection: AsyncConnection, enterprise: str | None, team: str, user: str
) -> str | None:
    """Find whose an account is confirmed to be; in an enterprise a user is one in all its teams."""
    account = (enterprise, team, user)
    return (await people_of_slack(connection, [account])).get(account)


async def people_of_slack(
    connection: AsyncConnection, accounts: Collection[SlackAccount]
) -> dict[SlackAccount, str]:
    """Find whose accounts these are confirmed to be, in one query.

    The others are left out, and those that may not decide any more.
    """
    rows = await connection.execute(
        select(_account.c.person, _account.c.enterprise, _account.c.team, _account.c.user_id).where(
            _account.c.user_id == any_in({user for _, _, user in accounts}),
            _account.c.is_confirmed,
            _account.c.barred == "",
        )
    )
    by_user: dict[str, list[Any]] = {}
    for row in rows:
        by_user.setdefault(row.user_id, []).append(row)
    found: dict[SlackAccount, str] = {}
    for enterprise, team, user in accounts:
        people = {
            row.person
            for row in by_user.get(user, ())
            if row.team == team or (enterprise and row.enterprise == enterprise)
        }
        # Two people for one account: nobody can say who clicked.
        if len(people) == 1:
            found[enterprise, team, user] = people.pop()
    return found


async def slack_of_person(connection: AsyncConnection, person: str, team: str) -> str | None:
    """Find a person's Slack user id in a team."""
    return (await slack_of_people(connection, [person], team)).get(person)


async def slack_of_people(
    connection: AsyncConnection, people: Iterable[str], team: str
) -> dict[str, str]:
    """Find where several people are reached in a team, by person; the unknown are left out.

    Also by accounts that are only proposed: who reads a card there can't decide by it.
    """
    rows = await connection.execute(
        select(_account.c.person, _account.c.user_id).where(
            # An organisation that has the app installed for all its teams is one workspace.
            or_(_account.c.team == team, _account.c.enterprise == team),
            _account.c.person == any_in(people),
        )
    )
    return {row.person: row.user_id for row in rows}


async def messages_of(
    connection: AsyncConnection, request_ids: Iterable[str], workspace: str | None = None
) -> dict[tuple[str, str], SlackMessage]:
    """Give all copies of these requests, by (request id, copy), in one query.

    With a workspace, without those that were posted in another one.
    """
    wanted = select(_message).where(_message.c.request_id == any_in(request_ids))
    if workspace is not None:
        wanted = wanted.where(_message.c.workspace.in_(("", workspace)))
    rows = await connection.execute(wanted)
    found = (SlackMessage(**row._mapping) for row in rows)
    return {(one.request_id, one.copy_of): one for one in found}


async def message_at(connection: AsyncConnection, channel: str, ts: str) -> SlackMessage | None:
    """Find which of our messages is at a place."""
    found = (
        await connection.execute(
            select(_message).where(_message.c.channel == channel, _message.c.ts == ts).limit(1)
        )
    ).first()
    return SlackMessage(**found._mapping) if found else None


async def note_content(connection: AsyncConnection, message: SlackMessage, content: str) -> None:
    """Write down what a copy shows now, and leave the rest of it to others."""
    await connection.execute(
        update(_message)
        .where(_message.c.request_id == message.request_id, _message.c.copy_of == message.copy_of)
        .values(content_hash=content)
    )


async def save_message(connection: AsyncConnection, message: SlackMessage) -> None:
    """Write down one copy as it is now."""
    await save_messages(connection, [message])


async def save_messages(connection: AsyncConnection, messages: Sequence[SlackMessage]) -> None:
    """Write down copies as they are now."""
    await write(connection, _put_message, [one.model_dump(mode="json") for one in messages])


async def note_messages(connection: AsyncConnection, messages: Sequence[SlackMessage]) -> None:
    """Write down copies that nothing is known of yet; the others stay as they are."""
    await write(connection, _note_message, [one.model_dump(mode="json") for one in messages])
