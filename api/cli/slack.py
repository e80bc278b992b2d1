from typing import Annotated

import typer

from api.cli import sandbox, workspaces
from api.cli.connection import settings
from api.cli.failures import ExitCode, Failed
from api.cli.parameters import Json, Key, Url, example
from api.cli.screen import print_json, table

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The Slack app.")
sandbox.add_to(app)
workspaces.add_to(app)


@app.command(
    epilog=example(
        "undersigned slack manifest --public-url https://undersigned.example.com",
        "undersigned slack manifest --socket-mode",
    )
)
def manifest(
    public_url: Annotated[
        str | None,
        typer.Option(
            "--public-url",
            show_default=False,
            help="Address that Slack reaches the API by; UNDERSIGNED_PUBLIC_URL.",
        ),
    ] = None,
    socket_mode: Annotated[
        bool, typer.Option("--socket-mode", help="Connect out to Slack; no public address.")
    ] = False,
    org_wide: Annotated[
        bool,
        typer.Option("--org-wide", help="Let an Enterprise organisation install it for all teams."),
    ] = False,
) -> None:
    """Print the app's manifest, to paste at https://api.slack.com/apps."""
    from integrations.slack.manifest import manifest as describe

    address = public_url or settings().public_url
    try:
        print_json(describe(address, socket_mode=socket_mode, org_wide=org_wide))
    except ValueError as error:
        raise Failed(f"{error} (--public-url, --socket-mode)", ExitCode.USAGE) from error


@app.command(epilog=example("UNDERSIGNED_SLACK_BOT_TOKEN=xoxb-… undersigned slack check"))
def check(json: Json = False, url: Url = None, key: Key = None) -> None:
    """Look at the installed app: token, scopes, whether it finds people; 1 when it can't work.

    In every workspace that it is installed in, by way of the API, and in the settings' own.
    """
    import asyncio
    from dataclasses import asdict

    from integrations.slack.client import open_client
    from integrations.slack.manifest import Finding
    from integrations.slack.manifest import check as look

    chosen = settings()
    if not chosen.slack_is_configured:
        raise Failed("No Slack app is configured: set UNDERSIGNED_SLACK_BOT_TOKEN to its xoxb-….")
    found: list[Finding] = []
    if chosen.slack_bot_token is not None:
        token = chosen.slack_bot_token.get_secret_value()

        async def findings() -> list[Finding]:
            async with open_client(token, chosen.slack_api_url) as client:
                return await look(client)

        found += asyncio.run(findings())
    if chosen.slack_is_installable:
        found += workspaces.findings(url, key)
    if json:
        print_json({"items": [asdict(one) for one in found], "next": None})
    else:
        table(("level", "about", "finding"), ((f.level, f.about, f.sentence) for f in found))
    if any(one.level == "error" for one in found):
        raise typer.Exit(ExitCode.FAILED)
