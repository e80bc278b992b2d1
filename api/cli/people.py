from datetime import datetime
from typing import Annotated, Any, Literal

import typer

from api.cli import moments
from api.cli.connection import connect
from api.cli.parameters import Json, Key, Limit, Model, Url, Version, example
from api.cli.screen import complain, print_json, say, shown, table
from api.cli.signing import sign

By = Literal["owner", "role", "stage", "manager", "pipeline"]
Status = Literal["pending", "approved", "changes_requested", "void"]


def add_to(app: typer.Typer) -> None:
    """Add the commands for a person at a terminal."""
    app.command(
        epilog=example("undersigned pending --owner ana", "undersigned pending --overdue --json")
    )(pending)
    app.command(epilog=example("undersigned show fraud-scorer 14"))(show)
    app.command(
        epilog=example(
            "undersigned sign fraud-scorer:14:validate:1:validator approve",
            "undersigned sign fraud-scorer:14:validate:1:validator request-changes "
            "--comment 'AUC on the new slice is missing.' --send-back-to data",
            "undersigned sign fraud-scorer:14:validate:1:validator approve "
            "--condition 'Drift is watched' --due 2026-12-01",
        )
    )(sign)
    app.command(epilog=example("undersigned waiting --by manager"))(waiting)


def pending(
    owner: Annotated[
        str | None, typer.Option("--owner", help="Only where this person can still decide.")
    ] = None,
    role: Annotated[str | None, typer.Option("--role", help="Only this role's.")] = None,
    model: Annotated[str | None, typer.Option("--model", help="Only this model's.")] = None,
    stage: Annotated[str | None, typer.Option("--stage", help="Only at this stage.")] = None,
    manager: Annotated[
        str | None, typer.Option("--manager", help="Only those of this manager's people.")
    ] = None,
    risk: Annotated[str | None, typer.Option("--risk", help="Only of this risk.")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those past due.")] = False,
    due_before: Annotated[
        datetime | None, typer.Option("--due-before", help="Only those due before, local time.")
    ] = None,
    status: Annotated[Status, typer.Option("--status", help="In this state.")] = "pending",
    sort: Annotated[
        Literal["due", "-age"], typer.Option("--sort", help="Most urgent or oldest first.")
    ] = "due",
    limit: Limit = 50,
    json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """List the sign-offs that are waited for, the most urgent first."""
    parameters = {
        "status": status, "owner": owner, "role": role, "model": model, "stage": stage,
        "manager": manager, "risk": risk, "overdue": "true" if overdue else None,
        "due_before": due_before.astimezone().isoformat() if due_before else None, "sort": sort,
    }  # fmt: skip
    with connect(url, key) as api:
        page = api.pages("/v1/signoffs", parameters, limit)
    if json:
        print_json(page)
        return
    if not page["items"]:
        complain("Nothing is waited for." if status == "pending" else "There is none.")
        return
    at = moments.now()
    columns = ("id", "asks", "asked", "deadline", "statement")
    table(columns, (_row(one, at) for one in page["items"]))
    if page.get("next"):
        complain(f"There are more; --limit {2 * limit} shows more of them.")


def waiting(
    by: Annotated[By, typer.Option("--by", help="Whom or what to count by.")] = "owner",
    json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Show where versions wait, and how long.

    How many wait, since when, how many are overdue, how long decisions took in the last 90 days,
    and how many versions are blocked.
    """
    with connect(url, key) as api:
        found = api.get("/v1/waiting", {"by": by})
    if json:
        print_json(found)
        return
    if not found["items"]:
        complain("Nothing is waited for.")
        return
    at = moments.now()
    columns = (by, "waiting", "oldest", "overdue", "median", "p90", "blocked")
    table(columns, (_bottleneck(one, at) for one in found["items"]))


def show(
    model: Model, version: Version, json: Json = False, url: Url = None, key: Key = None
) -> None:
    """Show a version, and who is waited for.

    Its stages, why it waits, what happens next and when, its gates.
    """
    from api.cli.client import path
    from api.cli.version_text import version_text

    with connect(url, key) as api:
        found = api.get(path("models", model, "versions", version))
    if json:
        print_json(found)
        return
    say(version_text(found, moments.now()))


def _row(signoff: dict[str, Any], at: datetime) -> tuple[str, ...]:
    asked = signoff.get("can_decide") or [one["name"] for one in signoff.get("asked", [])]
    return (
        signoff["id"],
        shown([_who(one, signoff) for one in asked]),
        moments.ago(moments.read(signoff.get("asked_at")), at),
        _clock(signoff, at),
        signoff["statement"],
    )


def _who(person: str, signoff: dict[str, Any]) -> str:
    """Name somebody who may decide, with whom they stand in for and whether they are on it."""
    asked = signoff.get("asked", [])
    one: dict[str, Any] = next((a for a in asked if a.get("person") == person), {})
    notes = [f"for {one['on_behalf_of']}"] if one.get("on_behalf_of") else []
    notes += ["on it"] if one.get("has_acknowledged") else []
    return f"{person} ({', '.join(notes)})" if notes else person


def _clock(signoff: dict[str, Any], at: datetime) -> str:
    if signoff.get("paused_since"):
        return f"stands, question {moments.ago(moments.read(signoff['paused_since']), at)}"
    if signoff.get("is_open") is False:
        return f"after {shown(signoff.get('after'))}"
    return moments.due(moments.read(signoff.get("due")), at)


def _bottleneck(row: dict[str, Any], at: datetime) -> tuple[str, ...]:
    name, key = row.get("name") or row["key"], row["key"]
    return (
        name if name == key else f"{name} ({key})",
        str(row["count"]),
        moments.ago(moments.read(row.get("oldest")), at),
        str(row["overdue"]),
        _seconds(row.get("p50")),
        _seconds(row.get("p90")),
        str(row["versions_blocked"]),
    )


def _seconds(length: float | None) -> str:
    from datetime import timedelta

    return "-" if length is None else moments.span(timedelta(seconds=length))
