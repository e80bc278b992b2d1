"""A year that never was: versions, evidence and answers drawn from a seed, for a first look."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from api.simulation.script import Habits, Input, Script
from lifecycle.canonical import digest_of_bytes
from lifecycle.commands import (
    AnyCommand,
    ArtifactGiven,
    Attach,
    ChangeArtifact,
    ObserveDeployment,
    Register,
    RequestReview,
)
from lifecycle.definition import Lifecycle
from lifecycle.roster import Member, ModelFile, PersonFile, Roster

YEAR = timedelta(days=365)
FOLLOWED = timedelta(days=30)
"""How long the last versions are followed past the year's end."""
MEDIAN_ANSWER = timedelta(hours=5)
SPREAD = 1.3
"""Of the log-normal answer times: most within a day, one in twenty after more than a week."""
FAILS_FIRST = 0.12
"""How often the first evaluation fails and is run again."""
CHANGES_LATER = 0.08
"""How often bytes change while owners look at them."""


def habits(seed: int) -> Habits:
    """Draw how long people take to answer."""
    lots = Random(seed)  # noqa: S311 - a drawn year, no secret
    hours = MEDIAN_ANSWER.total_seconds()
    drawn = sorted(hours * lots.lognormvariate(0, SPREAD) for _ in range(997))
    return Habits(tuple(timedelta(seconds=round(one)) for one in drawn), seed)


def roster_for(
    lifecycle: Lifecycle, model: ModelFile | None, people: dict[str, PersonFile]
) -> Roster:
    """Give the people of a model file, or two made-up owners for each role."""
    owners: dict[str, tuple[str, ...]] = {}
    members: dict[str, Member] = {
        "trainer": Member(id="trainer", machine=True, identities=("simulated:trainer",))
    }
    for role in lifecycle.roles:
        held = (model.owners.get(role, ()) if model else ()) or (f"{role}-1", f"{role}-2")
        owners[role] = tuple(held)
        for person in held:
            file = people.get(person, PersonFile())
            members[person] = Member(id=person, name=file.name or person, manager=file.manager)
    return Roster(
        number=1,
        model=model.model if model else "simulated",
        layer=model.layer if model else None,
        risk=model.risk if model else "high",
        owners=owners,
        people=members,
    )


def year(
    lifecycle: Lifecycle, roster: Roster, *, versions: int, seed: int, start: datetime
) -> Iterator[Script]:
    """Give the scripts of a year; the same seed gives the same year for every lifecycle.

    Evidence is named by the lifecycle that is tried; values that a condition reads are good ones.
    """
    lots = Random(seed)  # noqa: S311 - as above
    begins = sorted(start + YEAR * lots.random() for _ in range(versions))
    for number, at in enumerate(begins, start=1):
        own = Random(f"{seed}/{number}")  # noqa: S311 - as above
        inputs = _inputs(lifecycle, roster.model, str(number), at, own)
        ordered = tuple(sorted(inputs, key=lambda one: one.at))
        yield Script(roster.model, str(number), at, start + YEAR + FOLLOWED, roster, ordered)


def _inputs(
    lifecycle: Lifecycle, model: str, version: str, at: datetime, lots: Random
) -> list[Input]:
    digest = digest_of_bytes(version.encode())
    artifacts = tuple(
        ArtifactGiven(name=name, uri=f"s3://simulated/{name}/{version}", digest=digest)
        for name in bound_artifacts(lifecycle)
    )
    register = Register(
        by="key:simulated",
        model=model,
        version=version,
        artifacts=artifacts,
        producers=("simulated:trainer",),
        commit_authors=("simulated:trainer",),
    )
    inputs = [Input(at, register), Input(at, RequestReview(by="key:simulated"))]
    inputs += _results(lifecycle, at, digest, lots)
    if lots.random() < CHANGES_LATER:
        later = at + timedelta(hours=lots.uniform(4, 72))
        other = digest_of_bytes(f"{version} again".encode())
        inputs.append(
            Input(
                later, ChangeArtifact(by="key:simulated", artifact=artifacts[0].name, digest=other)
            )
        )
        inputs += _results(lifecycle, later, other, lots)
        digest = other
    live = at + timedelta(days=lots.uniform(5, 30))
    seen = ObserveDeployment(by="key:simulated", digest=digest, environment="production")
    inputs.append(Input(live, seen))
    return inputs


def bound_artifacts(lifecycle: Lifecycle) -> tuple[str, ...]:
    """Name the artifacts that a sign-off binds to; `model` when none is named."""
    binds = (b for stage in lifecycle.stages for s in stage.signoffs for b in s.binds or ())
    named = (item.removeprefix("artifact.") for item in binds if item.startswith("artifact."))
    return tuple(dict.fromkeys(named)) or ("model",)


def _results(lifecycle: Lifecycle, at: datetime, digest: str, lots: Random) -> Iterator[Input]:
    for name in lifecycle.evidence:
        arrives = at + timedelta(hours=lots.lognormvariate(0.5, 1))
        if lots.random() < FAILS_FIRST:
            yield Input(arrives, _result(lifecycle, name, digest, arrives, fails=True))
            arrives += timedelta(hours=lots.uniform(1, 24))
        yield Input(arrives, _result(lifecycle, name, digest, arrives, fails=False))


def _result(
    lifecycle: Lifecycle, name: str, digest: str, at: datetime, *, fails: bool
) -> AnyCommand:
    sources = lifecycle.evidence[name].sources
    return Attach(
        by="key:simulated",
        name=name,
        subject=digest,
        verdict="fail" if fails else "pass",
        digest=digest_of_bytes(f"{name}{digest}{fails}".encode()),
        value=value_for(lifecycle.evidence[name].require)
        | ({"findings": []} if lifecycle.evidence[name].findings else {}),
        time=at,
        source=sources[0] if sources else "simulated",
        event_id=f"{name}-{at.isoformat()}",
    )


NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
"""When a simulated year begins: a fixed day, so that a seed always gives the same one."""


def value_for(require: str | None) -> dict[str, object]:
    """Guess a value that meets a condition on numbers, as `value.auc >= 0.9`."""
    return {} if require is None else _guess(require)


def _guess(require: str) -> dict[str, object]:
    value: dict[str, object] = {}
    for part in require.replace("||", "&&").split("&&"):
        for comparison in (">=", "<=", "==", ">", "<"):
            left, found, right = part.partition(comparison)
            name = left.strip().removeprefix("value.")
            if found and left.strip().startswith("value.") and name.isidentifier():
                value[name] = _meeting(comparison, right.strip())
                break
    return value


def _meeting(comparison: str, text: str) -> object:
    try:
        bound = float(text)
    except ValueError:
        return {"true": True, "false": False}.get(text, text.strip("\"'"))
    step = {">=": 0.0, "<=": 0.0, "==": 0.0, ">": 1.0, "<": -1.0}[comparison]
    return bound + step
