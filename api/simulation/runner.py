"""Lives one version's script under a lifecycle, through the core that running versions use."""

import heapq
from collections import defaultdict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import count

from api.simulation.observing import Observation, Watch
from api.simulation.script import Habits, Reply, Script
from lifecycle.building import built
from lifecycle.calendars import WorkingTime
from lifecycle.commands import AnyCommand, Decide, Prepare, Refused, RequestReview, TakeTurn, Tick
from lifecycle.decide import decide
from lifecycle.definition import Lifecycle
from lifecycle.evolve import evolve
from lifecycle.facts import AnyFact
from lifecycle.free_seats import can_decide
from lifecycle.instants import next_deadline
from lifecycle.queueing import is_queued
from lifecycle.state import EDITION, SignoffStatus, StageStatus, VersionState, blank
from lifecycle.values import signoff_id

PRODUCERS_ANSWER = timedelta(days=1)
"""When a version that was sent back comes again, where nothing on record says so."""
MOST_STEPS = 2_000
"""How many steps one version may take; a life beyond it is stopped and counted as it is."""
TICK = Tick()
Asked = tuple[str, int, str, str]
"""Stage, round, role and person."""
Resolver = Callable[[Lifecycle, datetime], WorkingTime | None]


class Life:
    """One version on its way through a lifecycle."""

    def __init__(
        self, script: Script, lifecycle: Lifecycle, habits: Habits, working: WorkingTime | None
    ) -> None:
        self.script = script
        self.habits = habits
        self.state: VersionState = blank(script.model, script.version)
        self.now = script.start
        self.watch = Watch()
        self._waiting: set[Asked] = set()
        self._order = count()
        self._due: list[tuple[datetime, int, AnyCommand | Asked | Reply]] = []
        self._known: dict[tuple[str, str], deque[Reply]] = defaultdict(deque)
        for reply in script.replies:
            self._known[reply.role, reply.person].append(reply)
            self._plan(reply.at, reply)
        prepare = Prepare(
            definition=lifecycle, roster=script.roster, working=working, edition=EDITION
        )
        for at, command in script.inputs:
            self._plan(at, command)
        self._plan(script.inputs[0].at, prepare)
        self._given: set[Reply] = set()
        self._deadline_of: VersionState | None = None
        self._deadline: datetime | None = None

    def _plan(self, at: datetime, what: AnyCommand | Asked | Reply) -> None:
        heapq.heappush(self._due, (at, next(self._order), what))

    def live(self) -> Observation:
        """Go from message to message and from deadline to deadline until nothing is left."""
        end = self.script.until
        idle_at: datetime | None = None
        for _ in range(MOST_STEPS):
            deadline = self._next_deadline()
            if deadline is not None and idle_at is not None and deadline <= idle_at:
                deadline = None
            coming = self._due[0][0] if self._due else None
            if coming is None and deadline is None:
                break
            if coming is None or (deadline is not None and deadline < coming):
                self.now = max(self.now, deadline or self.now)
                if self.now > end:
                    break
                if not self._send(TICK):
                    idle_at = self.now
                continue
            self.now = max(self.now, coming)
            if self.now > end:
                break
            self._do(heapq.heappop(self._due)[2])
        self.watch.end(self.state)
        return self.watch.observation()

    def _next_deadline(self) -> datetime | None:
        """Give the next deadline; it is looked for once for each state."""
        if self._deadline_of is not self.state:
            self._deadline_of, self._deadline = self.state, next_deadline(self.state)
        return self._deadline

    def _do(self, what: AnyCommand | Asked | Reply) -> None:
        if isinstance(what, Reply):
            self._try_anyway(what)
        elif isinstance(what, tuple):
            self._answer(*what)
        else:
            self._send(what)

    def _send(self, command: AnyCommand) -> bool:
        """Send a message; a refusal of one that is no answer changes nothing, as in life."""
        try:
            facts = decide(self.state, command, self.now)
        except Refused as refusal:
            if isinstance(command, Decide):
                self.watch.refused[refusal.code, refusal.reason] += 1
            return False
        for fact in facts:
            self.state = evolve(self.state, fact)
        self.watch.take(facts)
        self._look_for_asked(facts)
        return bool(facts)

    def _look_for_asked(self, facts: tuple[AnyFact, ...]) -> None:
        """Plan the answers of those who are asked now and were not before."""
        touched = {vars(fact).get("stage") for fact in facts}
        for stage in self.state.stages.values():
            if stage.name not in touched and None not in touched:
                continue
            if is_queued(stage):  # each version is alone in a simulation
                self._plan(self.now, TakeTurn(stage=stage.name, ticket=stage.ticket))
            if stage.status == StageStatus.SENT_BACK and stage.returned:
                self._plan(self.now + PRODUCERS_ANSWER, RequestReview(by="key:simulated"))
            if stage.status != StageStatus.ASKING:
                continue
            for role, signoff in stage.signoffs.items():
                if signoff.status != SignoffStatus.PENDING or not signoff.is_open:
                    continue
                for person in can_decide(self.state, stage, signoff):
                    asked = (stage.name, signoff.round, role, person)
                    is_asked = person in signoff.asked or person in signoff.escalated
                    if is_asked and asked not in self._waiting:
                        self._waiting.add(asked)
                        self._plan(self.now + self._delay(asked), asked)

    def _delay(self, asked: Asked) -> timedelta:
        """Give how long somebody takes: as they once did here, or drawn from everybody's habits."""
        stage, round_, role, person = asked
        for reply in self._known.get((role, person), ()):
            if reply not in self._given:
                return reply.after
        name = f"{self.habits.seed}/{self.script.version}/{stage}/{round_}/{role}/{person}"
        drawn = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big")
        return self.habits.delays[drawn % len(self.habits.delays)]

    def _answer(self, stage: str, round_: int, role: str, person: str) -> None:
        """Answer a request, unless somebody else's answers already settled it."""
        signoff = self.state.stages[stage].signoffs.get(role)
        if signoff is None or signoff.round != round_ or signoff.status != SignoffStatus.PENDING:
            return
        reply = next((r for r in self._known.get((role, person), ()) if r not in self._given), None)
        if reply is not None:
            self._given.add(reply)
        self._decide(stage, round_, role, person, reply)

    def _try_anyway(self, reply: Reply) -> None:
        """Try an answer from the record that no request has taken up by its time."""
        if reply in self._given:
            return
        self._given.add(reply)
        for stage in self.state.stages.values():
            signoff = stage.signoffs.get(reply.role)
            if signoff is not None and signoff.status == SignoffStatus.PENDING:
                if (stage.name, signoff.round, reply.role, reply.person) in self._waiting:
                    self._given.discard(reply)  # it is asked for, and answered in its own time
                    return
                self._decide(stage.name, signoff.round, reply.role, reply.person, reply)
                return
        self.watch.not_asked[reply.stage, reply.role, reply.person] += 1

    def _decide(self, stage: str, round_: int, role: str, person: str, reply: Reply | None) -> None:
        signoff = self.state.stages[stage].signoffs[role]
        self._send(
            built(
                Decide,
                by=person,
                person=person,
                signoff=signoff_id(self.state.model, self.state.version, stage, round_, role),
                decision="approve" if reply is None or reply.approves else "request_changes",
                revision=signoff.revision,
                comment=(reply.comment if reply else "") or "Simulated.",
            )
        )


def live(
    script: Script, lifecycle: Lifecycle, habits: Habits, working: WorkingTime | None = None
) -> Observation:
    """Live a version's script under a lifecycle and give what became of it."""
    return Life(script, lifecycle, habits, working).live()
