from sqlalchemy.ext.asyncio import AsyncEngine

from lifecycle.values import Frozen


class Rebuilt(Frozen):
    """How much was made again from the ledger."""

    versions: int
    registry_subjects: int
    facts: int


async def rebuild(engine: AsyncEngine) -> Rebuilt:
    """Make all projections again from the ledger, row for row, while others go on recording."""
    raise NotImplementedError
