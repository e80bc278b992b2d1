"""Slack workspaces: installed by an administrator's link, listed, looked at, taken out."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import JSONResponse

from api import examples, examples_slack
from api.bodies import answers
from api.deps import Admin, Composed, KeyReader
from api.facts import facts_of
from api.paging import Paging
from api.problems import NotFound, SlackAway, SlackNotSetUp, described
from api.schemas import FactShown, Listed
from api.schemas_slack import (
    CheckMade,
    FindingShown,
    LinkMade,
    WorkspaceGone,
    WorkspaceListed,
    WorkspacesListed,
)
from api.slack_installing import installer_of
from api.slack_looking import check_workspace, workspaces
from api.slack_uninstalling import uninstall_from
from lifecycle.registry import subject_of

router = APIRouter(prefix="/v1/slack", tags=["Slack"], responses=described())
Workspace = Annotated[str, Path(pattern=r"^[TE][A-Z0-9]{1,30}$")]


@router.post(
    "/links",
    status_code=201,
    summary="Makes a link by which somebody installs the Slack app in their workspace, once",
    response_model=LinkMade,
    responses={201: answers(examples_slack.LINK), **described(SlackNotSetUp)},
)
async def link(principal: Admin, composition: Composed) -> LinkMade:
    """Make a link that is good for 15 minutes; a repeat makes another."""
    made = await installer_of(composition).invite(principal.id)
    return LinkMade(url=made.url, expires_at=made.expires_at)


@router.get(
    "/workspaces",
    summary="Lists the workspaces that the Slack app is or was installed in",
    response_model=WorkspacesListed,
    responses={200: answers(examples.page_of(examples_slack.WORKSPACE))},
)
async def index(_: KeyReader, composition: Composed) -> WorkspacesListed:
    """List workspaces, never their tokens."""
    found = [WorkspaceListed(**one) for one in await workspaces(composition)]
    return WorkspacesListed(items=found, as_of=composition.clock())


@router.get(
    "/workspaces/{workspace}/check",
    summary="Looks at the app in one workspace: its token, its scopes, whether it finds people",
    response_model=CheckMade,
    responses={200: answers(examples_slack.CHECK), **described(NotFound)},
)
async def check(workspace: Workspace, _: Admin, composition: Composed) -> CheckMade:
    """Ask Slack about an installation."""
    found = await check_workspace(composition, workspace)
    items = [FindingShown(**asdict(one)) for one in found]
    return CheckMade(workspace=workspace, items=items)


@router.get(
    "/workspaces/{workspace}/facts",
    summary="Gives a workspace's audit trail: who installed the app, who took it out",
    response_model=Listed[FactShown],
    responses={200: answers(examples.FACTS), **described(NotFound)},
)
async def facts(
    workspace: Workspace,
    principal: KeyReader,
    composition: Composed,
    paging: Annotated[Paging, Query()],
) -> JSONResponse:
    """Give the facts about a workspace, in order."""
    return await facts_of(composition, principal, subject_of("workspace", workspace), paging)


@router.delete(
    "/workspaces/{workspace}",
    summary="Takes the Slack app out of a workspace and forgets its token",
    response_model=WorkspaceGone,
    responses={200: answers(examples_slack.GONE), **described(NotFound, SlackAway)},
)
async def uninstall(workspace: Workspace, principal: Admin, composition: Composed) -> WorkspaceGone:
    """Take the app out; processes stop working for the workspace within seconds."""
    done = await uninstall_from(composition, workspace, by=principal.id)
    return WorkspaceGone(workspace=done.workspace, in_slack=done.in_slack)
