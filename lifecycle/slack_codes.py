"""Codes by which people confirm their own Slack account: for whom, and how many may be wrong."""

from datetime import datetime, timedelta

from lifecycle.asked import Refused
from lifecycle.roster import PersonFile
from lifecycle.values import Frozen, Instant

LASTS = timedelta(minutes=15)
"""How long a code is good for."""
MOST_WRONG = 5
"""Wrong codes from one account, before it has to wait."""
LOCKED_FOR = timedelta(minutes=15)


class Tries(Frozen):
    """How often an account sent wrong codes of late."""

    wrong: int = 0
    last_at: Instant | None = None


def check_asker(person: str, file: PersonFile | None) -> None:
    """Raise Refused unless somebody may have a code made for themselves."""
    if file is None:
        raise Refused("unknown-person", f"Nobody is called {person}; describe them first.")
    if file.machine:
        raise Refused("machine", f"{person} is a machine and has no Slack account.")
    if file.left:
        raise Refused("left", f"{person} has left; no account decides for them.")


def check_may_try(tries: Tries, now: datetime) -> None:
    """Raise Refused while an account that sent too many wrong codes has to wait."""
    if tries.wrong < MOST_WRONG or tries.last_at is None or now - tries.last_at >= LOCKED_FOR:
        return
    left = int((tries.last_at + LOCKED_FOR - now) / timedelta(minutes=1)) + 1
    raise Refused(
        "too-many-codes",
        f"Too many wrong codes came from this account. Try again in {left} "
        f"{'minute' if left == 1 else 'minutes'}, or ask an administrator to confirm it.",
    )


def after_wrong(tries: Tries, now: datetime) -> Tries:
    """Count one more wrong code; after a pause counting begins anew."""
    is_recent = tries.last_at is not None and now - tries.last_at < LOCKED_FOR
    return Tries(wrong=tries.wrong + 1 if is_recent else 1, last_at=now)
