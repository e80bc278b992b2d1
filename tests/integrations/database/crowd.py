"""Many sign-offs at once, as rows of the projections."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import tables
from integrations.database.projection_rows import signoff_row, version_row, waiting_rows
from integrations.database.rows import insert_rows, write
from lifecycle.state import SignoffStatus, VersionStatus
from lifecycle.values import signoff_id
from lifecycle.view import (
    AskedView,
    DecisionView,
    Explanation,
    SignoffView,
    VersionView,
    Waiting,
)
from tests.integrations.database.stories import START

MODELS, PEOPLE = 41, 53


def signoffs(count: int) -> Iterator[SignoffView]:
    """Give sign-offs of many models and people; seven of eight are decided."""
    for index in range(count):
        model, version = f"model-{index % MODELS:02}", str(index // MODELS)
        is_pending = index % 8 == 0
        person = f"person-{index % PEOPLE:02}"
        asked_at = START + timedelta(minutes=index)
        decided_at = None if is_pending else asked_at + timedelta(minutes=1 + index % 10)
        yield SignoffView(
            id=signoff_id(model, version, "validate", 1, "validator"),
            model=model,
            version=version,
            stage="validate",
            round=1,
            role="validator",
            status=SignoffStatus.PENDING if is_pending else SignoffStatus.APPROVED,
            statement="I reviewed it.",
            revision="sha256:" + "0" * 64,
            asked=(AskedView(person=person, name=person.title()),),
            can_decide=(person,) if is_pending else (),
            decisions=()
            if decided_at is None
            else (
                DecisionView(
                    person=person,
                    name=person.title(),
                    decision="approve",
                    at=decided_at,
                    revision="",
                    round=1,
                ),
            ),
            risk="high" if index % 16 else "low",
            asked_at=asked_at,
            # Some are never due, and many are due at one moment.
            due=None if index % 11 == 0 else START + timedelta(hours=index % 47),
            decided_at=decided_at,
            managers=(f"manager-{index % 5}",) if is_pending else (),
        )


def version_of(signoff: SignoffView) -> VersionView:
    """Give the version that waits for a sign-off."""
    waiting = tuple(
        Waiting(
            kind="owner",
            who=person,
            name=person.title(),
            stage=signoff.stage,
            role=signoff.role,
            since=signoff.asked_at,
            due=signoff.due,
            why=f"{person.title()} has to answer.",
        )
        for person in signoff.can_decide
    )
    return VersionView(
        model=signoff.model,
        version=signoff.version,
        status=VersionStatus.IN_REVIEW,
        sequence=1,
        registered_at=signoff.asked_at,
        explanation=Explanation(summary="", waiting=waiting),
    )


async def fill(connection: AsyncConnection, count: int) -> list[SignoffView]:
    """Write that many sign-offs with their versions; give them."""
    views = list(signoffs(count))
    versions = [version_of(view) for view in views]
    await write(
        connection, insert_rows(tables.Signoff), [signoff_row(view.id, view) for view in views]
    )
    await write(connection, insert_rows(tables.Version), [version_row(one) for one in versions])
    await write(
        connection,
        insert_rows(tables.Waiting),
        [row for one in versions for row in waiting_rows(one)],
    )
    for table in ("signoff", "version", "waiting"):
        await connection.execute(text(f"ANALYZE {table}"))
    return views
