"""The home tab over a real house: decided there, and shown anew."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from integrations.database.projection_rows import write_projection
from integrations.slack.sandbox.faults import Refused
from integrations.slack.sandbox.records import View
from lifecycle.view import Projection
from tests.api.house import House
from tests.api.slack_house import SOON, STATEMENT, TWO_STEPS, Building, building, said
from tests.api.test_versions import ask, decide
from tests.integrations.slack.examples import signoff, version

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def there(house: House) -> AsyncIterator[Building]:
    async with building(house) as found:
        yield found


async def asked(there: Building, owner: str, **more: Any) -> dict[str, Any]:
    """Ask this owner to validate a version of a new model; they release it, too."""
    owners = {"validator": [owner], "business_owner": [owner]}
    lifecycle = {**TWO_STEPS, "separation": {"one_person": "any_role"}}
    model = await there.house.describe({**lifecycle, **more}, owners=owners)
    return await ask(there.house, model)


async def stages(there: Building, model: str) -> dict[str, str]:
    found = await there.house.get(f"/v1/models/{model}/versions/1")
    return {one["name"]: one["status"] for one in found.json()["stages"]}


def actions(home: View) -> set[str]:
    return {element["action_id"] for _, element in home.elements()}


async def test_what_is_approved_at_home_moves_the_stage_and_leaves_the_list(
    there: Building,
) -> None:
    owner, account = await there.enrol()
    request = await asked(there, owner)
    home = await there.opened(account)
    assert "One sign-off waits for you." in said(home)
    assert f"{request['model']} 1" in said(home)
    assert "one stage waits behind it" in said(home)

    clicked = await there.slack.click_view(account, "approve")

    assert clicked.is_acknowledged
    await there.shows(account, "as business_owner, stage release")
    assert await stages(there, request["model"]) == {"validate": "approved", "release": "asking"}
    again = await there.opened(account)
    assert "as validator, stage validate" not in said(again)
    assert "you approved" in said(again)
    facts = (await there.house.get(f"/v1/models/{request['model']}/versions/1/facts")).json()
    [signed] = [one["fact"] for one in facts["items"] if one["fact"]["kind"] == "SignedOff"]
    assert (signed["person"], signed["via"]["slack_user"]) == (owner, account.id)

    # The second one is confirmed: the modal repeats the words that the home tab showed.
    await there.slack.click_view(account, "approve_confirm")
    [modal] = there.slack.open_views(account)
    assert STATEMENT in said(modal)
    await there.slack.submit_view(account, values={"comment": {"comment": "I own it."}})
    await there.shows(account, "Nothing waits for you.")
    assert (await stages(there, request["model"]))["release"] == "approved"


async def test_while_a_click_is_recorded_its_buttons_are_gone(there: Building) -> None:
    owner, account = await there.enrol()
    await asked(there, owner)
    await there.opened(account)
    published = len(there.slack.calls_of("views.publish"))
    await there.slack.click_view(account, "approve")
    await there.shows(account, "stage release")
    calls = there.slack.calls_of("views.publish")[published:]
    assert "Recording…" in str(calls[0].arguments["view"])
    assert "approve_confirm" in actions(await there.opened(account))


async def test_a_refusal_is_said_at_home_and_the_rest_stays(there: Building) -> None:
    owner, account = await there.enrol()
    request = await asked(there, owner)
    await there.opened(account)
    key = await there.house.key("owner", person=owner)
    assert (await decide(there.house, request, key))[0] == 200
    await there.slack.click_view(account, "approve")
    shown = await there.shows(account, ":no_entry:")
    assert f"{request['model']}" in shown
    assert "as business_owner, stage release" in shown


async def test_changes_are_requested_at_home(there: Building) -> None:
    owner, account = await there.enrol()
    request = await asked(there, owner)
    await there.opened(account)
    await there.slack.click_view(account, "request_changes")
    await there.slack.submit_view(account, values={"reason": {"reason": "It leaks."}})
    await there.shows(account, "Nothing waits for you.")
    assert (await stages(there, request["model"]))["validate"] == "sent_back"
    assert "you requested changes" in said(await there.opened(account))


async def test_the_menu_at_home_is_about_the_request_beside_it(there: Building) -> None:
    owner, account = await there.enrol("Ola")
    delegate, stand_in = await there.enrol("Ivo")
    await asked(there, owner)
    request = await asked(there, owner)
    home = await there.opened(account)
    block = next(name for name, element in home.elements() if request["id"] in str(element))
    await there.slack.click_view(account, "more", "on_it", block_id=block)
    await there.shows(account, "you are on it")
    await there.shows(account, "Recording…", not_=True)
    await there.slack.click_view(account, "more", "delegate", block_id=block)
    await there.slack.submit_view(account, values={"to": {"to": stand_in.id}})
    shown = await there.shows(account, "Delegated by you")
    assert f"`{request['model']}` version `1` as `validator`" in shown
    assert "Ivo may answer" in shown
    assert f"{request['model']} 1" in said(await there.opened(stand_in))
    assert delegate in str((await there.house.get(f"/v1/signoffs/{request['id']}")).json())


async def test_somebody_whom_nobody_knows_is_told_what_to_do(there: Building) -> None:
    stranger = there.slack.add_person("Zoe", "zoe@elsewhere.example")
    home = await there.opened(stranger)
    assert "doesn't know you" in said(home)
    assert "Ask an administrator" in said(home)


async def test_an_account_is_proposed_by_its_address_when_it_opens_its_home(
    there: Building,
) -> None:
    person, account = await there.describe("Uma")
    assert "This Slack account is not confirmed as Uma's." in said(await there.opened(account))
    facts = (await there.house.get(f"/v1/people/{person}/facts")).json()["items"]
    assert facts[-1]["fact"]["kind"] == "SlackProposed"
    assert (await there.confirm(person, account)).status_code == 200
    assert "Nothing waits for you." in said(await there.opened(account))


async def test_a_home_that_slack_does_not_take_is_asked_for_again(house: House) -> None:
    async with building(house) as alone:  # where nothing else is shown meanwhile
        _, account = await alone.enrol()
        alone.slack.faults.next("views.publish", Refused("internal_error"))
        delivery = await alone.slack.open_home(account)
        assert delivery is not None
        assert delivery.status == 503
        await alone.shows(account, "Nothing waits for you.")
        await alone.slack.changed(lambda slack: slack.deliveries[-1].is_acknowledged, within=SOON)
        attempts = [one.attempt for one in alone.slack.deliveries]
    assert attempts == [0, 1]


async def test_the_messages_tab_shows_nothing_new(there: Building) -> None:
    _, account = await there.enrol()
    event = {"type": "app_home_opened", "user": account.id, "tab": "messages", "channel": "D1"}
    delivery = await there.slack.event(event)
    assert delivery is not None
    assert delivery.is_acknowledged
    assert there.slack.home(account) is None


async def test_a_manager_sees_what_waits_for_their_people(there: Building) -> None:
    boss, account = await there.enrol("Dana")
    owner, _ = await there.enrol("Ola", manager=boss)
    await asked(there, owner)
    shown = said(await there.opened(account))
    assert "What waits for your people" in shown
    assert "Ola: 1 waiting" in shown


async def test_more_than_a_page_is_turned(there: Building) -> None:
    owner, account = await there.enrol()
    views = [signoff(model=owner, version=str(n), can_decide=(owner,)) for n in range(32)]
    async with there.house.engine.begin() as connection:
        for one in views:
            found = version(one, model=owner, version=one.version)
            await write_projection(connection, Projection(version=found, signoffs={one.id: one}))
    assert "32 sign-offs wait for you" in said(await there.opened(account))
    await there.slack.click_view(account, "home_more")
    assert "31 to 32 of 32" in await there.shows(account, "31 to 32")
    await there.slack.click_view(account, "home_more_first")
    assert "1 to 30 of 32" in await there.shows(account, "1 to 30")


async def test_all_that_somebody_owns_is_shown_in_a_modal(there: Building) -> None:
    owner, account = await there.enrol()
    models = [await there.house.describe(owners={"validator": [owner]}) for _ in range(12)]
    home = said(await there.opened(account))
    assert "…and 2 more" in home
    await there.slack.click_view(account, "home_all")
    [modal] = there.slack.open_views(account)
    assert all(f"`{model}`: `validator`" in said(modal) for model in models)


async def test_a_click_that_is_not_kept_is_answered_in_a_window(there: Building) -> None:
    owner, account = await there.enrol()
    gone = signoff(model=owner, can_decide=(owner,))  # whose workflow nobody knows
    async with there.house.engine.begin() as connection:
        found = Projection(version=version(gone, model=owner), signoffs={gone.id: gone})
        await write_projection(connection, found)
    await there.opened(account)
    delivery = await there.slack.click_view(account, "approve")
    assert delivery.status == 503
    [modal] = there.slack.open_views(account)
    assert "Your answer was not recorded" in said(modal)
    assert "approve" in actions(await there.opened(account))


@pytest.mark.slow
async def test_thirty_requests_are_cleared_one_after_another(there: Building) -> None:
    owner, account = await there.enrol()
    requests = [
        await ask(there.house, await there.house.describe(owners={"validator": [owner]}))
        for _ in range(30)
    ]
    home = await there.opened(account)
    blocks = [name for name, element in home.elements() if element["action_id"] == "approve"]
    assert len(blocks) == 30
    for request in requests:
        home = there.slack.home(account) or home
        block = next(name for name, element in home.elements() if request["id"] in str(element))
        clicked = await there.slack.click_view(account, "approve", block_id=block)
        assert clicked.is_acknowledged
        assert clicked.seconds < 3
    await there.shows(account, "Nothing waits for you.")
    for request in requests:
        assert await stages(there, request["model"]) == {"validate": "approved"}
