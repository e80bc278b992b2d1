"""A card that nothing stands behind: whoever clicks on it is told."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import pytest_asyncio

from integrations.slack.cards import owner_card
from integrations.slack.clicks import APPROVE
from integrations.slack.sandbox.records import Person
from tests.api.house import House
from tests.api.slack_house import Building, building
from tests.integrations.slack.examples import signoff

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def there(house: House) -> AsyncIterator[Building]:
    async with building(house) as found:
        yield found


async def answer_to(there: Building, who: Person, model: str) -> str:
    """Give somebody the card of a model's version 1, press Approve, and read what they are told."""
    view = signoff(id=f"{model}:1:validate:1:validator", model=model, version="1")
    card = owner_card(view, "ana")
    payload = {"request_id": "x", "copy": "y"}
    at = await there.client.post(who.id, card, payload=payload)
    await there.slack.click(who, at.channel, at.ts, APPROVE)
    [said] = there.slack.ephemerals(who)
    return said.text


async def test_a_card_of_a_version_that_never_was_says_that_it_is_not_known(
    there: Building,
) -> None:
    _, ola = await there.enrol()
    said = await answer_to(there, ola, f"gone-{uuid4().hex[:8]}")
    assert "This request is not known any more" in said
