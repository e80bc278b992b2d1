"""Attaching a message by its shortcut: from the menu to where it is durable."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from integrations.database.participation import OpenVersion
from integrations.slack.attaching import place_of
from integrations.slack.clicks import ClickNotRecorded
from integrations.slack.sandbox.errors import NoSuchButton
from integrations.slack.sandbox.faults import Hang
from integrations.slack.sandbox.records import Message, Person, View
from lifecycle.commands import AnswerQuestion, Attach
from lifecycle.view import ArtifactView, EvidenceView, VersionView
from tests.api.slack_app import Ingress, ingress
from tests.integrations.slack.examples import DIGEST, question, signoff, version

FOUND = OpenVersion(model="fraud-scorer", version="14", status="in_review")


def seen() -> VersionView:
    view = version(signoff(), artifacts=(ArtifactView(name="model", uri="s3://m", digest=DIGEST),))
    notes = EvidenceView(name="notes", is_met=False, why="x", sources=("slack",))
    stage = view.stages[0].model_copy(update={"evidence": (notes,), "questions": (question(),)})
    return view.model_copy(update={"stages": (stage,)})


@pytest.fixture
async def app() -> AsyncIterator[Ingress]:
    async with ingress() as found:
        found.open_versions["ana"] = [FOUND]
        found.version_views["fraud-scorer", "14"] = seen()
        yield found


@pytest.fixture
def ana(app: Ingress) -> Person:
    account = app.slack.add_person("Ana Ruiz", "ana@example.com")
    app.people[account.id] = "ana"
    return account


async def written(app: Ingress, ana: Person, text: str = "It looks &lt;fine&gt;.") -> Message:
    """Let Ben write a message in a channel that the app is not in."""
    ben = app.slack.add_person("Ben *Ode*", "ben@example.com")
    room = app.slack.add_channel("elsewhere", members=[ana, ben], invite_bot=False)
    return await app.slack.say(ben, room, text)


async def begun(app: Ingress, ana: Person, message: Message) -> View:
    delivery = await app.slack.shortcut(ana, "attach", message)
    assert delivery.is_acknowledged
    assert delivery.seconds < 3
    return app.slack.open_views(ana)[0]


async def submit(app: Ingress, person: Person, **fields: Any) -> Any:
    values = {name: {name: value} for name, value in fields.items()}
    return await app.slack.submit_view(person, values=values)


async def about(app: Ingress, ana: Person, purpose: str) -> None:
    await submit(app, ana, version=place_of(FOUND), purpose=purpose)


def errors(app: Ingress, person: Person) -> dict[str, str]:
    [view] = app.slack.open_views(person)
    return view.errors


async def test_a_message_becomes_evidence_with_its_author_words_and_link(
    app: Ingress, ana: Person
) -> None:
    message = await written(app, ana)
    view = await begun(app, ana, message)
    assert "Ben \u2217Ode\u2217 wrote:" in view.shown
    assert "It looks <fine>." in str(view.blocks)
    await about(app, ana, "evidence")
    delivery = await submit(app, ana, name="notes", verdict="pass", subject=DIGEST)
    await app.slack.redeliver(delivery)
    assert app.slack.open_views(ana) == []
    first, again = app.kept.clicks
    assert first.command.id == again.command.id
    command = first.command
    assert isinstance(command, Attach)
    assert first.target == ("fraud-scorer", "14")
    assert first.done == "The message is attached to fraud-scorer 14 as notes (pass)."
    assert (command.name, command.subject, command.verdict) == ("notes", DIGEST, "pass")
    assert command.value == {"author": "Ben *Ode*", "text": "It looks <fine>."}
    assert command.uri is not None
    assert command.uri.endswith(f"/archives/{message.channel}/p{message.ts.replace('.', '')}")
    assert (command.source, command.person) == ("slack", "ana")
    assert command.via.slack_user == ana.id
    assert command.event_id == f"{app.slack.team_id}/{message.channel}/{message.ts}"
    assert first.reply_to.channel == message.channel


async def test_a_message_becomes_the_answer_to_an_open_question(app: Ingress, ana: Person) -> None:
    await begun(app, ana, await written(app, ana))
    await about(app, ana, "answer")
    [view] = app.slack.open_views(ana)
    [field] = [b for b in view.blocks if b.get("block_id") == "answer"]
    words = field["element"]["initial_value"]
    assert words.startswith("Ben *Ode* wrote: It looks <fine>.\nhttp")
    await submit(app, ana, question="5", answer=words)
    [click] = app.kept.clicks
    assert isinstance(click.command, AnswerQuestion)
    assert (click.command.question, click.command.text) == ("5", words)
    assert click.target == ("fraud-scorer", "14")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Give it a name."),
        ({"name": "notes", "other_name": "more"}, "not both"),
        ({"other_name": "My Notes"}, "Begin with a small letter"),
        ({"other_name": "-x"}, "Begin with a small letter"),
    ],
)
async def test_a_name_that_is_none_is_answered_at_its_field(
    app: Ingress, ana: Person, fields: dict[str, str], words: str
) -> None:
    await begun(app, ana, await written(app, ana))
    await about(app, ana, "evidence")
    await submit(app, ana, verdict="fail", subject=DIGEST, **fields)
    assert words in errors(app, ana)["other_name"]
    assert app.kept.clicks == []


async def test_a_name_of_ones_own_is_taken(app: Ingress, ana: Person) -> None:
    await begun(app, ana, await written(app, ana))
    await about(app, ana, "evidence")
    await submit(app, ana, other_name="field-report.2", verdict="fail", subject=DIGEST)
    [click] = app.kept.clicks
    assert isinstance(click.command, Attach)
    assert (click.command.name, click.command.verdict) == ("field-report.2", "fail")


async def test_without_an_open_question_or_known_bytes_the_first_modal_says_so(
    app: Ingress, ana: Person
) -> None:
    bare = version(signoff())
    app.version_views["fraud-scorer", "14"] = bare
    await begun(app, ana, await written(app, ana))
    await about(app, ana, "answer")
    assert errors(app, ana) == {"purpose": "No question about this version is open."}
    await about(app, ana, "evidence")
    assert "not known yet" in errors(app, ana)["version"]


async def test_a_version_that_is_open_no_more_is_not_attached_to(app: Ingress, ana: Person) -> None:
    await begun(app, ana, await written(app, ana))
    app.open_versions["ana"] = []
    await about(app, ana, "evidence")
    assert "not open any more" in errors(app, ana)["version"]


async def test_strangers_and_people_without_versions_are_told(app: Ingress, ana: Person) -> None:
    zoe = app.slack.add_person("Zoe", "zoe@example.com")
    message = await written(app, ana)
    app.slack.invite(message.channel, zoe)
    said = (await begun(app, zoe, message)).shown
    assert "Nobody in the people file has the e-mail address of this Slack account" in said
    app.proposed[zoe.id] = "Zoe Lee"
    said = (await begun(app, zoe, message)).shown
    assert "This Slack account is not confirmed as Zoe Lee's." in said
    app.addresses[zoe.id] = "zoe"
    assert "no open version" in (await begun(app, zoe, message)).shown


async def test_what_is_not_kept_stays_in_the_window(app: Ingress, ana: Person) -> None:
    await begun(app, ana, await written(app, ana))
    await about(app, ana, "evidence")
    app.kept.trouble = ClickNotRecorded("Try again in a minute.")
    await submit(app, ana, name="notes", verdict="pass", subject=DIGEST)
    assert "Try again in a minute." in errors(app, ana)["other_name"]
    app.kept.trouble = None
    await submit(app, ana, name="notes", verdict="pass", subject=DIGEST)
    assert len(app.kept.clicks) == 1


async def test_a_window_opens_in_time_while_names_and_the_database_hang(
    app: Ingress, ana: Person
) -> None:
    message = await written(app, ana)
    app.slack.faults.always("users.info", Hang())
    view = await begun(app, ana, message)
    assert f"{message.author.id} wrote:" in view.shown
    await app.slack.close_view(ana)
    app.is_database_away = True
    assert "can't be listed now" in (await begun(app, ana, message)).shown


async def test_an_apps_message_has_the_apps_name(app: Ingress, ana: Person) -> None:
    at = await app.client.web.chat_postMessage(channel=ana.id, text="Drift is 0.1.")
    message = app.slack.message(ana, str(at["ts"]))
    assert "Undersigned wrote:" in (await begun(app, ana, message)).shown


async def test_a_shortcut_that_the_manifest_does_not_have_is_in_no_menu(
    app: Ingress, ana: Person
) -> None:
    message = await written(app, ana)
    with pytest.raises(NoSuchButton):
        await app.slack.shortcut(ana, "unknown", message)
    with pytest.raises(NoSuchButton):
        await app.slack.shortcut(ana, "attach")
