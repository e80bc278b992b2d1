from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.connection import connect
from api.cli.failures import ExitCode, Failed
from api.cli.parameters import Json, Key, Url, example
from api.cli.screen import complain, print_json, say

if TYPE_CHECKING:
    from api.cli.client import Api
    from api.cli.documents import Documents

FILES = typer.Argument(
    metavar="FILE...", exists=True, dir_okay=False, help="YAML files; `---` separates documents."
)


def add_to(app: typer.Typer) -> None:
    """Add the commands for lifecycle, people and model files."""
    app.command(epilog=example("undersigned lint lifecycle.yaml people.yaml models/*.yaml"))(lint)
    app.command(epilog=example("undersigned apply lifecycle.yaml people.yaml models/*.yaml"))(apply)


def lint(files: Annotated[list[Path], FILES], json: Json = False) -> None:
    """Check lifecycle, people and model files together.

    No server is needed. Exit code 1 when there is an error; warnings alone are 0.
    """
    from api.cli.documents import read_documents

    found = read_documents(files, are_all=True)
    if json:
        from dataclasses import asdict

        print_json({"items": [asdict(one) for one in found.remarks], "next": None})
    else:
        for remark in found.remarks:
            say(str(remark))
        _tell_bases(found)
        complain(_summary(found))
    if found.is_wrong:
        raise typer.Exit(ExitCode.FAILED)


def apply(files: Annotated[list[Path], FILES], url: Url = None, key: Key = None) -> None:
    """Check files, then upload them.

    Lifecycles go first, then people, groups, rotations, and models. Nothing is uploaded when one
    file is wrong. An unchanged definition changes nothing.
    """
    from api.cli.documents import read_documents

    found = read_documents(files, are_all=False)
    for remark in found.remarks:
        complain(str(remark))
    if found.is_wrong:
        complain("Nothing was uploaded.")
        raise typer.Exit(ExitCode.FAILED)
    _tell_bases(found)
    with connect(url, key) as api:
        _upload(api, found)


def _tell_bases(found: "Documents") -> None:
    """Say what each lifecycle was merged from, since its digest covers the result alone."""
    for name, bases in found.bases.items():
        for base, digest in bases:
            complain(f"{name} extends {base} {digest}")


def _upload(api: "Api", found: "Documents") -> None:
    known = {remark.message for remark in found.remarks}
    bodies: dict[str, dict[str, object]] = {
        "lifecycles": {name: document.data for name, (document, _) in found.lifecycles.items()},
        "people": {
            name: person.model_dump(mode="json", exclude_unset=True)
            for name, (_, person) in found.people.items()
        },
        "groups": {
            name: group.model_dump(mode="json") for name, (_, group) in found.groups.items()
        },
        "rotations": {
            name: rotation.model_dump(mode="json", exclude_unset=True)
            for name, (_, rotation) in found.rotations.items()
        },
        "models": {name: found.models[name][0].data for name in _bases_first(found)},
    }
    for kind, named in bodies.items():
        for name, body in named.items():
            try:
                answer = api.write("PUT", f"/v1/{kind}/{name}", body)
            except Failed as failure:
                raise Failed(f"{kind}/{name}: {failure}\nWhat is listed was uploaded.") from failure
            state = answer.get("digest") or ("" if answer.get("changed", True) else "unchanged")
            say(f"{kind}/{name}  {state}".rstrip())
            for warned in answer.get("warnings", []):
                if warned["message"] not in known:
                    complain(f"{kind}/{name}: warning: {warned['message']}")


def _bases_first(found: "Documents") -> list[str]:
    """Order models so that what one is built on is there before it; circles were refused."""
    ordered: dict[str, None] = {}

    def put(name: str) -> None:
        for base in found.models[name][1].built_on:
            if base in found.models and base not in ordered and base != name:
                put(base)
        ordered[name] = None

    for name in found.models:
        if name not in ordered:
            put(name)
    return list(ordered)


def _summary(found: "Documents") -> str:
    errors = sum(one.severity == "error" for one in found.remarks)
    warnings = len(found.remarks) - errors
    crews = ((len(found.groups), "group"), (len(found.rotations), "rotation"))
    held = (
        (len(found.lifecycles), "lifecycle"), (len(found.people), "person"),
        *(crew for crew in crews if crew[0]),
        (len(found.models), "model"), (errors, "error"), (warnings, "warning"),
    )  # fmt: skip
    return ", ".join(_counted(number, word) for number, word in held)


def _counted(number: int, word: str) -> str:
    plural = {"person": "people"}.get(word, f"{word}s")
    return f"{number} {word if number == 1 else plural}"
