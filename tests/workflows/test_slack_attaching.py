"""A message from its menu to the record: as evidence that a stage waits for, and as an answer."""

from typing import Any

from integrations.slack.sandbox.records import Message
from lifecycle.facts import CommandRefused, EvidenceAttached
from tests.workflows.office import PATIENCE, REVIEW, WEIGHTS, Office, Version
from tests.workflows.reminders import Post
from tests.workflows.test_slack_actions import posting
from tests.workflows.test_slack_questions import discussing

NOTED: dict[str, Any] = {
    **REVIEW,
    "lifecycle": "noted",
    "evidence": {**REVIEW["evidence"], "notes": {"from": ["slack"]}},
    "stages": [{**REVIEW["stages"][0], "evidence": ["evaluation", "notes"]}],
}


async def attach(post: Post, who: str, message: Message, *, purpose: str, **fields: str) -> None:
    """Attach a message to the one version that there is to choose."""
    person, slack = post.people[who], post.slack
    assert (await slack.shortcut(person, "attach", message)).is_acknowledged
    [view] = slack.open_views(person)
    [choice] = [b for b in view.blocks if b.get("block_id") == "version"]
    [option] = choice["element"]["options"]
    first = {"version": {"version": option["value"]}, "purpose": {"purpose": purpose}}
    await slack.submit_view(person, values=first)
    await slack.submit_view(person, values={name: {name: text} for name, text in fields.items()})
    assert slack.open_views(person) == []


async def told(post: Post, who: str, words: str) -> None:
    account = post.people[who]
    await post.slack.changed(
        lambda slack: any(words in each.text for each in slack.ephemerals(account)),
        within=PATIENCE,
    )


async def kept(version: Version, kind: type[Any]) -> list[Any]:
    return [fact for fact in await version.settled() if isinstance(fact, kind)]


async def started(post: Post, version: Version) -> Message:
    """Bring a version to where it lacks the notes; give a message that somebody wrote of it."""
    await version.register()
    await version.request()
    await version.tell(version.evidence())
    await version.settled()
    room = post.slack.add_channel("elsewhere", members=post.people.values(), invite_bot=False)
    return await post.slack.say(post.people["cho"], room, "The reviewers met; all agree.")


async def test_a_message_that_is_attached_lets_the_stage_ask(office: Office) -> None:
    async with posting(office, definition=NOTED) as (post, version), post.working():
        message = await started(post, version)
        about = {"name": "notes", "verdict": "pass", "subject": WEIGHTS}
        await attach(post, "ana", message, purpose="evidence", **about)
        await told(post, "ana", f"The message is attached to {version.model} 1 as notes (pass).")
        view = await version.until(lambda view: view.stages[0].status == "asking")
        [notes] = [one for one in view.stages[0].evidence if one.name == "notes"]
        assert notes.value == {"author": "Cho", "text": "The reviewers met; all agree."}
        assert (notes.is_met, notes.source) == (True, "slack")
        [*_, fact] = await kept(version, EvidenceAttached)
        assert (fact.evidence.by, fact.via.slack_user) == ("ana", post.people["ana"].id)


async def test_what_pipelines_measure_is_not_attached_by_people_and_they_hear_why(
    office: Office,
) -> None:
    async with posting(office, definition=NOTED) as (post, version), post.working():
        message = await started(post, version)
        about = {"other_name": "evaluation", "verdict": "pass", "subject": WEIGHTS}
        await attach(post, "ana", message, purpose="evidence", **about)
        await told(post, "ana", "evaluation is taken from eval; attach it under another name")
        [refused] = await kept(version, CommandRefused)
        assert (refused.code, refused.by) == ("not-taken-from-people", "ana")
        assert len(await kept(version, EvidenceAttached)) == 1


async def test_a_message_answers_a_question(office: Office) -> None:
    async with discussing(office) as discussion:
        post = discussion.review.post
        await discussion.review.choose("ana", "ask", question="Which months?")
        await discussion.told("Which months?")
        message = await post.slack.say(post.people["dee"], "model-m", "May and June.")
        about = {"question": "1", "answer": "Dee wrote: May and June."}
        await attach(post, "ben", message, purpose="answer", **about)
        await discussion.told("Dee wrote: May and June.")
        [fact] = await discussion.answers()
        assert (fact.by, fact.text) == ("ben", "Dee wrote: May and June.")
