from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.connection import connect, settings
from api.cli.parameters import Json, Key, Url, example
from api.cli.screen import clean, complain, print_json, say, table

if TYPE_CHECKING:
    from integrations.slack.manifest import Finding

Workspace = Annotated[
    str,
    typer.Argument(metavar="WORKSPACE", help="Its id, as `undersigned slack workspaces` shows."),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands about the workspaces that the app is installed in."""
    app.command(epilog=example("undersigned slack install"))(install)
    app.command(
        epilog=example("undersigned slack workspaces", "undersigned slack workspaces --json")
    )(workspaces)
    app.command(epilog=example("undersigned slack uninstall T0123ABCD"))(uninstall)
    app.command(name="store-key", epilog=example("undersigned slack store-key"))(store_key)
    app.command(epilog=example("undersigned slack reseal"))(reseal)


def install(json: Json = False, url: Url = None, key: Key = None) -> None:
    """Make a link by which the app is installed in one more workspace; it needs an admin key.

    Whoever may install apps in the workspace opens it in a browser, within 15 minutes.
    """
    with connect(url, key) as api:
        made = api.write("POST", "/v1/slack/links", None)
    if json:
        print_json(made)
        return
    say(made["url"])
    complain("Good once, for 15 minutes. Whoever has it can connect a workspace; keep it so.")


def workspaces(json: Json = False, url: Url = None, key: Key = None) -> None:
    """List the workspaces that the app is or was installed in; 1 when a scope is missing."""
    from api.cli.failures import ExitCode

    with connect(url, key) as api:
        page = api.get("/v1/slack/workspaces")
    if json:
        print_json(page)
    else:
        columns = ("workspace", "name", "state", "since", "scopes missing")
        table(columns, (_row(one) for one in page["items"]))
    if any(one["state"] == "installed" and one["scopes_missing"] for one in page["items"]):
        raise typer.Exit(ExitCode.FAILED)


def uninstall(workspace: Workspace, url: Url = None, key: Key = None) -> None:
    """Take the app out of a workspace, and forget its token."""
    from api.cli.client import path

    with connect(url, key) as api:
        done = api.write("DELETE", path("slack", "workspaces", workspace), None)
    say(f"The app is no longer installed in {clean(workspace)}; its token is forgotten.")
    if not done.get("in_slack"):
        complain("Slack did not take it out: remove it in the workspace's app settings too.")


def store_key() -> None:
    """Print a new key for UNDERSIGNED_SLACK_STORE_KEYS."""
    from integrations.slack.sealing import new_key

    say(new_key())


def reseal() -> None:
    """Encrypt all tokens by the newest key; then the older keys may go.

    Needs UNDERSIGNED_SLACK_STORE_KEYS with both, and the database; an embedded one while
    `undersigned run` is stopped.
    """
    from api import processes

    raise typer.Exit(processes.reseal_slack_tokens(settings()))


def findings(url: str | None, key: str | None) -> "list[Finding]":
    """Look, by way of the API, at every workspace that the app is installed in."""
    from api.cli.client import path
    from integrations.slack.manifest import Finding

    found = []
    with connect(url, key) as api:
        for one in api.get("/v1/slack/workspaces")["items"]:
            if one["state"] == "installed":
                made = api.get(path("slack", "workspaces", one["id"], "check"))
                found += [
                    Finding(each["level"], f"{one['id']} {each['about']}", each["sentence"])
                    for each in made["items"]
                ]
    return found


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    from api.cli import moments

    since = moments.read(one.get("since"))
    return (
        str(one["id"]),
        str(one["name"]),
        str(one["state"]),
        moments.ago(since, moments.now()) if since else "",
        ", ".join(one["scopes_missing"]),
    )
