from collections.abc import Iterable
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from lifecycle.values import Frozen, Instant


class SlackMessage(Frozen):
    """One copy of a message: where it is in Slack and what it shows."""

    request_id: str
    """`signoff:<id>`, `notice:<model>/<version>:<notice id>` or `channel:<sign-off id>`."""
    copy_of: str
    """Whose copy it is: a person's id, or `channel`."""
    channel: str | None = None
    ts: str | None = None
    thread_ts: str | None = None
    content_hash: str = ""
    state: str = "posted"
    """`posting` before the first try, then `posted`, `failed`, or `not in Slack`."""
    error: str = ""
    sent_at: Instant | None = None


async def person_of_slack(
    connection: AsyncConnection, enterprise: str | None, team: str, user: str
) -> str | None:
    """Find whose Slack account it is."""
    raise NotImplementedError


async def slack_of_person(connection: AsyncConnection, person: str, team: str) -> str | None:
    """Find a person's Slack user id in a team."""
    raise NotImplementedError


async def slack_of_people(
    connection: AsyncConnection, people: Iterable[str], team: str
) -> dict[str, str]:
    """Find the Slack user ids of several people in a team, by person; the unknown are left out."""
    raise NotImplementedError


async def messages_of(
    connection: AsyncConnection, request_ids: Iterable[str]
) -> dict[tuple[str, str], SlackMessage]:
    """Give all copies of these requests, by (request id, copy), in one query."""
    raise NotImplementedError


async def save_message(connection: AsyncConnection, message: SlackMessage) -> None:
    """Write down one copy as it is now."""
    raise NotImplementedError
