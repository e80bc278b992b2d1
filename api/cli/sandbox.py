from pathlib import Path
from typing import Annotated

import typer

from api.cli.connection import settings
from api.cli.failures import ExitCode, Failed
from api.cli.parameters import example

APP_URL = "http://127.0.0.1:8080/slack/events"
Host = Annotated[
    str, typer.Option("--host", help="Address to listen on; others than loopback are open to all.")
]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes a free one.")]
AppUrl = Annotated[
    str, typer.Option("--app-url", help="Where the app gets clicks: its /slack/events.")
]
People = Annotated[
    list[Path] | None,
    typer.Option(
        "--people",
        exists=True,
        dir_okay=False,
        show_default=False,
        help="Files with people and models, as for `apply`: their people and channels are there.",
    ),
]
Fail = Annotated[
    list[str] | None,
    typer.Option(
        "--fail",
        show_default=False,
        help="Let every call fail until it is cleared on the page: rate_limited, server_error, "
        "timeout, reply_lost or token_revoked.",
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add the command that plays a Slack workspace."""
    app.command(
        epilog=example(
            "undersigned slack sandbox",
            "undersigned slack sandbox --port 8091 --people people.yaml --people model.yaml",
        )
    )(sandbox)


def sandbox(
    host: Host = "127.0.0.1",
    port: Port = 8090,
    app_url: AppUrl = APP_URL,
    people: People = None,
    fail: Fail = None,
) -> None:
    """Play a Slack workspace in the browser, for those who have none.

    Prints its page and what to set for `undersigned run`, `api` and `worker`. People and channels
    are the demo's, or those of --people. Nothing is kept when it ends; the token and secret of a
    sandbox that are set already are used again. Ctrl-C stops it.
    """
    from api import processes
    from api.slack_sandbox import Play

    try:
        play = Play.of(
            settings(), host=host, port=port, app_url=app_url, files=people or (), fail=fail or ()
        )
    except ValueError as error:
        raise Failed(str(error), ExitCode.USAGE) from error
    raise typer.Exit(processes.play_slack(play))
