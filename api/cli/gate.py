import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import moments
from api.cli.connection import connect
from api.cli.failures import Declined, ExitCode, Failed
from api.cli.parameters import Json, Key, Url, digest, duration
from api.cli.screen import clean, complain, print_json, say, table

if TYPE_CHECKING:
    from api.cli.client import Answer, Api, Parameters

FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(seconds=15)
GROWTH = 1.5


@dataclass(frozen=True)
class Reply:
    """What the server said, or why it can't be told."""

    code: ExitCode
    answer: "Answer"
    failure: str = ""
    is_lasting: bool = False

    @property
    def reasons(self) -> str:
        """The sentences, on one line."""
        return self.failure or " ".join(map(str, self.answer.get("reasons", [])))


def gate(
    digest_: Annotated[
        str, typer.Option("--digest", parser=digest, metavar="DIGEST", help="Which bytes.")
    ],
    door: Annotated[str, typer.Option("--for", metavar="GATE", help="Where to: production.")],
    wait: Annotated[
        timedelta | None,
        typer.Option(
            "--wait", parser=duration, metavar="DURATION", help="Ask again until yes, so long."
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="When several have these bytes.")
    ] = None,
    version: Annotated[str | None, typer.Option("--version", help="The version, likewise.")] = None,
    json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Ask whether these bytes may pass a gate.

    Exit code 0 is yes, 1 is no, 3 can't tell: the server isn't reached, or doesn't know. Anything
    but 0 means don't deploy.
    """
    parameters = {"digest": digest_, "for": door, "model": model, "version": version}
    try:
        with connect(url, key) as api:
            reply = _asked_until(api, parameters, wait or timedelta(0))
    except Failed as failure:
        if failure.code is ExitCode.USAGE:
            raise
        reply = Reply(ExitCode.UNKNOWN, {}, str(failure))
    _tell(reply, door, json=json)
    raise typer.Exit(reply.code)


def _asked_until(api: "Api", parameters: "Parameters", wait: timedelta) -> Reply:
    """Ask until yes or the wait is over; the last answer counts."""
    end = time.monotonic() + wait.total_seconds()
    pause, told = FIRST_PAUSE.total_seconds(), ""
    while True:
        reply = _asked(api, parameters)
        left = end - time.monotonic()
        if reply.code is ExitCode.DONE or reply.is_lasting or left <= 0:
            return reply
        if reply.reasons != told:  # one line a change, for the log of a pipeline
            told = reply.reasons
            complain(f"Not yet: {clean(told)}")
        time.sleep(min(pause, left))  # the API has no event to wait for
        pause = min(pause * GROWTH, LONGEST_PAUSE.total_seconds())


def _asked(api: "Api", parameters: "Parameters") -> Reply:
    try:
        answer = api.get("/v1/gate", parameters)
    except Declined as declined:
        return Reply(ExitCode.UNKNOWN, {}, str(declined), is_lasting=declined.is_lasting)
    except Failed as failure:
        return Reply(ExitCode.UNKNOWN, {}, str(failure))
    if answer.get("allowed") is True:
        return Reply(ExitCode.DONE, answer)
    is_no = answer.get("allowed") is False and answer.get("certain", True) is True
    return Reply(ExitCode.FAILED if is_no else ExitCode.UNKNOWN, answer)


def _tell(reply: Reply, door: str, *, json: bool) -> None:
    if json:
        unknown = {"allowed": False, "reasons": [reply.failure]}
        print_json(reply.answer or unknown)
        return
    said = {ExitCode.DONE: "yes", ExitCode.FAILED: "no"}.get(reply.code, "can't tell")
    of = (
        f" for {reply.answer['model']} {reply.answer.get('version')}"
        if reply.answer.get("model")
        else ""
    )
    say(f"{clean(door)}: {said}{clean(of)}")
    for reason in [reply.failure] if reply.failure else reply.answer.get("reasons", []):
        (say if reply.code is not ExitCode.UNKNOWN else complain)(f"  {reason}")
    approvals = reply.answer.get("approvals") or []
    if approvals:
        at = moments.now()
        table(
            ("stage", "role", "signed by", "when", "statement"),
            (
                (
                    one["stage"],
                    one["role"],
                    one.get("name") or one["person"],
                    moments.ago(moments.read(one["at"]), at),
                    one["statement"],
                )
                for one in approvals
            ),
        )
