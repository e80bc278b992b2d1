"""Whose an account is that somebody picks, against a real database and the workspace."""

from typing import Any

import pytest

from integrations.database import slack_store
from integrations.slack.failures import SlackRefused
from integrations.slack.lookups import colleague_finder
from tests.integrations.slack.examples import signoff
from tests.integrations.slack.scene import Scene


async def test_a_colleague_is_found_by_the_address_of_their_account(scene: Scene) -> None:
    find = colleague_finder(scene.engine, scene.client)
    assert await find(scene.people["cho"].id) == "cho"
    async with scene.engine.connect() as connection:
        linked = await slack_store.slack_of_person(connection, "cho", scene.team.id)
    assert linked is None  # being picked links nothing


@pytest.mark.parametrize(
    "fields", [{"is_bot": True}, {"is_restricted": True}, {"team_id": "T0ELSEWHERE"}]
)
async def test_bots_guests_and_foreigners_are_nobody(scene: Scene, fields: dict[str, Any]) -> None:
    await scene.describe("zoe")
    account = scene.slack.add_person("Zoe", "zoe@example.com", **fields)
    assert await colleague_finder(scene.engine, scene.client)(account.id) is None


async def test_an_account_that_took_somebodys_address_is_not_them(scene: Scene) -> None:
    await scene.show(signoff())  # links Ana's account
    taken = scene.slack.add_person("Mal", "ana@example.com")
    assert await colleague_finder(scene.engine, scene.client)(taken.id) is None


async def test_an_account_that_slack_does_not_know_is_its_refusal(scene: Scene) -> None:
    with pytest.raises(SlackRefused):
        await colleague_finder(scene.engine, scene.client)("U0NOBODY")
