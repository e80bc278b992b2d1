from typing import Annotated

import typer

from api.cli.asking import ask, tell
from api.cli.failures import ExitCode, Failed
from api.cli.parameters import Json, Key, Model, Repeat, Url, Version, digest
from api.cli.screen import is_terminal, print_json, say


def migrate_version(
    model: Model,
    version: Version,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            parser=digest,
            metavar="DIGEST",
            help="The definition; else the current one of the model's lifecycle.",
        ),
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is on record.")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be asked again.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Move it without asking.")] = False,
    repeat: Repeat = None,
    json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Move a version to another definition of its lifecycle.

    What would be asked again is printed first, then you confirm; a script says --yes.
    """
    if not (yes or dry_run) and (json or not is_terminal()):
        raise Failed("Say --yes to move it, or --dry-run to look only.", ExitCode.USAGE)
    from api.cli.client import path

    address = path("models", model, "versions", version, "migrations")
    body = {"lifecycle_digest": to, "reason": reason}
    if not (yes and json):
        seen = ask(address, {**body, "dry_run": True}, url=url, key=key, repeat=None)
        # What was looked at is what is moved to, also when another becomes current meanwhile.
        body["lifecycle_digest"] = seen["lifecycle_digest"]
        if dry_run and json:
            print_json(seen)
            return
        say(f"{model} {version} would follow {seen['lifecycle']} {seen['lifecycle_digest']}:")
        for sentence in seen["changes"] or ["Nothing is asked again."]:
            say(f"  {sentence}")
    if dry_run:
        return
    if not yes:
        typer.confirm("Move it?", abort=True)
    tell(
        ask(address, body, url=url, key=key, repeat=repeat),
        f"{model} {version} follows the other definition.",
        json=json,
    )
