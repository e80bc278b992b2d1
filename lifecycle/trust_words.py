"""What is said of a version's trust, and what about it happens next by itself."""

from collections.abc import Iterator

from lifecycle.state import VersionState
from lifecycle.trust_views import called_one
from lifecycle.values import moment
from lifecycle.view import Upcoming


def trust_sentences(state: VersionState) -> tuple[str, ...]:
    """Say what people must know of a version beside its stages."""
    return tuple(_conditions(state))


def _conditions(state: VersionState) -> Iterator[str]:
    for one in state.conditions.values():
        who = called_one(state, one.person)
        yield (
            f"{who} approved {one.stage} as {one.role} on condition {one.id}, due "
            f"{moment(one.due)}: {one.text}"
        )


def trust_upcoming(state: VersionState) -> Iterator[Upcoming]:
    """Give what time alone brings beside the stages."""
    for one in state.conditions.values():
        what = f"{one.role}'s approval of {one.stage} lapses unless condition {one.id} is met."
        yield Upcoming(at=one.due, what=what)
    for firing in state.alerts.values():
        for pending in firing.pending:
            what = f"{pending.stage} reopens if the {firing.alert.kind} alert still fires."
            yield Upcoming(at=pending.at, what=what)
