from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli import moments
from api.cli.connection import connect
from api.cli.failures import ExitCode, Failed, OutcomeUnknown
from api.cli.parameters import Json, Key, Url
from api.cli.screen import is_terminal, print_json, say

if TYPE_CHECKING:
    from api.cli.client import Answer, Api
    from lifecycle.view import SignoffView

Answered = Literal["approve", "request-changes"]


def sign(
    id_: Annotated[str, typer.Argument(metavar="ID", help="As `undersigned pending` shows.")],
    decision: Annotated[Answered, typer.Argument(help="Your answer.", show_default=False)],
    comment: Annotated[str, typer.Option("--comment", help="Why; changes need it.")] = "",
    send_back_to: Annotated[
        str | None, typer.Option("--send-back-to", help="The stage that changes go back to.")
    ] = None,
    revision: Annotated[
        str | None,
        typer.Option("--revision", help="The revision that you read; refused if it is another."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Sign the revision shown, without asking.")
    ] = False,
    idempotency_key: Annotated[
        str | None,
        typer.Option("--idempotency-key", help="To repeat an answer of unknown outcome."),
    ] = None,
    json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Answer a sign-off, in your name.

    Without --revision the request is shown first, and you confirm what you read; a script says
    --revision or --yes.
    """
    if revision is None and not yes and (json or not is_terminal()):
        raise Failed(
            "Say which revision you sign (--revision), or --yes for the one that stands now.",
            ExitCode.USAGE,
        )
    from api.cli.version_text import signoff_text

    with connect(url, key) as api:
        if revision is None:
            view = _read(api, id_)
            if not json:
                say(signoff_text(view, moments.now()))
            revision = view.revision
            comment = comment if yes else _asked(view, decision, comment)
        body = {"decision": decision.replace("-", "_"), "revision": revision}
        body |= {"comment": comment} if comment else {}
        body |= {"send_back_to": send_back_to} if send_back_to else {}
        answer = _post(api, id_, body, idempotency_key)
    if json:
        print_json(answer)
    else:
        say("Approved." if decision == "approve" else "Changes requested.")
        if answer.get("recorded") is False:
            say("The record follows when the database is back; your answer stands.")


def _read(api: "Api", id_: str) -> "SignoffView":
    from api.cli.client import path
    from api.cli.shapes import read
    from lifecycle.view import SignoffView

    return read(SignoffView, api.get(path("signoffs", id_)))


def _asked(view: "SignoffView", decision: Answered, comment: str) -> str:
    """Ask the person at the terminal; raises Abort when they don't want to."""
    if not comment and (view.confirm or decision == "request-changes"):
        comment = typer.prompt("Comment")
    question = "Approve" if decision == "approve" else "Request changes of"
    typer.confirm(f"{question} this revision?", abort=True)
    return comment


def _post(api: "Api", id_: str, body: dict[str, str], key: str | None) -> "Answer":
    from api.cli.client import new_key, path

    key = key or new_key()
    try:
        return api.write("POST", path("signoffs", id_, "decisions"), body, idempotency_key=key)
    except OutcomeUnknown as unknown:
        raise OutcomeUnknown(
            f"{unknown}\nYour answer may count or not. Repeat it, and it counts once: "
            f"add --revision {body['revision']} --idempotency-key {key}"
        ) from unknown
