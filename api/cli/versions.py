from datetime import datetime
from typing import Annotated, Any

import typer

from api.cli import moments
from api.cli.asking import ask, newest, tell
from api.cli.connection import connect
from api.cli.failures import ExitCode, Failed
from api.cli.migrating import migrate_version
from api.cli.parameters import Json, Key, Limit, Model, Repeat, Url, Version, example
from api.cli.screen import complain, print_json, table


def add_to(app: typer.Typer) -> None:
    """Add what people do with a whole version."""
    app.command(
        epilog=example("undersigned answer fraud-scorer 14 1 'From accounts under 30 days.'")
    )(answer)
    app.command(
        epilog=example(
            "undersigned override fraud-scorer 14 --gate production --hours 4 \\",
            "  --reason 'Fraud wave; the old model misses it.'",
            "undersigned override fraud-scorer 14 --end 1 --reason 'The wave is over.'",
        )
    )(override)
    app.command(
        epilog=example("undersigned overrides", "undersigned overrides --review-owed --json")
    )(overrides)
    app.command(
        epilog=example("undersigned release fraud-scorer 14 validate --reason 'Pipeline fixed.'")
    )(release)
    app.command(
        name="migrate-version",
        epilog=example(
            "undersigned migrate-version fraud-scorer 14",
            "undersigned migrate-version fraud-scorer 14 --to sha256:9f86… --yes",
        ),
    )(migrate_version)


def answer(
    model: Model,
    version: Version,
    question: Annotated[str, typer.Argument(help="Its number, as `undersigned show` has it.")],
    text: Annotated[str, typer.Argument(help="The answer.")],
    repeat: Repeat = None,
    json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Answer an owner's question; the clock goes on."""
    from api.cli.client import path

    address = path("models", model, "versions", version, "answers")
    body = {"question": question, "text": text}
    told = f"Question {question} is answered."
    tell(ask(address, body, url=url, key=key, repeat=repeat), told, json=json)


def override(
    model: Model,
    version: Version,
    gate: Annotated[str | None, typer.Option("--gate", help="The gate to open.")] = None,
    hours: Annotated[
        int | None, typer.Option("--hours", min=1, max=24 * 90, help="For how long.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why; everybody reads it.")] = "",
    end: Annotated[
        str | None, typer.Option("--end", metavar="NUMBER", help="End this override instead.")
    ] = None,
    repeat: Repeat = None,
    json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Open a gate without its stages for some hours: break-glass.

    Only roles that the lifecycle names for it may. Everybody is shown it, and a review must be
    signed in time afterwards.
    """
    opens = gate is not None and hours is not None and bool(reason)
    if opens == (end is not None) or (end is not None and (gate or hours)):
        raise Failed("Say --gate, --hours and --reason, or --end and a number.", ExitCode.USAGE)
    from api.cli.client import path

    body = {"gate": gate, "hours": hours, "reason": reason, "end": end}
    address = path("models", model, "versions", version, "overrides")
    found = ask(address, body, url=url, key=key, repeat=repeat)
    number = newest(found, "overrides")
    told = (
        f"Override {end} is over." if end else f"{gate} is open for {hours} h (override {number})."
    )
    tell(found, told, json=json)


def overrides(
    model: Annotated[str | None, typer.Option("--model", help="Only this model's.")] = None,
    gate: Annotated[str | None, typer.Option("--gate", help="Only of this gate.")] = None,
    person: Annotated[str | None, typer.Option("--person", help="Only this person's.")] = None,
    open_: Annotated[bool, typer.Option("--open", help="Only those that open it now.")] = False,
    review_owed: Annotated[
        bool, typer.Option("--review-owed", help="Only those that nobody reviewed.")
    ] = False,
    limit: Limit = 50,
    json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """List and count the gates that were opened without their stages, the newest first."""
    parameters = {
        "model": model, "gate": gate, "person": person, "open": "true" if open_ else None,
        "reviewed": "false" if review_owed else None,
    }  # fmt: skip
    with connect(url, key) as api:
        page = api.pages("/v1/overrides", parameters, limit)
    if json:
        print_json(page)
        return
    if not page["items"]:
        complain("There is none.")
        return
    at = moments.now()
    columns = ("version", "override", "gate", "by", "given", "until", "review", "reason")
    table(columns, (_row(one, at) for one in page["items"]))
    complain(f"{page['count']} in all, {page['open']} open now, {page['review_owed']} unreviewed.")
    if page.get("next"):
        complain(f"There are more; --limit {2 * limit} shows more of them.")


def _row(one: dict[str, Any], at: datetime) -> tuple[str, ...]:
    until = moments.read(one["until"])
    is_over = one.get("is_over") or (until is not None and until <= at)
    return (
        f"{one['model']} {one['version']}",
        one["id"],
        one["gate"],
        f"{one['name']} ({one['role']})",
        moments.ago(moments.read(one["at"]), at),
        "over" if is_over else moments.ago(until, at),
        "done" if one.get("is_reviewed") else moments.due(moments.read(one.get("review_due")), at),
        one["reason"],
    )


def release(
    model: Model,
    version: Version,
    stage: Annotated[str, typer.Argument(help="The stage that is held.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; everybody reads it.")] = "",
    repeat: Repeat = None,
    json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Let a held stage go on."""
    from api.cli.client import path

    address = path("models", model, "versions", version, "releases")
    body = {"stage": stage, "reason": reason}
    told = f"{stage} of {model} {version} goes on."
    tell(ask(address, body, url=url, key=key, repeat=repeat), told, json=json)
