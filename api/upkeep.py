"""Forgetting what need not be kept.

Unclaimed events after 30 days, idempotency keys after one, codes for Slack accounts at their end.
"""

import asyncio
import logging
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from api.deps import utc_now
from integrations.database import events, idempotency, slack_codes
from integrations.database.engine import is_unreachable

EVERY = timedelta(hours=1)
_log = logging.getLogger(__name__)


async def forget_old(engine: AsyncEngine) -> int:
    """Drop what is past its time once; give how many rows that were."""
    now = utc_now()
    async with engine.begin() as connection:
        dropped = [
            await each.drop_old(connection, now) for each in (events, idempotency, slack_codes)
        ]
        return sum(dropped)


async def keep_tidy(engine: AsyncEngine) -> None:
    """Drop what is past its time, now and every hour, until cancelled."""
    while True:
        try:
            await forget_old(engine)
        except Exception as error:
            if not is_unreachable(error):
                raise
            _log.warning("the database is away; old rows are dropped later")
        await asyncio.sleep(EVERY.total_seconds())
