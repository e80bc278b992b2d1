"""The sandbox's page without a browser: what it tells a script, and what it lets be done."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from slack_sdk.errors import SlackApiError

from integrations.slack.sandbox.page import STATIC
from integrations.slack.sandbox.workspace import SlackSandbox
from tests.integrations.slack.bolt_app import (
    SOON,
    Stage,
    bolt_app,
    button,
    client_of,
    serving,
)


class Visit:
    """A browser's calls, made by hand."""

    def __init__(self, stage: Stage, http: httpx.AsyncClient) -> None:
        self.stage, self.slack, self.http = stage, stage.slack, http

    async def screen(self, who: str, place: str = "") -> dict[str, Any]:
        answer = await self.http.get("page/state", params={"who": who, "place": place})
        shown: dict[str, Any] = answer.raise_for_status().json()
        return shown

    async def act(self, **doing: Any) -> tuple[int, str]:
        body = {"who": self.stage.ana.id, **doing}
        answer = await self.http.post("page/acts", json=body)
        return answer.status_code, str(answer.json()["trouble"])

    async def click(self, action: str, *, version: int = 0) -> tuple[int, str]:
        where = {"place": self.stage.ana.id, "ts": self.stage.ts, "block": "acts"}
        return await self.act(do="click", **where, action=action, version=version)


@pytest.fixture
async def visit() -> AsyncIterator[Visit]:
    async with SlackSandbox() as slack:
        app, heard = bolt_app(slack)
        async with serving(app) as url, httpx.AsyncClient(base_url=slack.page_url) as http:
            slack.connect(url)
            yield Visit(Stage(slack, heard), http)


async def test_the_page_allows_no_script_style_or_host_but_its_own(visit: Visit) -> None:
    page = await visit.http.get("")
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in policy
    assert not re.search(r"\son\w+=|style=|<script(?! type=\"module\" src=\"/page)", page.text)


def test_no_script_of_the_page_writes_markup() -> None:
    for path in STATIC.glob("*.js"):
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacent|document\.write", path.read_text()
        )


@pytest.mark.parametrize("name", ["../page.py", "nothing.js", "..%2fpage.py"])
async def test_only_the_pages_files_are_served(visit: Visit, name: str) -> None:
    assert (await visit.http.get(f"page/{name}")).status_code == 404


async def test_a_person_sees_their_own_places_and_what_is_theirs_alone(visit: Visit) -> None:
    ben = visit.slack.add_person("Ben Okafor")
    room = visit.slack.add_channel("room", members=[visit.stage.ana, ben])
    visit.slack.add_channel("secret", members=[ben], is_private=True)
    await visit.stage.client.chat_postEphemeral(channel=room.id, user=ben.id, text="Only for Ben")
    ana_sees = await visit.screen(visit.stage.ana.id, room.id)
    ben_sees = await visit.screen(ben.id, room.id)
    assert [each["name"] for each in ana_sees["places"]] == ["room", "Undersigned"]
    assert [each["name"] for each in ben_sees["places"]] == ["room", "secret", "Undersigned"]
    assert ana_sees["messages"] == []
    assert [(m["text"], m["is_private"]) for m in ben_sees["messages"]] == [("Only for Ben", True)]


async def test_a_click_reaches_the_app_signed_and_its_answer_is_shown(visit: Visit) -> None:
    await visit.stage.post(button("approve"))
    assert await visit.click("approve") == (200, "")
    [shown] = (await visit.screen(visit.stage.ana.id))["messages"]
    assert (shown["text"], shown["version"]) == ("Recording…", 1)
    assert visit.stage.heard[-1]["user"]["id"] == visit.stage.ana.id


async def test_a_click_on_what_an_old_screen_shows_is_sent_as_slack_sends_it(visit: Visit) -> None:
    await visit.stage.post(button("approve"))
    await visit.click("approve")
    assert await visit.click("approve", version=0) == (200, "")
    assert visit.stage.heard[-1]["message"]["text"] == "Approve?"


async def test_a_click_without_an_app_is_told(visit: Visit) -> None:
    await visit.stage.post(button("approve"))
    visit.slack.connect("http://127.0.0.1:1/slack/events")
    status, trouble = await visit.click("approve")
    assert status == 200
    assert trouble.startswith("The app can't be reached: ")
    visit.slack.connect("")
    status, trouble = await visit.click("approve")
    assert (status, trouble[:24]) == (409, "No app is connected: the")


async def test_a_modal_is_shown_filled_in_and_closed(visit: Visit) -> None:
    await visit.stage.post(button("changes"))
    await visit.click("changes")
    await visit.slack.changed(lambda s: s.open_views(visit.stage.ana), within=SOON)
    [modal] = (await visit.screen(visit.stage.ana.id))["modals"]
    assert (modal["title"], modal["submit"]) == ("Request changes", "Send")
    status, trouble = await visit.act(do="submit", view=modal["id"])
    assert (status, trouble) == (409, "'why' is required")
    await visit.act(do="submit", view=modal["id"], values={"why": {"text": "short"}})
    [modal] = (await visit.screen(visit.stage.ana.id))["modals"]
    assert modal["errors"] == {"why": "Say more."}
    assert await visit.act(do="close", view=modal["id"]) == (200, "")
    assert visit.stage.heard[-1]["type"] == "view_closed"
    assert (await visit.screen(visit.stage.ana.id))["modals"] == []


async def test_commands_words_and_the_home_tab_reach_the_app(visit: Visit) -> None:
    place = visit.slack.channel(visit.stage.ana).id
    assert await visit.act(do="say", place=place, text="/undersigned pending") == (200, "")
    assert visit.stage.heard[-1]["text"] == "pending"
    assert await visit.act(do="say", place=place, text="<!channel> done") == (200, "")
    assert visit.stage.heard[-1]["text"] == "&lt;!channel&gt; done"
    assert await visit.act(do="look_home") == (200, "")
    await visit.slack.changed(lambda s: s.home(visit.stage.ana), within=SOON)
    home = (await visit.screen(visit.stage.ana.id, "home"))["home"]
    where = {"view": home["id"], "block": "acts", "action": "menu"}
    assert await visit.act(do="click_view", **where) == (200, "")
    assert visit.stage.heard[-1]["action_id"] == "menu"


async def test_the_page_waits_for_a_change_and_is_answered_at_once(visit: Visit) -> None:
    before = await visit.screen(visit.stage.ana.id)
    asked = {"who": visit.stage.ana.id, "since": before["version"]}
    waiting = asyncio.create_task(visit.http.get("page/state", params=asked))
    await visit.stage.post(button("approve"))
    after = (await waiting).json()
    assert after["version"] != before["version"]
    assert [each["text"] for each in after["messages"]] == ["Approve?"]


async def test_a_page_that_waits_is_answered_when_the_sandbox_ends() -> None:
    sent = asyncio.Event()

    async def trace(event: str, _: object) -> None:
        if event == "http11.receive_response_headers.started":
            sent.set()

    async with SlackSandbox() as slack, httpx.AsyncClient(base_url=slack.page_url) as http:
        ana = slack.add_person("Ana Ruiz")
        seen = (await http.get("page/state", params={"who": ana.id})).json()
        asked = {"who": ana.id, "since": seen["version"]}
        follow = http.get("page/state", params=asked, extensions={"trace": trace})
        waiting = asyncio.create_task(follow)
        await sent.wait()
        await http.get("page/troubles")  # once this is answered, the one before it has arrived
        await slack.__aexit__(None, None, None)
        assert (await waiting).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Host": "elsewhere.example"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
    ],
)
async def test_another_site_can_not_click_for_people(
    visit: Visit, headers: dict[str, str], status: int
) -> None:
    await visit.stage.post(button("approve"))
    doing = {
        "do": "click",
        "who": visit.stage.ana.id,
        "place": visit.stage.ana.id,
        "ts": visit.stage.ts,
        "block": "acts",
        "action": "approve",
        "version": 0,
    }
    own = {"Content-Type": "application/json"}
    answer = await visit.http.post("page/acts", json=doing, headers={**own, **headers})
    assert answer.status_code == status
    assert visit.stage.heard == []


async def test_what_can_not_be_done_is_said_in_a_sentence(visit: Visit) -> None:
    assert (await visit.act(do="dance"))[0] == 422
    gone = (409, "That modal is not on top any more.")
    assert await visit.act(do="close", view="V1") == gone
    nowhere = (409, "You are not in that channel.")
    assert await visit.act(do="say", place="C1", text="x") == nowhere
    await visit.stage.post(button("approve"))
    assert await visit.click("dance") == (409, "What you clicked is not there any more.")
    visit.stage.ts = "1.2"
    assert await visit.click("approve") == (409, "That message is gone.")


async def arm(visit: Visit, **trouble: Any) -> list[str]:
    answer = await visit.http.post("page/troubles", json=trouble)
    told: list[str] = answer.raise_for_status().json()["troubles"]
    return told


@pytest.mark.parametrize(
    ("trouble", "sentence", "refusal"),
    [
        (
            {"kind": "rate_limited", "seconds": 7},
            "Every call: 429, Retry-After 7 s.",
            "ratelimited",
        ),
        (
            {"kind": "server_error", "method": "auth.test", "times": 2},
            "The next 2 calls of auth.test: status 503.",
            "503",
        ),
        (
            {"kind": "token_revoked"},
            "The bot token is revoked: every call answers token_revoked.",
            "token_revoked",
        ),
    ],
)
async def test_slack_fails_as_told_until_it_is_cleared(
    visit: Visit, trouble: dict[str, Any], sentence: str, refusal: str
) -> None:
    assert await arm(visit, **trouble) == [sentence]
    assert (await visit.screen(visit.stage.ana.id))["troubles"] == [sentence]
    with pytest.raises(SlackApiError, match=refusal):
        await client_of(visit.slack).auth_test()
    cleared = await visit.http.delete("page/troubles")
    assert cleared.json() == {"troubles": []}
    await client_of(visit.slack).auth_test()


async def test_a_trouble_is_used_up_and_the_page_is_told(visit: Visit) -> None:
    told = await arm(visit, kind="reply_lost", method="chat.postMessage", times=1)
    assert told == ["The next call of chat.postMessage: done, and the reply is lost."]
    seen = await visit.screen(visit.stage.ana.id)
    asked = {"who": visit.stage.ana.id, "since": seen["version"]}
    waiting = asyncio.create_task(visit.http.get("page/state", params=asked))
    with pytest.raises(Exception, match=r"disconnected|reset"):
        await visit.stage.post(button("approve"))
    assert (await waiting).json()["troubles"] == []
    assert len(visit.slack.messages(visit.stage.ana)) == 1


async def test_a_call_that_times_out_has_done_nothing(visit: Visit) -> None:
    told = await arm(visit, kind="timeout", seconds=30)
    assert told == ["Every call: no answer for 30 s, nothing is done."]
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await visit.stage.post(button("approve"))
    assert visit.slack.messages(visit.stage.ana) == []


@pytest.mark.parametrize(
    "trouble",
    [
        {"kind": "gone"},
        {"kind": "timeout", "method": "chat.dance"},
        {"kind": "timeout", "times": 0},
        {"kind": "server_error", "status": 404},
        {"kind": "timeout", "often": True},
    ],
)
async def test_a_trouble_that_there_is_not_is_refused(
    visit: Visit, trouble: dict[str, Any]
) -> None:
    assert (await visit.http.post("page/troubles", json=trouble)).status_code == 422
    assert (await visit.http.get("page/troubles")).json() == {"troubles": []}
