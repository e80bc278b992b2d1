from datetime import datetime
from typing import Annotated, Any, Literal

import typer

from api.cli import moments
from api.cli.connection import connect
from api.cli.failures import ExitCode, Failed
from api.cli.parameters import Json, Key, Limit, Url, example
from api.cli.screen import complain, print_json, say, table

ME = "@me"
Problem = Literal["left", "silent", "unknown", "away", "unreachable"]


def add_to(app: typer.Typer) -> None:
    """Add the commands about owners who don't answer, and about being away."""
    app.command(
        epilog=example("undersigned owners", "undersigned owners --problem silent --days 60")
    )(owners)
    app.command(
        epilog=example(
            "undersigned away --from 2026-08-03 --until 2026-08-24 --delegate ben",
            "undersigned away",
            "undersigned away --clear",
        )
    )(away)


def owners(
    problem: Annotated[
        Problem | None,
        typer.Option(
            "--problem",
            help="left: named and gone; silent: asked and never answering; unknown: named and not "
            "described; away: nobody stands in; unreachable: a request did not arrive in Slack.",
        ),
    ] = None,
    model: Annotated[str | None, typer.Option("--model", help="Only this model's.")] = None,
    asked: Annotated[
        int, typer.Option("--asked", min=1, help="Silent: asked so often, answered nothing.")
    ] = 3,
    days: Annotated[
        int, typer.Option("--days", min=1, help="Silent: looked at so many days back.")
    ] = 30,
    limit: Limit = 50,
    json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """List owners who left, are unknown, away with nobody in their place, or never answer."""
    parameters = {"problem": problem, "model": model, "asked": asked, "days": days}
    with connect(url, key) as api:
        page = api.pages("/v1/owners", parameters, limit)
    if json:
        print_json(page)
        return
    if not page["items"]:
        complain("Every owner is there and answers.")
        return
    at = moments.now()
    columns = ("person", "problem", "models", "roles", "open", "oldest", "last answer")
    table(columns, (_row(one, at) for one in page["items"]))
    if page.get("next"):
        complain(f"There are more; --limit {2 * limit} shows more of them.")


def away(
    since: Annotated[
        datetime | None, typer.Option("--from", help="The first moment, local time.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--until", help="When you are back, local time.")
    ] = None,
    delegate: Annotated[
        str | None, typer.Option("--delegate", help="Who answers in your place.")
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="You are not away at all.")] = False,
    person: Annotated[
        str, typer.Option("--person", help="Somebody else, as an administrator.")
    ] = ME,
    json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Say when you are away, and who stands in for you.

    A period is added to those that are known; without options they are shown.
    """
    if (since is None) != (until is None) or (clear and since) or (delegate and not since):
        raise Failed(
            "Say both --from and --until, with or without --delegate, or --clear alone.",
            ExitCode.USAGE,
        )
    from api.cli.client import path

    with connect(url, key) as api:
        place = path("people", person, "away")
        found = {"away": []} if clear else api.get(place)
        if since is not None and until is not None:
            new = {"from": _instant(since), "until": _instant(until), "delegate": delegate}
            found = {"away": [*found["away"], new]}
        if clear or since is not None:
            found = api.write("PUT", place, {"away": found["away"]})
    if json:
        print_json(found)
        return
    for warned in found.get("warnings", []):
        complain(f"warning: {warned['message']}")
    say("\n".join(map(_period, found["away"])) or "Not away.")


def _instant(local: datetime) -> str:
    return local.astimezone().isoformat()


def _period(one: dict[str, Any]) -> str:
    since, until = (moments.local(datetime.fromisoformat(one[key])) for key in ("from", "until"))
    stands_in = one.get("delegate")
    return f"{since} to {until}" + (f", {stands_in} answers" if stands_in else ", nobody answers")


def _row(one: dict[str, Any], at: datetime) -> tuple[str, ...]:
    person = one["person"] if one["name"] == one["person"] else f"{one['name']} ({one['person']})"
    roles = dict.fromkeys(f"{role['model']}:{role['role']}" for role in one["roles"])
    return (
        person,
        ", ".join(one["problems"]),
        str(one["models"]),
        ", ".join(roles),
        str(one["open"]),
        moments.ago(moments.read(one.get("oldest")), at),
        moments.ago(moments.read(one.get("last_answer")), at),
    )
