from typing import Annotated, Any

import typer

from api.cli import moments
from api.cli.connection import connect
from api.cli.parameters import Json, Key, Limit, Url, example
from api.cli.screen import complain, print_json, table


def add_to(app: typer.Typer) -> None:
    """Add the command about cards that Slack did not take."""
    app.command(
        epilog=example("undersigned undelivered", "undersigned undelivered --model fraud-scorer")
    )(undelivered)


def undelivered(
    model: Annotated[str | None, typer.Option("--model", help="Only this model's.")] = None,
    limit: Limit = 50,
    json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """List cards of pending requests that Slack did not take, and tokens that it refuses."""
    with connect(url, key) as api:
        page = api.pages("/v1/undelivered", {"model": model}, limit)
    if json:
        print_json(page)
        return
    at = moments.now()
    for one in page["tokens_lost"]:
        since = moments.ago(moments.read(one["since"]), at)
        where = f" in {one['workspace']}" if one["workspace"] else ""
        complain(f"Slack refuses the token{where}, {since}: {one['code']}. {one['advice']}")
    if not page["items"]:
        complain("There is no pending request whose card Slack refused.")
        return
    table(("request", "for", "error", "what to do"), (_row(one) for one in page["items"]))
    if page.get("next"):
        complain(f"There are more; --limit {2 * limit} shows more of them.")


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    return (
        f"{one['model']} {one['version']} {one['stage']}:{one['role']}",
        one["person"] or one["channel"] or "the model's channel",
        one["error"],
        one["advice"] or "-",
    )
