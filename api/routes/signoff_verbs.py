"""What owners ask for about a sign-off, beside deciding."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import JSONResponse

from api import examples, schemas_verbs
from api.bodies import answers, json_body, reads
from api.decisions import signoff_key
from api.deps import Composed, Decider, IdempotencyKey
from api.idempotency import Request
from api.paging import raw
from api.problems import NotFound, Refusal, Unknown, Unsent, described
from api.schemas_verbs import Verb
from api.schemas_versions import VersionTold
from api.verbs import ask_about_signoff

router = APIRouter(prefix="/v1/signoffs", tags=["sign-offs"], responses=described())


@dataclass(frozen=True)
class _Route:
    name: str
    summary: str
    body: type[Verb]
    example: dict[str, Any]


_ROUTES = (
    _Route(
        "withdrawals",
        "Takes one's own answer back; an approved stage reopens after it",
        schemas_verbs.AnswerWithdrawalSent,
        examples.ANSWER_WITHDRAWAL,
    ),
    _Route(
        "delegations",
        "Lets somebody answer in one's place; without `to`, takes that back",
        schemas_verbs.DelegationSent,
        examples.DELEGATION,
    ),
    _Route(
        "acknowledgements",
        "Says that one is on it: no more reminders; the deadline stays",
        schemas_verbs.AcknowledgementSent,
        {},
    ),
    _Route(
        "snoozes",
        "Asks to be reminded later; the deadline stays",
        schemas_verbs.SnoozeSent,
        examples.SNOOZE,
    ),
    _Route(
        "questions",
        "Asks the producers; the clock stands until they answer",
        schemas_verbs.QuestionSent,
        examples.QUESTION,
    ),
)


def _add(route: _Route) -> None:
    @router.post(
        "/{signoff_id:path}/" + route.name,
        name=route.name,
        summary=route.summary,
        response_model=VersionTold,
        responses={
            200: answers(examples.TOLD),
            **described(NotFound, Refusal, Unsent, Unknown),
        },
        openapi_extra=reads(route.body, route.example),
    )
    async def ask(
        signoff_id: str,
        principal: Decider,
        composition: Composed,
        sent: Annotated[Verb, Depends(json_body(route.body))],
        idempotency_key: IdempotencyKey = None,
    ) -> JSONResponse:
        """Ask in the name of the key's person; whether they may, the rules say."""
        key = signoff_key(signoff_id)
        request = Request(
            principal=principal,
            key=idempotency_key,
            path=f"POST signoffs/{key}/{route.name}",
            body=sent.model_dump(mode="json"),
        )
        return raw(await ask_about_signoff(composition, request, key, sent))


for _one in _ROUTES:
    _add(_one)
