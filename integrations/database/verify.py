from sqlalchemy.ext.asyncio import AsyncConnection

from lifecycle.values import Frozen


class Broken(Frozen):
    """The first entry of a chain that is not what was recorded."""

    subject: str
    sequence: int
    why: str
    """A whole sentence."""


class Verified(Frozen):
    """What the stored bytes say."""

    chains: int
    entries: int
    broken: tuple[Broken, ...] = ()

    @property
    def is_intact(self) -> bool:
        """Whether every chain hangs together."""
        return not self.broken


async def verify(connection: AsyncConnection) -> Verified:
    """Hash the stored bytes of every chain and follow its links, entry by entry."""
    raise NotImplementedError
