from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from api.cli import moments
from api.cli.asking import NOT_RECORDED
from api.cli.connection import connect
from api.cli.failures import ExitCode, Failed, OutcomeUnknown
from api.cli.parameters import Instant, Json, Key, Url, instant
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
    reason: Annotated[
        list[str] | None,
        typer.Option("--reason", metavar="NAME", help="As the lifecycle lists; repeatable."),
    ] = None,
    condition: Annotated[
        list[str] | None,
        typer.Option("--condition", metavar="TEXT", help="Approve on this condition; repeatable."),
    ] = None,
    due: Annotated[
        list[Instant] | None,
        typer.Option(
            "--due", parser=instant, metavar="WHEN", help="By when; one for all, or one for each."
        ),
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
    more = _more(reason or [], condition or [], due or [])
    from api.cli.version_text import signoff_text

    with connect(url, key) as api:
        if revision is None:
            view = _read(api, id_)
            if not json:
                say(signoff_text(view, moments.now()))
            revision = view.revision
            comment = comment if yes else _asked(view, decision, comment)
        body = {"decision": decision.replace("-", "_"), "revision": revision, **more}
        body |= {"comment": comment} if comment else {}
        body |= {"send_back_to": send_back_to} if send_back_to else {}
        answer = _post(api, id_, body, idempotency_key)
    if json:
        print_json(answer)
    else:
        say("Approved." if decision == "approve" else "Changes requested.")
        if answer.get("recorded") is False:
            say(NOT_RECORDED)


def _more(reasons: list[str], conditions: list[str], dues: list[Instant]) -> dict[str, Any]:
    """Give the reasons and conditions of an answer; raises Failed when a date is missing."""
    if len(dues) != len(conditions) and not (conditions and len(dues) == 1):
        raise Failed("Give each --condition a --due, or one --due for all.", ExitCode.USAGE)
    by = dues * len(conditions) if len(dues) == 1 else dues
    more: dict[str, Any] = {"reasons": reasons} if reasons else {}
    if conditions:
        given = zip(conditions, by, strict=True)
        more["conditions"] = [{"text": text, "due": due} for text, due in given]
    return more


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


def _post(api: "Api", id_: str, body: dict[str, Any], key: str | None) -> "Answer":
    from api.cli.client import new_key, path

    key = key or new_key()
    try:
        return api.write("POST", path("signoffs", id_, "decisions"), body, idempotency_key=key)
    except OutcomeUnknown as unknown:
        raise OutcomeUnknown(
            f"{unknown}\nYour answer may count or not. Repeat it, and it counts once: "
            f"add --revision {body['revision']} --idempotency-key {key}"
        ) from unknown
