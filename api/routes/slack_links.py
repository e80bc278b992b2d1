"""Whose Slack accounts are: listed, confirmed, taken back."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import JSONResponse

from api import examples_accounts
from api.auth import Principal
from api.bodies import answers, json_body, reads
from api.deps import Admin, Allowed, Composed, IdempotencyKey, KeyReader
from api.examples import page_of
from api.idempotency import Request, Written, write_once
from api.paging import bad_cursor, listed
from api.problems import Conflict, Forbidden, NotFound, Unsent, described
from api.rosters import tell_of_person
from api.schemas import Listed
from api.schemas_accounts import AccountSent, CodeMade, LinkListed, LinksAsked, LinkWritten
from integrations.database.registry import IdentityTaken
from integrations.database.slack_codes import make_code
from integrations.database.slack_links import Act, confirm_link, list_links, remove_link
from lifecycle.fact_values import Via
from lifecycle.slack_codes import LASTS
from lifecycle.slack_links import SlackUser

router = APIRouter(prefix="/v1", tags=["people"], responses=described())
Person = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]
Team = Annotated[str, Path(pattern=r"^T[A-Z0-9]{1,30}$", description="The workspace, `T…`.")]
User = Annotated[str, Path(pattern=r"^[UW][A-Z0-9]{1,30}$", description="The account, `U…`.")]
Owner = Annotated[Principal, Depends(Allowed("owner"))]
ONE = "/people/{person}/slack/{team}/{user}"


@router.get(
    "/slack/accounts",
    summary="Lists Slack accounts, proposed and confirmed, by person",
    response_model=Listed[LinkListed],
    responses={200: answers(page_of(examples_accounts.SLACK_LINK))},
)
async def index(
    _: KeyReader, composition: Composed, query: Annotated[LinksAsked, Query()]
) -> JSONResponse:
    """List whose accounts are, with the names that both sides give, to be compared."""
    async with composition.database.transaction() as connection:
        try:
            page = await list_links(connection, **query.model_dump())
        except ValueError as error:
            raise bad_cursor(error) from error
    return listed(composition, page)


@router.post(
    "/people/@me/slack-codes",
    status_code=201,
    summary="Makes a code by which whose key it is confirms their own Slack account",
    response_model=CodeMade,
    responses={201: answers(examples_accounts.SLACK_CODE)},
)
async def code(principal: Owner, composition: Composed) -> CodeMade:
    """Make a code that is good once, for 15 minutes; it replaces the person's last one."""
    if principal.person is None:
        raise Forbidden("This key belongs to nobody; a person makes the code with their own.")
    now = composition.clock()
    async with composition.database.transaction() as connection:
        made = await make_code(connection, principal.person, principal.key.id, now)
    return CodeMade(code=made, person=principal.person, expires_at=now + LASTS)


@router.put(
    ONE,
    summary="Confirms that a Slack account is a person's",
    response_model=LinkWritten,
    responses={200: answers(examples_accounts.SLACK_CONFIRMED), **described(Conflict, Unsent)},
    openapi_extra=reads(AccountSent, examples_accounts.ACCOUNT),
)
async def confirm(
    person: Person,
    team: Team,
    user: User,
    principal: Admin,
    composition: Composed,
    sent: Annotated[AccountSent, Depends(json_body(AccountSent))],
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """Let an account speak for a person, and tell the open versions that they matter to.

    Refused while the account, or the person in this workspace, has another confirmed link.
    """
    account = SlackUser(enterprise=sent.enterprise, team=team, user=user)

    async def write(connection: AsyncConnection) -> Written:
        try:
            changed = await confirm_link(
                connection,
                account,
                person,
                how="admin",
                act=_act(principal),
                at=composition.clock(),
            )
        except IdentityTaken as error:
            raise Conflict(str(error)) from error
        return Written(body={"person": person, "team": team, "user": user, "changed": changed})

    path = f"PUT people/{person}/slack/{team}/{user}"
    body = sent.model_dump(mode="json")
    request = Request(principal=principal, key=idempotency_key, path=path, body=body)
    response = await write_once(composition, request, write)
    await tell_of_person(composition, person)
    return response


@router.delete(
    ONE,
    status_code=204,
    summary="Takes a Slack account from a person",
    responses=described(NotFound, Unsent),
)
async def remove(
    person: Person, team: Team, user: User, principal: Admin, composition: Composed
) -> None:
    """Let an account, proposed or confirmed, speak for the person no more."""
    async with composition.database.transaction() as connection:
        is_removed = await remove_link(
            connection,
            SlackUser(team=team, user=user),
            person,
            act=_act(principal),
            at=composition.clock(),
        )
    await tell_of_person(composition, person)
    if not is_removed:
        raise NotFound(f"The Slack account {team}/{user} is not linked to {person}.")


def _act(principal: Principal) -> Act:
    via = Via(surface="api", key=principal.key.id)
    return Act(by=principal.id, by_person=principal.person, via=via)
