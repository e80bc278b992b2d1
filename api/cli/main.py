import sys
from typing import Annotated, Any

import typer

from api.cli import (
    accounts,
    files,
    findings,
    handovers,
    keys,
    owners,
    owning,
    people,
    pipeline,
    processes,
    simulate,
    slack,
    starting,
    undelivered,
    versions,
)
from api.cli.failures import Failed

PROGRAM = "undersigned"


class _Told(typer.core.TyperGroup):
    """Says failures as sentences on stderr, in one place for all commands."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Failed as failure:
            from api.cli.screen import complain

            complain(str(failure))
            raise typer.Exit(failure.code) from failure


app = typer.Typer(
    name=PROGRAM,
    cls=_Told,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # help and errors are read by scripts and in logs too
    pretty_exceptions_enable=False,  # a traceback with local values could show a key
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 refused or failed, 2 usage; `gate`: 0 yes, 1 no, 3 can't tell.",
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"{PROGRAM} {version(PROGRAM)}")
        raise typer.Exit


@app.callback()
def undersigned(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Durable sign-offs for machine-learning models.

    These bytes, this statement, these people, this deadline, this door.
    """


for group in (
    processes,
    starting,
    files,
    pipeline,
    people,
    owning,
    owners,
    undelivered,
    versions,
    simulate,
):
    group.add_to(app)
app.add_typer(findings.findings, name="finding")
app.add_typer(findings.conditions, name="condition")
app.add_typer(handovers.app, name="handover")
app.add_typer(keys.app, name="key")
accounts.add_links_to(slack.app)
app.add_typer(accounts.app, name="people")
app.add_typer(slack.app, name="slack")


def main() -> None:
    """Run the command line, the script `undersigned`."""
    sys.exit(app(prog_name=PROGRAM))
