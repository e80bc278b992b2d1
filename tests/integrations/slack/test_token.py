"""A lost token: written down once, said once, tried by one of all workers, never stuck."""

import asyncio
import logging
from datetime import timedelta

import pytest

from integrations.database.slack_tokens import lost_tokens
from integrations.slack.failures import SlackAuthLost
from integrations.slack.sandbox.faults import Refused
from integrations.slack.token import PROBE_EVERY, KnownLost, Token
from tests.integrations.slack.examples import NOON
from tests.integrations.slack.scene import Scene

LATER = NOON + PROBE_EVERY


def token(scene: Scene) -> Token:
    return Token(scene.client, scene.engine, scene.team.id)


async def states(scene: Scene) -> list[tuple[str, str]]:
    async with scene.engine.connect() as connection:
        return [(one.team, one.code) for one in await lost_tokens(connection)]


@pytest.mark.parametrize("code", ["invalid_auth", "token_revoked", "account_inactive"])
async def test_a_lost_token_is_one_state_with_its_code_and_said_once(
    scene: Scene, caplog: pytest.LogCaptureFixture, code: str
) -> None:
    caplog.set_level(logging.ERROR, "integrations.slack.token")
    workers = [token(scene) for _ in range(3)]
    for worker in workers:
        for _ in range(10):
            await worker.lost(SlackAuthLost(code), NOON)
    assert await states(scene) == [(scene.team.id, code)]
    [said] = caplog.records
    assert code in said.message
    async with scene.engine.connect() as connection:
        [lost] = await lost_tokens(connection, scene.team.id)
    assert lost.lost_since == NOON


async def test_while_it_is_lost_one_of_all_workers_asks_slack_at_an_interval(scene: Scene) -> None:
    scene.slack.revoke_token()
    await token(scene).lost(SlackAuthLost("token_revoked"), NOON)
    before = len(scene.slack.calls)
    workers = [token(scene) for _ in range(8)]

    async def checks(at: timedelta) -> int:
        found = await asyncio.gather(
            *(worker.check(NOON + at) for worker in workers), return_exceptions=True
        )
        assert all(isinstance(each, KnownLost) for each in found)
        return len(scene.slack.calls) - before

    assert await checks(timedelta(seconds=1)) == 0
    assert await checks(PROBE_EVERY) == 1
    assert await checks(PROBE_EVERY + timedelta(seconds=1)) == 1
    assert await checks(2 * PROBE_EVERY) == 2


async def test_the_first_that_slack_accepts_again_lets_everybody_go_on(scene: Scene) -> None:
    await token(scene).lost(SlackAuthLost("token_revoked"), NOON)
    await token(scene).check(LATER)
    assert await states(scene) == []
    calls = len(scene.slack.calls)
    await token(scene).check(LATER)
    assert len(scene.slack.calls) == calls


async def test_a_probe_that_slack_does_not_answer_well_leaves_the_token_lost(scene: Scene) -> None:
    await token(scene).lost(SlackAuthLost("token_revoked"), NOON)
    scene.slack.faults.next("auth.test", Refused("fatal_error"))
    with pytest.raises(KnownLost):
        await token(scene).check(LATER)
    assert await states(scene) == [(scene.team.id, "token_revoked")]


async def test_one_workspace_does_not_stop_another(scene: Scene) -> None:
    await Token(scene.client, scene.engine, "T0OTHER").lost(SlackAuthLost("invalid_auth"), NOON)
    await token(scene).check(NOON)
    await token(scene).works()
    assert await states(scene) == [("T0OTHER", "invalid_auth")]
