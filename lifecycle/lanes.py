"""The queues of a model's versions before stages that take one at a time: whose turn it is."""

from lifecycle.errands import LaneErrand
from lifecycle.values import Kept, VersionName

MOST_PLACES = 500
"""Places in one queue; more versions of a model are not in review at once."""


class Place(Kept):
    """A version's place in a queue."""

    version: VersionName
    ticket: int
    """Which of its places it is, as the version counts them."""
    told: tuple[str, ...] | None = None
    """The versions ahead that it was last told of; None before it was told anything."""


class Lane(Kept):
    """All queues of one model, by stage; who came first is first, and has the turn."""

    model: str
    queues: dict[str, tuple[Place, ...]] = {}

    @property
    def is_empty(self) -> bool:
        """Whether nobody is in any queue."""
        return not any(self.queues.values())


class Turn(Kept):
    """What a version is to be told: the versions ahead of it, or that it is its turn."""

    stage: str
    version: VersionName
    ticket: int
    behind: tuple[str, ...] = ()


def applied(lane: Lane, errand: LaneErrand) -> Lane:
    """Take an errand; the same again changes nothing but that its sender is told anew."""
    if errand.what == "join":
        return joined(lane, errand.stage, errand.version, errand.ticket)
    return left(lane, errand.stage, errand.version, errand.ticket)


def joined(lane: Lane, stage: str, version: str, ticket: int) -> Lane:
    """Put a version at the end of a queue.

    Who is in it keeps the place and is told again, since asking again means not knowing. A later
    place takes that of an earlier one, whose leaving was lost.
    """
    queue = lane.queues.get(stage, ())
    known = next((one for one in queue if one.version == version), None)
    if known is not None and known.ticket > ticket:
        return lane
    if known is not None and known.ticket == ticket:
        again = known.model_copy(update={"told": None})
        return _with(lane, stage, tuple(again if one is known else one for one in queue))
    others = tuple(one for one in queue if one is not known)
    if len(others) >= MOST_PLACES:
        return lane
    return _with(lane, stage, (*others, Place(version=version, ticket=ticket)))


def left(lane: Lane, stage: str, version: str, ticket: int) -> Lane:
    """Take a version out of a queue; an older ticket than its place's says nothing of that."""
    queue = lane.queues.get(stage, ())
    kept = tuple(one for one in queue if one.version != version or one.ticket > ticket)
    return _with(lane, stage, kept)


def turns(lane: Lane) -> tuple[Turn, ...]:
    """Give what has to be told: to each version whose place is another than it knows."""
    found = []
    for stage, queue in lane.queues.items():
        for index, place in enumerate(queue):
            behind = tuple(one.version for one in queue[:index])
            if place.told != behind:
                found.append(
                    Turn(stage=stage, version=place.version, ticket=place.ticket, behind=behind)
                )
    return tuple(found)


def told(lane: Lane, turn: Turn) -> Lane:
    """Note that a version knows its place."""
    queue = lane.queues.get(turn.stage, ())
    return _with(
        lane,
        turn.stage,
        tuple(
            one.model_copy(update={"told": turn.behind})
            if (one.version, one.ticket) == (turn.version, turn.ticket)
            else one
            for one in queue
        ),
    )


def heads(lane: Lane) -> tuple[Turn, ...]:
    """Give whose turn it is in each queue."""
    return tuple(
        Turn(stage=stage, version=queue[0].version, ticket=queue[0].ticket)
        for stage, queue in lane.queues.items()
        if queue
    )


def _with(lane: Lane, stage: str, queue: tuple[Place, ...]) -> Lane:
    others = {name: places for name, places in lane.queues.items() if name != stage}
    queues = {**lane.queues, stage: queue} if queue else others
    return lane.model_copy(update={"queues": queues})
