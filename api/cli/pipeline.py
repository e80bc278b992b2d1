from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.asking import tell
from api.cli.attaching import attach
from api.cli.connection import connect
from api.cli.failures import Failed
from api.cli.gate import gate
from api.cli.parameters import Instant, Json, Key, Model, Url, Version, example, instant
from api.cli.screen import clean, print_json, say

if TYPE_CHECKING:
    from integrations.artifacts import ArtifactDigest

PATH = typer.Argument(exists=True, help="A file, or a directory with all that is in it.")


def add_to(app: typer.Typer) -> None:
    """Add the commands that a step of a pipeline calls."""
    app.command(epilog=example("undersigned digest ./model", "undersigned digest ./model --files"))(
        digest
    )
    app.command(
        epilog=example("undersigned register fraud-scorer 14 --artifact ./model --producer git:ana")
    )(register)
    app.command(
        epilog=example(
            "undersigned attach fraud-scorer 14 evaluation --file report.json \\",
            "  --subject $(undersigned digest ./model) --value '{\"auc\": 0.93}' "
            "--source evaluation",
        )
    )(attach)
    app.command(
        epilog=example(
            "undersigned request fraud-scorer 14",
            "undersigned request fraud-scorer 14 --effective-at 2026-12-01T09:00",
        )
    )(request)
    app.command(
        epilog=example(
            "undersigned gate --digest $(undersigned digest ./model) --for production --wait 30m"
        )
    )(gate)


def digest(
    path: Annotated[Path, PATH],
    files: Annotated[bool, typer.Option("--files", help="List the files and theirs too.")] = False,
    json: Json = False,
) -> None:
    """Print the digest of an artifact: which bytes are signed for."""
    from dataclasses import asdict

    found = _digest_of(path)
    if json:
        listed = [asdict(one) for one in found.files]
        print_json({"digest": found.digest, "size": found.size, "files": listed})
        return
    say(found.digest)
    if files:
        for one in found.files:
            say(f"{one.digest}  {clean(one.name)}")


def register(
    model: Model,
    version: Version,
    artifact: Annotated[
        Path, typer.Option("--artifact", exists=True, help="The file or directory it is.")
    ],
    name: Annotated[str, typer.Option("--name", help="The artifact's name.")] = "model",
    uri: Annotated[
        str | None,
        typer.Option("--uri", show_default=False, help="Where it is kept; else its path here."),
    ] = None,
    commit_author: Annotated[
        list[str] | None,
        typer.Option("--commit-author", help="Who wrote its code, as git:ana; repeatable."),
    ] = None,
    producer: Annotated[
        list[str] | None,
        typer.Option("--producer", help="Who made it: a person or an identity; repeatable."),
    ] = None,
    json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Register a version with the digest of its artifact."""
    from api.cli.client import path

    with connect(url, key) as api:
        found = _digest_of(artifact)
        given = {"name": name, "uri": uri or artifact.resolve().as_uri(), "digest": found.digest}
        body = {"version": version, "artifacts": [given], "producers": producer or []}
        body |= {"commit_authors": commit_author} if commit_author else {}
        answer = api.write("POST", path("models", model, "versions"), body)
    tell(answer, f"{model} {version} is registered with {found.digest}.", json=json)


def request(
    model: Model,
    version: Version,
    effective_at: Annotated[
        Instant | None,
        typer.Option(
            "--effective-at", parser=instant, metavar="WHEN", help="No gate opens sooner."
        ),
    ] = None,
    json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Ask for review.

    On a stage that was sent back it says that the version is ready again.
    """
    from api.cli.client import path

    with connect(url, key) as api:
        body = {"effective_at": effective_at} if effective_at else {}
        answer = api.write("POST", path("models", model, "versions", version, "requests"), body)
    tell(answer, f"Review of {model} {version} is requested.", json=json)


def _digest_of(path: Path) -> "ArtifactDigest":
    from integrations.artifacts import ArtifactError, digest_of

    try:
        return digest_of(path)
    except ArtifactError as error:
        raise Failed(str(error)) from error
