"""Trying a changed lifecycle before it is adopted."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.connection import connect, settings
from api.cli.failures import ExitCode, Failed
from api.cli.parameters import Json, Key, Url, example
from api.cli.screen import complain, print_json, say, table

if TYPE_CHECKING:
    from api.cli.client import Api
    from api.cli.documents import Documents
    from api.simulation.report import Figures, Report
    from integrations.database.lives import Life
    from lifecycle.definition import Lifecycle

FILES = typer.Argument(
    metavar="LIFECYCLE.yaml [FILE...]",
    exists=True,
    dir_okay=False,
    help="The changed lifecycle; with people and a model file, a drawn year has those people.",
)


def add_to(app: typer.Typer) -> None:
    """Add the command that tries a lifecycle."""
    app.command(
        epilog=example(
            "undersigned simulate lifecycle.yaml",
            "undersigned simulate new.yaml --against old.yaml --versions 10000 --random",
        )
    )(simulate)


def simulate(
    files: Annotated[list[Path], FILES],
    against: Annotated[
        Path | None,
        typer.Option(
            "--against",
            exists=True,
            dir_okay=False,
            help="The present lifecycle, for a "
            "drawn year; versions on record are compared with what became of them.",
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="Only the versions of this model.")
    ] = None,
    random: Annotated[
        bool, typer.Option("--random", help="Draw a year, even where versions are on record.")
    ] = False,
    versions: Annotated[
        int, typer.Option("--versions", min=1, max=1_000_000, help="How many a drawn year has.")
    ] = 1000,
    seed: Annotated[int, typer.Option("--seed", help="The same seed draws the same year.")] = 1,
    json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Show what a changed lifecycle would change.

    Lives the versions on record again, through the same rules: who would have been asked, which
    answers would have been refused, the time to approval, the load on each role. The record is
    read from UNDERSIGNED_DATABASE_URL, or else from the API with an auditor's key. Without any
    versions on record, or with --random, a year is drawn from a seed. Nothing is changed.
    """
    lifecycle, found = _changed(files)
    present = _one_lifecycle(_documents([against]), against) if against else None
    from api.simulation.trying import try_past

    report = None
    if not random:
        lives = _from_record(lifecycle, model, url, key)
        if lives:
            source = f"{len(lives)} versions on record of {model or lifecycle.lifecycle}."
            report = try_past(lives, lifecycle, seed=seed, source=source)
    if report is None:
        report = _drawn(lifecycle, present, found, versions=versions, seed=seed)
    if json:
        print_json(report.model_dump(mode="json"))
    else:
        _tell(report)


def _documents(files: list[Path]) -> "Documents":
    from api.cli.documents import read_documents

    found = read_documents(files, are_all=False)
    for remark in found.remarks:
        complain(str(remark))
    if found.is_wrong:
        raise Failed("Nothing was simulated; correct the file first.")
    return found


def _one_lifecycle(found: "Documents", file: Path) -> "Lifecycle":
    if len(found.lifecycles) != 1:
        raise Failed(f"{file} has {len(found.lifecycles)} lifecycles; name one.", ExitCode.USAGE)
    return next(iter(found.lifecycles.values()))[1]


def _changed(files: list[Path]) -> tuple["Lifecycle", "Documents"]:
    found = _documents(files)
    return _one_lifecycle(found, files[0]), found


def _drawn(
    lifecycle: "Lifecycle",
    present: "Lifecycle | None",
    found: "Documents",
    *,
    versions: int,
    seed: int,
) -> "Report":
    from api.simulation.trying import try_year
    from api.simulation.year import roster_for

    people = {name: person for name, (_, person) in found.people.items()}
    files = [file for _, file in found.models.values()]
    roster = roster_for(lifecycle, files[0] if files else None, people)
    return try_year(lifecycle, present, roster, versions=versions, seed=seed)


def _from_record(
    lifecycle: "Lifecycle", model: str | None, url: str | None, key: str | None
) -> list["Life"]:
    """Read the versions that follow a lifecycle of this name; none when there is no record."""
    chosen = settings()
    if chosen.database_url is not None:
        lives = asyncio.run(_read_ledger(chosen.database_url.get_secret_value(), model))
    else:
        try:
            with connect(url, key) as api:
                lives = list(_read_api(api, model))
        except Failed as failure:
            if url or key or model:
                raise
            complain(f"No record is read: {failure}")
            return []
    return [life for life in lives if model or _follows(life, lifecycle.lifecycle)]


def _follows(life: "Life", name: str) -> bool:
    from lifecycle.facts import LifecyclePinned

    return any(isinstance(f, LifecyclePinned) and f.definition.lifecycle == name for f in life[2])


async def _read_ledger(url: str, model: str | None) -> list["Life"]:
    from integrations.database.engine import open_engine
    from integrations.database.lives import lives

    engine = open_engine(url)
    try:
        async with engine.connect() as connection:
            return [life async for life in lives(connection, model)]
    finally:
        await engine.dispose()


def _read_api(api: "Api", model: str | None) -> Iterator["Life"]:
    from api.cli.client import path
    from lifecycle.facts import parse_fact

    most = 1_000_000
    models = [model] if model else [m["model"] for m in api.pages("/v1/models", {}, most)["items"]]
    for name in models:
        listed = api.pages(path("models", name, "versions"), {}, most)["items"]
        for version in (one["version"] for one in listed):
            entries = api.pages(path("models", name, "versions", version, "facts"), {}, most)
            withheld = any(entry.get("withheld") for entry in entries["items"])
            if withheld:
                raise Failed("This key doesn't read everything; use an auditor's.")
            yield name, version, [parse_fact(entry["fact"]) for entry in entries["items"]]


def _tell(report: "Report") -> None:
    say(report.source)
    columns = ("", "changed") if report.before is None else ("", "as it was", "changed")
    sets = [one for one in (report.before, report.after) if one is not None]
    table(columns, [(name, *(values(one) for one in sets)) for name, values in _FIGURES])
    say()
    say("Load by role (asked / answered / people):")
    for load in report.after.load:
        say(f"  {load.role}: {load.asked} / {load.answered} / {load.people}")
    _tell_people("Asked more often:", report.newly_asked)
    _tell_people("Asked less often:", report.no_longer_asked)
    if report.after.stopped:
        say("Never approved, and waiting for:")
        for sentence, versions in report.after.stopped.items():
            say(f"  {versions} x {sentence}")
    if report.after.refused:
        say("Answers that would be refused:")
        for refusal in report.after.refused:
            say(f"  {refusal.count} x {refusal.code}: {refusal.sentence}")


def _tell_people(title: str, people: dict[str, int]) -> None:
    if people:
        say(title)
        for person, times in sorted(people.items(), key=lambda one: -one[1])[:20]:
            say(f"  {person}: {times}")


def _length(length: timedelta | None) -> str:
    if length is None:
        return "-"
    hours = length.total_seconds() / 3600
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} days"


_FIGURES: tuple[tuple[str, "Callable[[Figures], str]"], ...] = (
    ("versions", lambda f: str(f.versions)),
    ("approved", lambda f: str(f.approved)),
    ("time to approval, p50", lambda f: _length(f.p50)),
    ("time to approval, p90", lambda f: _length(f.p90)),
    ("requests to people", lambda f: str(sum(f.asked.values()))),
    ("reminders", lambda f: str(f.reminded)),
    ("escalations", lambda f: str(f.escalated)),
    ("stuck (held or unowned)", lambda f: str(f.stuck)),
    ("answers refused", lambda f: str(sum(r.count for r in f.refused))),
    ("answers not asked for", lambda f: str(f.not_asked)),
)
