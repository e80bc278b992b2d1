"""What people and pipelines ask for about a version."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import JSONResponse

from api import examples, schemas_verbs
from api.auth import Principal
from api.bodies import answers, json_body, reads
from api.deps import PARTICIPANT, RESPONSIBLE, Allowed, Composed, IdempotencyKey, Manager
from api.idempotency import Request
from api.migrations import migrate
from api.paging import raw
from api.problems import NotFound, Refusal, Unknown, Unsent, described
from api.routes.models import Model
from api.routes.versions import VERSION, Version
from api.schemas_verbs import MigrationForeseen, MigrationSent, Verb
from api.schemas_versions import VersionTold
from api.verbs import ask_about_version

router = APIRouter(tags=["versions"], responses=described())


@dataclass(frozen=True)
class _Route:
    name: str
    summary: str
    body: type[Verb]
    example: dict[str, Any]
    allowed: Allowed = RESPONSIBLE


_ROUTES = (
    _Route(
        "withdrawals",
        "Takes a request for review back; a new request resumes",
        schemas_verbs.RequestWithdrawalSent,
        examples.REQUEST_WITHDRAWAL,
        PARTICIPANT,
    ),
    _Route(
        "overrides",
        "Opens a gate without its stages for some hours (break-glass), or ends that",
        schemas_verbs.OverrideSent,
        examples.OVERRIDE,
    ),
    _Route(
        "releases",
        "Lets a held stage go on",
        schemas_verbs.ReleaseSent,
        examples.RELEASE,
    ),
    _Route(
        "findings",
        "Reports something wrong",
        schemas_verbs.FindingSent,
        examples.FINDING,
        PARTICIPANT,
    ),
    _Route(
        "resolutions",
        "Says how a finding was dealt with",
        schemas_verbs.ResolutionSent,
        examples.RESOLUTION,
    ),
    _Route(
        "acceptances",
        "Asks for the risk of a finding to be accepted; that is a sign-off of its own",
        schemas_verbs.AcceptanceSent,
        examples.ACCEPTANCE,
    ),
    _Route(
        "conditions",
        "Says that what an approval was conditional on is done",
        schemas_verbs.ConditionMetSent,
        examples.CONDITION_MET,
    ),
    _Route(
        "answers",
        "Answers an owner's question; the clock goes on",
        schemas_verbs.AnswerSent,
        examples.ANSWER,
        PARTICIPANT,
    ),
)


def _add(route: _Route) -> None:
    @router.post(
        f"{VERSION}/{route.name}",
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
        model: Model,
        version: Version,
        principal: Annotated[Principal, Depends(route.allowed)],
        composition: Composed,
        sent: Annotated[Verb, Depends(json_body(route.body))],
        idempotency_key: IdempotencyKey = None,
    ) -> JSONResponse:
        """Ask as the key and its person; whether they may, the rules say."""
        request = Request(
            principal=principal,
            key=idempotency_key,
            path=f"POST models/{model}/versions/{version}/{route.name}",
            body=sent.model_dump(mode="json"),
        )
        return raw(await ask_about_version(composition, request, model, version, sent))


for _one in _ROUTES:
    _add(_one)


@router.post(
    f"{VERSION}/migrations",
    summary="Moves a version to another definition, or says what that would change",
    response_model=VersionTold | MigrationForeseen,
    responses={
        200: answers(examples.MIGRATION_FORESEEN),
        **described(NotFound, Refusal, Unsent, Unknown),
    },
    openapi_extra=reads(MigrationSent, examples.MIGRATION),
)
async def migrations(
    model: Model,
    version: Version,
    principal: Manager,
    composition: Composed,
    sent: Annotated[MigrationSent, Depends(json_body(MigrationSent))],
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """Move a running version; with `dry_run`, only say what would be asked again."""
    request = Request(
        principal=principal,
        key=idempotency_key,
        path=f"POST models/{model}/versions/{version}/migrations",
        body=sent.model_dump(mode="json"),
    )
    return raw(await migrate(composition, request, model, version, sent))
