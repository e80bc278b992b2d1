from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import moments
from api.cli.connection import connect
from api.cli.failures import ExitCode, Failed
from api.cli.parameters import Json, Key, Limit, Url, example
from api.cli.screen import complain, is_terminal, print_json, say, shown, table

if TYPE_CHECKING:
    from api.cli.client import Api

app = typer.Typer(
    help="Whose Slack accounts are; only a confirmed one decides.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
MOST = 10_000
"""Proposals that are confirmed by one command."""
Slack = Annotated[
    str | None,
    typer.Option(
        "--slack", metavar="TEAM/USER", help="The account, as T024BE7LD/U0G9QF9C6.",
        show_default=False,
    ),
]  # fmt: skip


@app.command(
    epilog=example(
        "undersigned people confirm ana",
        "undersigned people confirm ana --slack T024BE7LD/U0G9QF9C6",
        "undersigned people confirm --all",
    )
)
def confirm(
    person: Annotated[
        str | None, typer.Argument(help="Whose account it is.", show_default=False)
    ] = None,
    slack: Slack = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Confirm every proposal, after they were listed.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Confirm without asking.")] = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Confirm that a Slack account is a person's, so that it decides for them.

    Without --slack it is the account that was found by the person's address. Compare the names
    first (`undersigned slack links --proposed`): whoever can change an address in Slack can be
    found by it.
    """
    if (person is None) != all_ or (all_ and slack):
        raise Failed("Name a person, or say --all.", ExitCode.USAGE)
    if all_ and not yes and not is_terminal():
        raise Failed("Say --yes to confirm them all without being asked.", ExitCode.USAGE)
    with connect(url, key) as api:
        if person is not None and slack is not None:
            team, user = _parts(slack)
            found = [{"person": person, "team": team, "user": user}]
        else:
            found = _proposed(api, person)
        if all_ and not yes:
            _show(found)
            typer.confirm(f"Confirm these {len(found)}?", abort=True)
        for one in found:
            address = _address(one["person"], one["team"], one["user"])
            api.write("PUT", address, {"enterprise": one.get("enterprise")})
            say(f"{one['team']}/{one['user']} is {one['person']}'s from now on.")


@app.command(epilog=example("undersigned people unlink ana --slack T024BE7LD/U0G9QF9C6"))
def unlink(
    person: Annotated[str, typer.Argument(help="Whose account it is said to be.")],
    slack: Annotated[
        str, typer.Option("--slack", metavar="TEAM/USER", help="The account.", show_default=False)
    ],
    url: Url = None,
    key: Key = None,
) -> None:
    """Take a Slack account, confirmed or proposed, from a person."""
    team, user = _parts(slack)
    with connect(url, key) as api:
        api.write("DELETE", _address(person, team, user), None)
    say(f"{team}/{user} is not {person}'s any more.")


def links(
    proposed: Annotated[
        bool, typer.Option("--proposed", help="Only those that wait to be confirmed.")
    ] = False,
    limit: Limit = 50,
    json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """List people's Slack accounts, with the names on both sides."""
    with connect(url, key) as api:
        page = api.pages("/v1/slack/accounts", {"state": "proposed" if proposed else None}, limit)
    if json:
        print_json(page)
        return
    if not page["items"]:
        complain("No account waits to be confirmed." if proposed else "No account is linked.")
        return
    _show(page["items"])
    if page.get("next"):
        complain(f"There are more; --limit {2 * limit} shows more of them.")


def link(json: Json = False, url: Url = None, key: Key = None) -> None:
    """Make a code that confirms your own Slack account; it needs your own API key.

    Send it in Slack, from the account, as `/undersigned link CODE`, within 15 minutes.
    """
    from api.cli.client import path

    with connect(url, key) as api:
        made = api.write("POST", path("people", "@me", "slack-codes"), None)
    if json:
        print_json(made)
        return
    say(made["code"])
    complain(f"Send this in Slack within 15 minutes: /undersigned link {made['code']}")
    complain(f"Whoever sends it decides as {made['person']} from then on; give it to nobody.")


def add_links_to(slack: typer.Typer) -> None:
    """Add what is about people's accounts to the commands about Slack."""
    slack.command(epilog=example("UNDERSIGNED_KEY=$ANA undersigned slack link"))(link)
    slack.command(
        epilog=example("undersigned slack links --proposed", "undersigned slack links --json")
    )(links)


def _proposed(api: "Api", person: str | None) -> list[dict[str, Any]]:
    page = api.pages("/v1/slack/accounts", {"state": "proposed", "person": person}, MOST)
    found: list[dict[str, Any]] = page["items"]
    if not found and person is not None:
        raise Failed(
            f"No Slack account is proposed as {person}'s. Name it with --slack TEAM/USER, or let "
            "them confirm it themselves with `undersigned slack link`."
        )
    if not found:
        raise Failed("No account waits to be confirmed.")
    if person is not None and len(found) > 1:
        named = ", ".join(f"{one['team']}/{one['user']}" for one in found)
        raise Failed(f"Several accounts are proposed; name one with --slack: {named}.")
    return found


def _show(found: list[dict[str, Any]]) -> None:
    at = moments.now()
    table(
        ("person", "name", "state", "account", "name in slack", "e-mail", "since"),
        (
            (
                one["person"],
                one["name"],
                _state(one),
                f"{one['team']}/{one['user']}",
                shown(one["slack_name"]),
                shown(one["email"]),
                moments.ago(moments.read(one["at"]), at),
            )
            for one in found
        ),
    )


def _state(one: dict[str, Any]) -> str:
    state = "proposed" if one["state"] == "proposed" else f"confirmed ({one['how']})"
    return f"{state}, {one['barred']}" if one.get("barred") else state


def _parts(slack: str) -> tuple[str, str]:
    team, slash, user = slack.partition("/")
    if not (team and slash and user) or "/" in user:
        raise Failed("An account is written TEAM/USER, as T024BE7LD/U0G9QF9C6.", ExitCode.USAGE)
    return team, user


def _address(person: str, team: str, user: str) -> str:
    from api.cli.client import path

    return path("people", person, "slack", team, user)
