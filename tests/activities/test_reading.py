import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.contracts import PreparationRequest
from activities.reading import ReadingActivities
from integrations.database.registry import put_lifecycle
from integrations.database.slack_installations import save_installation
from lifecycle.definition import Lifecycle
from lifecycle.registry import SlackInstalled
from tests.integrations.database.organisation import describe
from tests.integrations.database.stories import LIFECYCLE, START


async def test_what_a_version_needs_is_read_at_once(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        roster = await describe(connection)
    reading = ReadingActivities(engine, "slack-T1")
    request = PreparationRequest(model="fraud-scorer", version="1", now=START)
    found = await ActivityEnvironment().run(reading.read_preparation, request)
    assert found.definition == LIFECYCLE
    assert found.roster is not None
    assert found.roster.owners == roster.owners
    assert found.slack_queue == "slack-T1"


async def test_a_pinned_definition_stays_when_a_newer_one_is_current(engine: AsyncEngine) -> None:
    newer = LIFECYCLE.model_copy(update={"supersede": not LIFECYCLE.supersede})
    async with engine.begin() as connection:
        await describe(connection)
        await put_lifecycle(connection, newer, by="key:admin", at=START)
    request = PreparationRequest(
        model="fraud-scorer", version="1", now=START, lifecycle=Lifecycle.model_validate(LIFECYCLE)
    )
    reading = ReadingActivities(engine)
    found = await ActivityEnvironment().run(reading.read_preparation, request)
    assert found.definition == LIFECYCLE


async def test_an_unknown_model_is_looked_for_again(engine: AsyncEngine) -> None:
    request = PreparationRequest(model="nobody-knows", version="1", now=START)
    with pytest.raises(ApplicationError, match="nobody-knows is not known") as caught:
        await ActivityEnvironment().run(ReadingActivities(engine).read_preparation, request)
    assert not caught.value.non_retryable


async def test_cards_wait_until_slack_says_which_workspace_the_settings_name(
    engine: AsyncEngine,
) -> None:
    async with engine.begin() as connection:
        await describe(connection)
        fact = SlackInstalled(at=START, by="key:a1", workspace="T2")
        await save_installation(connection, fact, url="", sealed_token="x")
    reading = ReadingActivities(engine)
    request = PreparationRequest(model="fraud-scorer", version="1", now=START)
    moved = request.model_copy(update={"slack_queue": "slack-T1"})
    run = ActivityEnvironment().run
    assert (await run(reading.read_preparation, request)).slack_queue == "slack-T2"

    reading.is_home_unknown = True
    assert (await run(reading.read_preparation, request)).slack_queue is None
    assert (await run(reading.read_preparation, moved)).slack_queue == "slack-T1"

    reading.is_home_unknown, reading.slack_queue = False, "slack-T1"
    assert (await run(reading.read_preparation, request)).slack_queue == "slack-T1"
