from typing import Annotated, Literal

import typer

from api.cli.asking import ask, newest, tell
from api.cli.parameters import Instant, Json, Key, Model, Repeat, Url, Version, example, instant

findings = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="What was found wrong.")
conditions = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="What approvals are conditional on."
)
Number = Annotated[str, typer.Argument(help="Its number, as `undersigned show` has it.")]


@findings.command(
    name="open",
    epilog=example(
        "undersigned finding open fraud-scorer 14 'Recall drops for new accounts' \\",
        "  --severity high --owner ana --due 2026-12-01",
    ),
)
def open_(
    model: Model,
    version: Version,
    title: Annotated[str, typer.Argument(help="What is wrong, in a sentence.")],
    severity: Annotated[Literal["low", "medium", "high", "critical"], typer.Option("--severity")],
    owner: Annotated[str | None, typer.Option("--owner", help="Who deals with it.")] = None,
    due: Annotated[
        Instant | None, typer.Option("--due", parser=instant, metavar="WHEN", help="By when.")
    ] = None,
    stage: Annotated[
        str | None, typer.Option("--stage", help="The stage that it blocks; else every one.")
    ] = None,
    repeat: Repeat = None,
    json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Report something wrong with a version."""
    from api.cli.client import path

    address = path("models", model, "versions", version, "findings")
    body = {"title": title, "severity": severity, "owner": owner, "due": due, "stage": stage}
    found = ask(address, body, url=url, key=key, repeat=repeat)
    tell(found, f"Finding {newest(found, 'findings')} is open.", json=json)


@findings.command(
    epilog=example("undersigned finding close fraud-scorer 14 1 'Retrained with the slice.'")
)
def close(
    model: Model,
    version: Version,
    finding: Number,
    resolution: Annotated[str, typer.Argument(help="How it was dealt with.")],
    repeat: Repeat = None,
    json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Say how a finding was dealt with."""
    from api.cli.client import path

    address = path("models", model, "versions", version, "resolutions")
    body = {"finding": finding, "resolution": resolution}
    told = f"Finding {finding} is closed."
    tell(ask(address, body, url=url, key=key, repeat=repeat), told, json=json)


@findings.command(
    epilog=example("undersigned finding accept fraud-scorer 14 1 --reason 'Under 0.1 % of volume.'")
)
def accept(
    model: Model,
    version: Version,
    finding: Number,
    reason: Annotated[str, typer.Option("--reason", help="Why it may be accepted.")] = "",
    repeat: Repeat = None,
    json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Ask for the risk of a finding to be accepted.

    That is a sign-off of its own, of the role that the lifecycle names.
    """
    from api.cli.client import path

    address = path("models", model, "versions", version, "acceptances")
    body = {"finding": finding, "reason": reason}
    told = f"The risk of finding {finding} is to be accepted, or not, by its own sign-off."
    tell(ask(address, body, url=url, key=key, repeat=repeat), told, json=json)


@conditions.callback()
def _conditions() -> None:
    """Keep `condition met` a command of a group while it is the only one."""


@conditions.command(
    epilog=example("undersigned condition met fraud-scorer 14 1 --comment 'Dashboard is live.'")
)
def met(
    model: Model,
    version: Version,
    condition: Number,
    comment: Annotated[str, typer.Option("--comment", help="What was done.")] = "",
    repeat: Repeat = None,
    json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Say that what an approval was conditional on is done."""
    from api.cli.client import path

    address = path("models", model, "versions", version, "conditions")
    body = {"condition": condition, "comment": comment}
    told = f"Condition {condition} is met."
    tell(ask(address, body, url=url, key=key, repeat=repeat), told, json=json)
