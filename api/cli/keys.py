from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any

import typer

from api.cli.connection import connect
from api.cli.failures import Failed
from api.cli.parameters import Json, Key, Limit, Url, duration, example
from api.cli.screen import clean, complain, print_json, say, shown, table

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="API keys.")


class Scope(StrEnum):
    """What a key may do; an enumeration, since typer reads no lists of literals."""

    PIPELINE = "pipeline"
    GATE = "gate"
    OWNER = "owner"
    MANAGER = "manager"
    AUDITOR = "auditor"
    ADMIN = "admin"


@app.command(
    epilog=example(
        "undersigned key create --scope owner --person ana",
        "undersigned key create --scope pipeline --model 'fraud-*' --event '*' \\",
        "  --source training --expires-in '90 days'",
    )
)
def create(
    scope: Annotated[
        list[Scope],
        typer.Option(
            "--scope",
            metavar="SCOPE",
            help="What it may do: pipeline, gate, owner, manager, auditor or admin; repeatable.",
        ),
    ],
    person: Annotated[
        str | None,
        typer.Option("--person", metavar="PERSON", help="Whose it is; an owner's key needs it."),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option("--model", metavar="GLOB", help="Models, as names or globs; repeatable."),
    ] = None,
    event: Annotated[
        list[str] | None,
        typer.Option("--event", metavar="GLOB", help="Event types it may send; repeatable."),
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option("--source", metavar="GLOB", help="Sources it may speak for; repeatable."),
    ] = None,
    expires_in: Annotated[
        timedelta | None,
        typer.Option(
            "--expires-in", parser=duration, metavar="DURATION", help="How long it is accepted."
        ),
    ] = None,
    json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Make a key. It is printed on stdout, this once; only its hash is kept."""
    body: dict[str, Any] = {"scopes": scope}
    given = {"person": person, "models": model, "events": event, "sources": source}
    body |= {name: value for name, value in given.items() if value}
    if expires_in is not None:
        from api.cli.moments import now

        body["expires_at"] = (now() + expires_in).isoformat()
    with connect(url, key) as api:
        made = api.write("POST", "/v1/keys", body)
    if json:
        print_json(made)
        return
    if not made.get("key"):
        raise Failed(
            f"Key {made['id']} was made, but the answer with its text got lost. Revoke it with "
            f"`undersigned key revoke {made['id']}` and make another."
        )
    say(made["key"])
    complain(f"Key {made['id']}, for {', '.join(scope)}. Keep it now: it can't be shown again.")


@app.command("list", epilog=example("undersigned key list", "undersigned key list --json"))
def list_(limit: Limit = 50, json: Json = False, url: Url = None, key: Key = None) -> None:
    """List keys, live or not; never their secrets."""
    with connect(url, key) as api:
        page = api.pages("/v1/keys", {}, limit)
    if json:
        print_json(page)
        return
    columns = ("id", "scopes", "person", "models", "sources", "state")
    table(
        columns,
        ((*(shown(one.get(name)) for name in columns[:-1]), _state(one)) for one in page["items"]),
    )
    if page.get("next"):
        complain(f"There are more; --limit {2 * limit} shows more of them.")


@app.command(epilog=example("undersigned key revoke 3f9c2a7b1d04"))
def revoke(
    id_: Annotated[str, typer.Argument(metavar="ID", help="As `undersigned key list` shows.")],
    url: Url = None,
    key: Key = None,
) -> None:
    """Stop accepting a key, at once and for good."""
    from api.cli.client import path

    with connect(url, key) as api:
        api.write("DELETE", path("keys", id_), None)
    say(f"Key {clean(id_)} is no longer accepted.")


def _state(key: dict[str, Any]) -> str:
    from api.cli import moments

    if revoked := moments.read(key.get("revoked_at")):
        return f"revoked {moments.ago(revoked, moments.now())}"
    expires = moments.read(key.get("expires_at"))
    if expires is None:
        return "live"
    verb = "expired" if expires <= moments.now() else "expires"
    return f"{verb} {moments.ago(expires, moments.now())}"
