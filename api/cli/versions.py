from typing import Annotated

import typer

from api.cli.asking import ask, newest, tell
from api.cli.failures import ExitCode, Failed
from api.cli.migrating import migrate_version
from api.cli.parameters import Json, Key, Model, Repeat, Url, Version, example


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
