"""What the rules and the workflows refuse, as problem documents."""

from fastapi import FastAPI, Request
from starlette.responses import Response

from api.lifecycles import (
    Backlogged,
    CannotTell,
    NothingSent,
    OutcomeUnknown,
    UnknownVersion,
    VersionClosed,
)
from api.problems import Busy, NotFound, OtherRevision, Problem, Refusal, Unknown, Unsent
from lifecycle.commands import Refused

_STATUS = {
    "not-an-owner": 403,
    "barred-account": 403,
    "unchecked-account": 403,
    "unconfirmed-account": 403,
    "producer-may-not-sign": 403,
    "requester-may-not-sign": 403,
    "self-assigned": 403,
    "commit-author-may-not-sign": 403,
    "producer-may-not-confirm": 403,
    "signed-earlier-stage": 403,
    "delegation-ended": 403,
    "signed-later-stage": 403,
    "own-deed": 403,
    "may-not-answer": 403,
    "may-not-attach": 403,
    "may-not-clear": 403,
    "may-not-migrate": 403,
    "may-not-release": 403,
    "may-not-withdraw": 403,
    "handed-to-oneself": 403,
    "not-the-giver": 403,
    "not-the-receiver": 403,
    "unknown-condition": 404,
    "unknown-finding": 404,
    "unknown-override": 404,
    "unknown-question": 404,
    "unknown-signoff": 404,
    "unknown-version": 404,
    "account-taken": 409,
    "already-offered": 409,
    "already-registered": 409,
    "has-account": 409,
    "ledger-conflict": 409,
}
RETRY_LATER = {"retry-after": "2"}


def refusal(refused: Refused) -> Problem:
    """Turn a refusal of the rules into a problem with its sentence."""
    if refused.code == OtherRevision.kind:
        return OtherRevision(refused.reason)
    return Refusal(_STATUS.get(refused.code, 422), refused.code, refused.reason)


def problem_of(error: Exception) -> Problem:
    """Say what an answer, or the lack of one, of a workflow means to a caller."""
    match error:
        case Refused():
            return refusal(error)
        case VersionClosed():
            return Refusal(422, "closed", f"Nothing more can happen: {error}.")
        case UnknownVersion():
            return NotFound("No such version is registered; register it first.")
        case Backlogged():
            return Busy(
                f"{error}; nothing was taken. Repeat the request with the same Idempotency-Key or"
                " event id when `Retry-After` has passed.",
                headers=RETRY_LATER,
            )
        case NothingSent():
            return Unsent(
                f"{str(error)[:200]}. Nothing was taken that the answer would have named; repeat"
                " the request soon, with the same Idempotency-Key or event id.",
                headers=RETRY_LATER,
            )
        case OutcomeUnknown() | CannotTell():
            return Unknown(
                "Nobody answered in time; it may still be applied. Repeat the request with the"
                " same Idempotency-Key or event id: it then counts once.",
                headers=RETRY_LATER,
            )
        case _:
            raise TypeError(f"{type(error).__name__} is no answer of a workflow")


def handle_refusals(app: FastAPI) -> None:
    """Answer what workflows refuse, wherever a route lets it through."""
    for kind in (Refused, VersionClosed, UnknownVersion, NothingSent, OutcomeUnknown, CannotTell):
        app.add_exception_handler(kind, _on_refusal)


async def _on_refusal(_: Request, error: Exception) -> Response:
    return problem_of(error).response()
