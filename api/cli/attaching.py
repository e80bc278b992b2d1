import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from api.cli import moments
from api.cli.connection import connect
from api.cli.failures import Failed
from api.cli.parameters import Json, Key, Model, Url, Version, digest, duration
from api.cli.screen import complain, print_json, say

if TYPE_CHECKING:
    from api.cli.client import Answer, Api

EVENT_TYPE = "undersigned.evidence.attached"
LOOK_FOR = timedelta(seconds=10)
LOOK_EVERY = timedelta(seconds=0.25)

_UNDECIDED = frozenset({"received", "accepted"})
_BAD = frozenset({"refused", "late", "unreadable", "conflict"})


def attach(
    model: Model,
    version: Version,
    name: Annotated[str, typer.Argument(help="As the lifecycle calls it: evaluation.")],
    file: Annotated[Path, typer.Option("--file", exists=True, dir_okay=False, help="The report.")],
    subject: Annotated[
        str, typer.Option("--subject", parser=digest, metavar="DIGEST", help="What it is about.")
    ],
    verdict: Annotated[Literal["pass", "fail"], typer.Option("--verdict")] = "pass",
    value: Annotated[
        list[str] | None,
        typer.Option(
            "--value", metavar="JSON", help="A JSON object, for conditions; several are joined."
        ),
    ] = None,
    uri: Annotated[str | None, typer.Option("--uri", help="Where the report is kept.")] = None,
    source: Annotated[
        str,
        typer.Option(
            "--source", envvar="UNDERSIGNED_SOURCE", help="Who says it; the key must allow it."
        ),
    ] = "cli",
    wait: Annotated[
        timedelta | None,
        typer.Option(
            "--wait",
            parser=duration,
            metavar="DURATION",
            help="How long to look what became of it; 10s.",
        ),
    ] = None,
    json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Attach evidence: a named result about named bytes.

    The report's digest is sent, the file itself isn't. The result is a CloudEvent
    `undersigned.evidence.attached`; exit code 1 when it is refused.
    """
    data: dict[str, Any] = {
        "model": model, "version": version, "name": name, "verdict": verdict,
        "subject": subject, "digest": _file_digest(file), "value": _joined(value or []),
    }  # fmt: skip
    data |= {"uri": uri} if uri else {}
    with connect(url, key) as api:
        (taken,) = api.send_event(_event(source, data))["items"]
        outcome = _outcome(api, taken, LOOK_FOR if wait is None else wait)
    if json:
        print_json(outcome)
    _tell(outcome, f"{name} ({verdict}) of {model} {version}", quiet=json)


def _event(source: str, data: dict[str, Any]) -> "Answer":
    from api.cli.client import new_key

    return {
        "specversion": "1.0",
        "id": new_key(),
        "source": source,
        "type": EVENT_TYPE,
        "time": moments.now().isoformat(),
        "datacontenttype": "application/json",
        "data": data,
    }


def _file_digest(file: Path) -> str:
    from integrations.artifacts import ArtifactError, digest_of

    try:
        return digest_of(file).digest
    except ArtifactError as error:
        raise Failed(str(error)) from error


def _joined(texts: list[str]) -> dict[str, Any]:
    """Join JSON objects; raises BadParameter for what is none, and for a name given twice."""
    from integrations.documents import DocumentError, parse_json_document

    joined: dict[str, Any] = {}
    for text in texts:
        try:
            data = parse_json_document(text, name="--value").data
        except DocumentError as error:
            raise typer.BadParameter(str(error)) from error
        if not isinstance(data, dict):
            raise typer.BadParameter(
                f"--value {text} is not a JSON object like '{{\"auc\": 0.9}}'."
            )
        if twice := joined.keys() & data.keys():
            raise typer.BadParameter(f"--value gives {', '.join(sorted(twice))} twice.")
        joined |= data
    return joined


def _outcome(api: "Api", taken: "Answer", wait: timedelta) -> "Answer":
    """Ask what became of the event until that is known, or the time is over."""
    from api.cli.client import path

    outcome = taken
    end = time.monotonic() + wait.total_seconds()
    while outcome["status"] in _UNDECIDED and time.monotonic() < end:
        time.sleep(LOOK_EVERY.total_seconds())  # the API has no event to wait for
        outcome = api.get(path("events", taken["id"]))
    return outcome


def _tell(outcome: "Answer", what: str, *, quiet: bool) -> None:
    if outcome["status"] in _BAD:
        raise Failed(f"{what}: {outcome['status']}. {outcome['why']}".rstrip())
    if quiet:
        return
    match outcome["status"]:
        case "unclaimed":
            complain(f"{what} is kept 30 days: the version isn't registered yet.")
        case "applied":
            say(f"{what} is attached.")
        case "duplicate":
            say(f"{what} was attached before.")
        case _:
            say(f"{what} is accepted, and not applied yet; event {outcome['id']}.")
