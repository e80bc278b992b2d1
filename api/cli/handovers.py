from typing import Annotated, Any

import typer

from api.cli import moments
from api.cli.connection import connect
from api.cli.parameters import Json, Key, Limit, Model, Url, example
from api.cli.screen import complain, print_json, say, table

app = typer.Typer(
    help="Hand a role over: its owner answers until the receiver accepts.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Number = Annotated[int, typer.Argument(min=1, help="The handover, as `handover list` shows.")]
Reason = Annotated[str, typer.Option("--reason", help="Why.")]


@app.command(epilog=example("undersigned handover offer fraud-scorer validator --to cho"))
def offer(
    model: Model,
    role: Annotated[str, typer.Argument(help="The role, as validator.")],
    to: Annotated[str, typer.Option("--to", help="Who is to take it over.")],
    giver: Annotated[
        str | None, typer.Option("--from", help="Whose role it is, when not yours.")
    ] = None,
    note: Annotated[str, typer.Option("--note", help="What they should know.")] = "",
    json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Offer a role to somebody; it stays its owner's until they accept."""
    body = {"role": role, "to": to, "note": note} | ({"from": giver} if giver else {})
    _write((model,), body, json=json, url=url, key=key)


@app.command(epilog=example("undersigned handover accept fraud-scorer 1"))
def accept(
    model: Model, number: Number, json: Json = False, url: Url = None, key: Key = None
) -> None:
    """Take a role over that is offered to you."""
    _write((model, str(number), "acceptances"), {}, json=json, url=url, key=key)


@app.command(epilog=example("undersigned handover decline fraud-scorer 1 --reason 'No time.'"))
def decline(
    model: Model,
    number: Number,
    reason: Reason = "",
    json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Leave a role with its owner."""
    _write((model, str(number), "declines"), {"reason": reason}, json=json, url=url, key=key)


@app.command(epilog=example("undersigned handover withdraw fraud-scorer 1"))
def withdraw(
    model: Model,
    number: Number,
    reason: Reason = "",
    json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Take an offer back."""
    _write((model, str(number), "withdrawals"), {"reason": reason}, json=json, url=url, key=key)


@app.command("list", epilog=example("undersigned handover list fraud-scorer"))
def list_(
    model: Model, limit: Limit = 50, json: Json = False, url: Url = None, key: Key = None
) -> None:
    """List a model's handovers, the newest first; an owner sees their own."""
    from api.cli.client import path

    with connect(url, key) as api:
        page = api.pages(path("models", model, "handovers"), {}, limit)
    if json:
        print_json(page)
        return
    if not page["items"]:
        complain("There is none.")
        return
    at = moments.now()
    columns = ("id", "role", "from", "to", "state", "offered", "note")
    table(columns, (_row(one, at) for one in page["items"]))


def _write(
    place: tuple[str, ...], body: dict[str, str], *, json: bool, url: str | None, key: str | None
) -> None:
    from api.cli.client import path

    model, *rest = place
    with connect(url, key) as api:
        found = api.write("POST", path("models", model, "handovers", *rest), body)
    if json:
        print_json(found)
        return
    say(_sentence(found))


def _sentence(one: dict[str, Any]) -> str:
    state = {
        "open": f"{one['giver']} answers as {one['role']} until {one['receiver']} accepts.",
        "accepted": f"{one['receiver']} is {one['role']} now.",
    }.get(one["status"], f"{one['giver']} stays {one['role']}.")
    return f"Handover {one['id']} of {one['model']}: {state}"


def _row(one: dict[str, Any], at: Any) -> tuple[str, ...]:
    return (
        str(one["id"]),
        one["role"],
        one["giver"],
        one["receiver"],
        one["status"],
        moments.ago(moments.read(one["offered_at"]), at),
        one["note"] or "-",
    )
