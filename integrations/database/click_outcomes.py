"""What became of clicks, as the record has it."""

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lifecycle.recording import version_subject
from lifecycle.values import SignoffKey

# A version has some hundreds of facts; its chain is read by the primary key.
_OUTCOMES = text(
    """
    SELECT click, min(CAST(body AS jsonb) -> 'fact' ->> 'reason')
        FILTER (WHERE CAST(body AS jsonb) -> 'fact' ->> 'kind' = 'CommandRefused') AS reason
    FROM unnest(CAST(:subjects AS text[]), CAST(:clicks AS text[])) AS made (subject, click)
        JOIN fact ON fact.subject = made.subject
            AND strpos(body, '"cause":"' || click || '"') > 0
    GROUP BY click
    """
)


async def outcomes(connection: AsyncConnection, clicks: Mapping[str, str]) -> dict[str, str]:
    """Give why clicks were refused, empty where they were applied; the unknown are left out.

    `clicks` has the sign-off of each click's id.
    """
    keys = [SignoffKey.parse(signoff) for signoff in clicks.values()]
    subjects = [version_subject(key.model, key.version) for key in keys]
    asked = {"subjects": subjects, "clicks": list(clicks)}
    rows = await connection.execute(_OUTCOMES, asked)
    return {row.click: row.reason or "" for row in rows}
