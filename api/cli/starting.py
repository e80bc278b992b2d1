from pathlib import Path
from typing import Annotated

import typer

from api.cli.failures import ExitCode, Failed
from api.cli.parameters import example
from api.cli.screen import complain, say, table

DEFAULT = "classic-ml"
Template = Annotated[
    str, typer.Argument(metavar="[TEMPLATE]", help="A template; `--list` shows them.")
]
List = Annotated[bool, typer.Option("--list", help="Show the templates, a line each.")]
Dir = Annotated[
    Path, typer.Option("--dir", file_okay=False, help="Where to write; made when it is missing.")
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite files that are there.")]


def add_to(app: typer.Typer) -> None:
    """Add the command that writes a starting set."""
    app.command(
        epilog=example("undersigned init", "undersigned init genai-application --dir governance")
    )(init)


def init(
    template: Template = DEFAULT, list_: List = False, directory: Dir = Path(), force: Force = False
) -> None:
    """Write a lifecycle, people and a model to start from, with comments.

    No server is needed. Files that are there are not overwritten without --force.
    """
    from integrations.templates import NAMES, summary

    if list_:
        table(("template", "for"), [(name, summary(name)) for name in NAMES])
        return
    if template not in NAMES:
        raise Failed(
            f"There is no template {template}; choose from {', '.join(NAMES)}.", ExitCode.USAGE
        )
    texts = _texts(template)
    _refuse_to_overwrite([directory / name for name in texts], force=force)
    paths = [_write(directory / name, text) for name, text in texts.items()]
    for path in paths:
        say(str(path))
    names = " ".join(str(path) for path in paths)
    complain(
        "Next: read lifecycle.yaml, it is a starting point and not legal advice. Write your own\n"
        "people and owners, then\n"
        f"  undersigned lint {names}\n"
        f"  undersigned apply {names}"
    )


def _texts(template: str) -> dict[str, str]:
    from integrations.templates import is_overlay, starting_text, template_text

    lifecycle = (
        starting_text(f"{template}.lifecycle") if is_overlay(template) else template_text(template)
    )
    return {
        "lifecycle.yaml": lifecycle,
        "people.yaml": starting_text("people"),
        "model.yaml": starting_text(f"{template}.model"),
    }


def _refuse_to_overwrite(paths: list[Path], *, force: bool) -> None:
    there = [str(path) for path in paths if path.exists()]
    if there and not force:
        raise Failed(
            f"{', '.join(there)} exists already and nothing was written; use another --dir, or "
            "--force to overwrite."
        )


def _write(path: Path, text: str) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Failed(f"{path} can't be written: {error.strerror}.") from error
    return path
