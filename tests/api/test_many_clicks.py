"""Two hundred owners press Approve at the same moment: none is lost, none counts twice."""

from collections import Counter
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from api.demo.setting import Setting, setting
from integrations.slack.sandbox.delivery import Delivery
from tests.api import crowd

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo() -> AsyncIterator[Setting]:
    async with setting(crowd.PEOPLE) as found:
        await crowd.settle(found)
        yield found


def not_acknowledged(clicks: list[Delivery]) -> list[Delivery]:
    """Give the clicks that Slack got no 200 for within its three seconds."""
    return [click for click in clicks if not click.is_acknowledged]


async def test_two_hundred_clicks_at_once_on_one_version_all_count_once(demo: Setting) -> None:
    cards = await crowd.ask_all(demo, "one-model")
    assert not_acknowledged(await crowd.press(demo, cards)) == []
    await crowd.over(demo, cards)
    facts = (await crowd.facts_of(demo, ["one-model"]))["one-model"]
    assert crowd.approvals(facts) == Counter(crowd.NAMES)
    assert [fact.kind for fact in facts].count("VersionApproved") == 1


@pytest.mark.parametrize("number", [50, pytest.param(crowd.OWNERS, marks=pytest.mark.long)])
async def test_clicks_at_once_on_as_many_versions_all_count_once(
    demo: Setting, number: int
) -> None:
    people = crowd.NAMES[:number]
    cards = await crowd.ask_each(demo, f"own{number}", people)
    # Everybody presses twice, as people do when nothing seems to happen.
    assert not_acknowledged(await crowd.press(demo, [*cards, *cards])) == []
    await crowd.over(demo, cards)
    facts = await crowd.facts_of(demo, [f"own{number}-{person}" for person in people])
    assert {model: crowd.approvals(found) for model, found in facts.items()} == {
        f"own{number}-{person}": {person: 1} for person in people
    }
