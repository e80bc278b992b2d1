"""Which Slack workspace something is sent to, where there are several."""

from collections.abc import Collection, Sequence

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import journals, slack_tables
from integrations.database.rows import any_in, table_of
from integrations.database.slack_installations import INSTALLED

_row = table_of(journals.SlackInstallation)
_account = table_of(slack_tables.SlackAccount)


async def places(connection: AsyncConnection, own: str | None) -> tuple[str, ...]:
    """List the workspaces that there are: the settings' own, then those installed first."""
    found = await connection.scalars(
        select(_row.c.id)
        .where(_row.c.state == INSTALLED)
        .order_by(_row.c.first_installed_at, _row.c.id)
    )
    return tuple(dict.fromkeys((*filter(None, [own]), *found)))


def place_of(named: str | None, known: Sequence[str], current: str | None = None) -> str | None:
    """Choose where a version's cards go: where they are, else where its model says, else first.

    A workspace that a model names counts also while the app isn't installed there: its cards wait.
    """
    if current in known:
        return current
    return named or (known[0] if known else current)


async def at_home(
    connection: AsyncConnection, workspace: str, own: str | None, people: Collection[str]
) -> frozenset[str]:
    """Choose who of these is written to in a workspace about what concerns no single model.

    Everybody in the first workspace that they have an account in; in the first, who has none.
    """
    known = await places(connection, own)
    if len(known) < 2:
        return frozenset(people)
    rows = await connection.execute(
        select(_account.c.person, _account.c.team, _account.c.enterprise).where(
            _account.c.person == any_in(people),
            or_(_account.c.team.in_(known), _account.c.enterprise.in_(known)),
        )
    )
    homes: dict[str, int] = {}
    for row in rows:
        order = min(known.index(one) for one in (row.team, row.enterprise) if one in known)
        homes[row.person] = min(order, homes.get(row.person, order))
    return frozenset(one for one in people if known[homes.get(one, 0)] == workspace)
