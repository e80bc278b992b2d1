"""Cards of open requests that Slack did not take, for those who can do something about it."""

from typing import Any

from sqlalchemy import Text, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database.pages import Page, page_size, read_cursor, write_cursor
from lifecycle.values import Frozen

# By the pending requests first: they are few, and messages are kept for ever.
_UNDELIVERED = text(
    """
    SELECT signoff.id AS signoff, signoff.model, signoff.version, signoff.stage, signoff.role,
        CASE WHEN one.request_id LIKE 'channel:%' THEN '' ELSE one.copy_of END AS person,
        coalesce(one.channel, version.doc ->> 'slack_channel') AS channel,
        one.request_id, one.copy_of, one.state, one.error, one.sent_at
    FROM signoff
    JOIN version ON version.model = signoff.model AND version.version = signoff.version
    JOIN slack_message AS one
        ON one.request_id IN ('signoff:' || signoff.id, 'channel:' || signoff.id)
    WHERE signoff.status = 'pending' AND one.error <> ''
        AND one.state IN ('failed', 'not in Slack') AND one.error <> :over
        AND (CAST(:model AS text) IS NULL OR signoff.model = :model)
        AND (CAST(:request AS text) IS NULL OR (one.request_id, one.copy_of) > (:request, :copy))
    ORDER BY one.request_id, one.copy_of LIMIT :limit
    """
).bindparams(*(bindparam(name, type_=Text) for name in ("model", "request", "copy", "over")))


class UndeliveredQuery(Frozen):
    """Which cards are asked for."""

    model: str | None = None
    limit: int = 50
    cursor: str | None = None


async def list_undelivered(
    connection: AsyncConnection, query: UndeliveredQuery, *, over: str
) -> Page:
    """List the cards of pending requests that Slack refused, people's and channels'.

    `over` is the error of what was over before it was sent. Raises ValueError for a bad cursor or
    limit.
    """
    size = page_size(query.limit)
    after = read_cursor("undelivered", query.cursor, 2) if query.cursor is not None else [None] * 2
    rows = await connection.execute(
        _UNDELIVERED,
        {
            "model": query.model,
            "request": after[0],
            "copy": after[1],
            "limit": size + 1,
            "over": over,
        },
    )
    found = rows.all()
    shown = found[:size]
    last = [shown[-1].request_id, shown[-1].copy_of] if shown else []
    following = write_cursor("undelivered", last) if len(found) > size else None
    return Page(items=tuple(_item(row) for row in shown), next=following)


def _item(row: Any) -> dict[str, Any]:
    return {
        "signoff": row.signoff,
        "model": row.model,
        "version": row.version,
        "stage": row.stage,
        "role": row.role,
        "person": row.person or None,
        "channel": None if row.person else row.channel,
        "state": row.state,
        "error": row.error,
        "at": row.sent_at,
    }
