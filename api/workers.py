"""The worker's parts: workflows and activities of one process."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError
from temporalio.worker import Worker, WorkerDeploymentConfig

from activities.digests import DigestActivities
from activities.errands import ErrandActivities
from activities.ledger import LedgerActivities
from activities.mail import MailActivities
from activities.reading import ReadingActivities
from activities.reminders import ReminderDesk
from activities.slack import AccountActivities, SlackActivities
from api.deployments import make_current
from api.digest_schedules import forget_digests, schedule_digests, unschedule_digests
from api.slack_installed import Installed, PerWorkspace
from api.token_watch import Identifying
from api.upkeep import keep_tidy
from integrations.mail.mailing import Mailing
from integrations.mail.server import MailServer
from integrations.mornings import Mornings
from integrations.settings import Settings
from integrations.slack.client import SlackClient, open_client
from integrations.slack.delivery import Delivery
from integrations.slack.digesting import Digesting
from integrations.slack.members import Team
from integrations.slack.pace import Pace
from integrations.slack.postponing import Postponing
from integrations.slack.reminding import Reminding
from integrations.slack.standing import Standing
from integrations.slack.token import Token
from integrations.workflow_names import slack_queue, workspace_of
from lifecycle.definition import Reopenings
from lifecycle.durations import Duration, Unit
from workflows.digest_round import DigestRound
from workflows.messages import TASK_QUEUE
from workflows.model_lane import ModelLane
from workflows.model_lifecycle import ModelLifecycle
from workflows.person_reminders import PersonReminders
from workflows.runner import workflow_runner

SLACK_CALLS_A_SECOND = 20.0
"""Activities a second for one workspace, kept by the server over all workers."""
IDENTIFY_AGAIN = timedelta(seconds=15)
STOP_WITHIN = timedelta(seconds=5)

WORKFLOWS = [ModelLifecycle, ModelLane, PersonReminders, DigestRound]

_log = logging.getLogger(__name__)


def _deployment(settings: Settings) -> WorkerDeploymentConfig | None:
    """Pin running versions to the build they began with, where an operator names builds."""
    if settings.deployment is None or settings.build_id is None:
        return None
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(
            deployment_name=settings.deployment, build_id=settings.build_id
        ),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.PINNED,
    )


def pace(settings: Settings) -> Reopenings:
    """Give how often stages may reopen where a lifecycle says nothing, from the settings."""
    seconds = int(settings.quiet.total_seconds())
    quiet = Duration(amount=seconds, unit=Unit.SECONDS) if seconds else None
    return Reopenings(at_most=settings.reopenings, quiet=quiet)


def core_activities(
    engine: AsyncEngine,
    client: Client,
    reading: ReadingActivities,
    mailing: Mailing | None = None,
) -> list[Callable[..., Any]]:
    """Give every activity that workflows ask for, beside those of Slack."""
    ledger, errands = LedgerActivities(engine), ErrandActivities(engine, client)
    return [
        ledger.record_facts,
        ledger.read_story,
        reading.read_preparation,
        reading.check_definition,
        reading.read_account,
        errands.run_errand,
        errands.tell_turn,
        errands.check_turn,
        MailActivities(mailing).mail_requests,
    ]


def mailing_of(settings: Settings, engine: AsyncEngine) -> Mailing | None:
    """Give the way by e-mail, where a mail server is set up; raises BadAddress."""
    if settings.smtp_host is None or settings.smtp_sender is None:
        return None
    server = MailServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_security,
        settings.smtp_user,
        settings.smtp_password,
    )
    return Mailing(server, engine, sender=settings.smtp_sender, url=settings.public_url)


@asynccontextmanager
async def running_worker(
    settings: Settings, client: Client, engine: AsyncEngine
) -> AsyncIterator[None]:
    """Work until the block ends. Slack joins when it answers; until then cards wait."""
    mailing = mailing_of(settings, engine)
    reading = ReadingActivities(engine, pace=pace(settings), mails=mailing is not None)
    worker = Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=WORKFLOWS,
        activities=core_activities(engine, client, reading, mailing),
        workflow_runner=workflow_runner(),
        deployment_config=_deployment(settings),
        graceful_shutdown_timeout=STOP_WITHIN,
    )
    async with AsyncExitStack() as stack:
        if settings.slack_bot_token is not None:
            reading.is_home_unknown = True
            token = settings.slack_bot_token.get_secret_value()
            slack = await stack.enter_async_context(open_client(token, settings.slack_api_url))
            joining = asyncio.create_task(work_for_slack(slack, client, engine, reading, settings))
            stack.push_async_callback(_cancelled, joining)
        if settings.slack_is_installable:
            every = _for_each_workspace(client, engine, reading, settings)
            stack.push_async_callback(every.close)
            stack.push_async_callback(_cancelled, asyncio.create_task(every.run()))
            leaving = asyncio.create_task(forget_digests(client, engine))
            stack.push_async_callback(_cancelled, leaving)
        if not settings.slack_is_configured:
            _log.warning("Slack is not set up; set UNDERSIGNED_SLACK_BOT_TOKEN to send cards")
        stack.push_async_callback(_cancelled, asyncio.create_task(keep_tidy(engine)))
        await stack.enter_async_context(worker)
        if settings.deployment is not None and settings.build_id is not None:
            await make_current(client, settings.deployment, settings.build_id)
        yield


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def work_for_slack(
    slack: SlackClient,
    client: Client,
    engine: AsyncEngine,
    reading: ReadingActivities,
    settings: Settings,
) -> None:
    """Find out which workspace the token is for, as soon as Slack answers, and work for it."""
    identifying = Identifying(slack, engine)
    standing_in = asyncio.create_task(
        _stand_in(identifying.lost, slack, client, engine, reading, settings)
    )
    try:
        team = await identifying.team()
    finally:
        await _cancelled(standing_in)
    reading.slack_queue, reading.is_home_unknown = slack_queue(team.id), False
    await _work_for(team, slack, client, engine, reading, settings)


async def _stand_in(
    lost: asyncio.Future[str],
    slack: SlackClient,
    client: Client,
    engine: AsyncEngine,
    reading: ReadingActivities,
    settings: Settings,
) -> None:
    """Tell versions that Slack refuses the token, until cancelled; nothing is sent meanwhile."""
    team = Team(id=await lost, enterprise=None, bot_user="", scopes=frozenset())
    reading.slack_queue, reading.is_home_unknown = slack_queue(team.id), False
    await slack_worker(slack, client, engine, team, settings.gathering, may_probe=False).run()


async def _work_for(
    team: Team,
    slack: SlackClient,
    client: Client,
    engine: AsyncEngine,
    reading: ReadingActivities,
    settings: Settings,
) -> None:
    """Work for one workspace until cancelled."""
    mornings = Mornings(settings.digest_zone, settings.digest_hour) if settings.digests else None
    worker = slack_worker(
        slack,
        client,
        engine,
        team,
        settings.gathering,
        mornings=mornings,
        trusts_email=settings.slack_trust_email,
        own=lambda: workspace_of(reading.slack_queue),
    )
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run())
        group.create_task(Token(slack, engine, team.id).watch())
        group.create_task(_keep_schedules(client, worker.task_queue, settings))


def _for_each_workspace(
    client: Client, engine: AsyncEngine, reading: ReadingActivities, settings: Settings
) -> PerWorkspace[None]:
    """Work for every workspace that the app is installed in, on a queue of its own."""

    @asynccontextmanager
    async def start(installed: Installed) -> AsyncIterator[None]:
        token, team = installed.token, installed.team
        # In a group, so that a worker that fails ends its workspace's part, which begins again.
        async with (
            open_client(token, settings.slack_api_url, team=team) as slack,
            asyncio.TaskGroup() as group,
        ):
            work = group.create_task(_work_for(team, slack, client, engine, reading, settings))
            try:
                yield
            finally:
                work.cancel()

    return PerWorkspace(engine, settings, start)


async def _keep_schedules(client: Client, queue: str, settings: Settings) -> None:
    """See, as soon as Temporal answers, that digests are scheduled, or that they aren't."""
    while True:
        try:
            if settings.digests:
                await schedule_digests(client, queue, settings.digest_jitter)
            else:
                await unschedule_digests(client, queue)
        except RPCError as error:
            _log.warning("digests could not be scheduled yet: %s", error.message)
            await asyncio.sleep(IDENTIFY_AGAIN.total_seconds())
        else:
            return


class Workplace(NamedTuple):
    """Where messages of one workspace are sent from."""

    slack: SlackClient
    engine: AsyncEngine
    team: Team
    pace: Pace
    trusts_email: bool
    may_probe: bool = True
    """Whether the worker tries a token that is lost."""


def slack_activities(
    at: Workplace, desk: ReminderDesk | None, mornings: Mornings | None
) -> SlackActivities:
    """Give what is done in one workspace; without mornings no reminder waits for a digest."""
    slack, engine, team, pace, trusts_email, may_probe = at
    postponing = Postponing(engine, mornings)
    return SlackActivities(
        Delivery(slack, engine, team, pace=pace, desk=desk, trusts_email=trusts_email),
        Reminding(slack, engine, team, pace=pace, trusts_email=trusts_email, postponing=postponing),
        Digesting(slack, engine, team, pace=pace, trusts_email=trusts_email),
        Token(slack, engine, team.id, may_probe=may_probe),
    )


def slack_worker(
    slack: SlackClient,
    client: Client,
    engine: AsyncEngine,
    team: Team,
    gathering: timedelta,
    pace: Pace | None = None,
    mornings: Mornings | None = None,
    *,
    trusts_email: bool = False,
    own: Callable[[], str | None] = lambda: None,
    may_probe: bool = True,
) -> Worker:
    """Give the worker of one workspace; its parts keep one pace."""
    queue = slack_queue(team.id)
    desk = ReminderDesk(client, queue, gathering)
    activities = slack_activities(
        Workplace(
            slack,
            engine,
            team,
            pace or Pace(),
            trusts_email=trusts_email,
            may_probe=may_probe,
        ),
        desk if gathering else None,
        mornings,
    )
    accounts = AccountActivities(Standing(slack, engine, team, trusts_email=trusts_email))
    digests = DigestActivities(engine, desk, mornings or Mornings(), team.id, own)
    return Worker(
        client,
        task_queue=queue,
        activities=[
            activities.show_view,
            activities.send_reminders,
            activities.send_digest,
            digests.hand_over,
            activities.answer_click,
            activities.recognise_account,
            accounts.check_account,
        ],
        max_task_queue_activities_per_second=SLACK_CALLS_A_SECOND,
        graceful_shutdown_timeout=STOP_WITHIN,
    )
