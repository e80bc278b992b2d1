"""The story's steps, in order: each does something real and checks what came of it."""

import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from api.demo.setting import Setting
from integrations.artifacts import digest_of
from integrations.database.engine import open_engine
from integrations.database.verify import verify
from integrations.documents import parse_documents
from integrations.slack.clicks import APPROVE
from integrations.slack.sandbox.records import Message
from integrations.slack.sandbox.workspace import SlackSandbox
from lifecycle.canonical import digest_of_bytes, short

Tell = Callable[[str], None]
Step = Callable[[Setting, Tell], Awaitable[None]]
VERSION = "/v1/models/fraud-scorer/versions/14"
SOON = timedelta(seconds=10)
"""How long a step waits for what must happen; on a quiet machine it takes well under a second."""
OTHER_BYTES = digest_of_bytes(b"other bytes")


def check(holds: object, otherwise: str) -> None:
    """Say what did not hold; raises AssertionError."""
    if not holds:
        raise AssertionError(otherwise)


async def define(demo: Setting, tell: Tell) -> None:
    """Upload the lifecycle, its people and the model, confirm their accounts, and issue keys."""
    text = Path(__file__).with_name("lifecycle.yaml").read_bytes()
    documents = parse_documents(text, name="lifecycle.yaml")
    lifecycle, people, model = (cast("dict[str, Any]", d.data) for d in documents)
    answer = await demo.call("PUT", "/v1/lifecycles/demo", json=lifecycle)
    for person, file in people["people"].items():
        await demo.call("PUT", f"/v1/people/{person}", json=file)
    for person, user in demo.people.items():
        await demo.call("PUT", f"/v1/people/{person}/slack/{demo.slack.team_id}/{user}", json={})
    await demo.call("PUT", "/v1/models/fraud-scorer", json=model)
    key = {
        "scopes": ["pipeline"],
        "models": ["fraud-*"],
        "events": ["*"],
        "sources": ["evaluation", "registry"],
    }
    demo.seen["pipeline"] = (await demo.call("POST", "/v1/keys", json=key))["key"]
    key = {"scopes": ["gate"]}
    demo.seen["gate"] = (await demo.call("POST", "/v1/keys", json=key))["key"]
    tell(f"lifecycle demo is {short(answer['digest'])}; owners: Ana, Cho, Ben, Eve; CISO: Fay")


async def register(demo: Setting, tell: Tell) -> None:
    """Register a version by its bytes and ask for review."""
    digest = digest_of(demo.model_path).digest
    demo.seen["digest"] = digest
    body = {
        "version": "14",
        "artifact": {"uri": f"file:{demo.model_path.name}", "digest": digest},
        "producers": ["mlflow:svc-train", "git:cho-l"],
    }
    pipeline = demo.seen["pipeline"]
    await demo.call("POST", "/v1/models/fraud-scorer/versions", json=body, key=pipeline)
    await demo.call("POST", f"{VERSION}/requests", key=pipeline)
    view = await demo.call("GET", VERSION)
    check(view["stages"][0]["status"] == "collecting", "the first stage should await evidence")
    tell(f"the artifact on disk is {short(digest)}; made by the trainer and Cho")
    tell(f"now: {view['explanation']['summary']}")


async def attach(demo: Setting, tell: Tell) -> None:
    """Send evidence and wait for the cards."""
    await send_evaluation(demo, "eval-1")
    cards = [await card(demo, person, "is asked for") for person in ("ana", "ben")]
    for role in ("validator", "security"):
        posted = await card(demo, "#model-fraud", f"The {role} sign-off", "is asked for")
    check("independently" in cards[0].text, "Ana's card should show the statement")
    demo.seen["first card of ana"] = cards[0]
    tell(f"Ana and Ben have a card each; the channel has one too: “{posted.text}”")


async def approve(demo: Setting, tell: Tell) -> None:
    """Approve as Ana and wait for the copies of the card."""
    seconds = await approve_by_click(demo, "ana")
    channel = await card(demo, "#model-fraud", "The validator sign-off", "is given")
    check(not channel.actions or "approve" not in channel.actions, "the channel's buttons remain")
    tell(f"from the click to the changed card: {seconds * 1000:.0f} ms")


async def refuse_producer(demo: Setting, tell: Tell) -> None:
    """Click as a producer, and try by the API too."""
    signoff = await pending(demo, "security")
    key = {"scopes": ["owner"], "person": "cho"}
    cho = (await demo.call("POST", "/v1/keys", json=key))["key"]
    where = await card(demo, "#model-fraud", "The security sign-off", "is asked for")
    await demo.slack.click(demo.people["cho"], "#model-fraud", where.ts, APPROVE)
    said = await demo.slack.changed(
        lambda slack: [m.text for m in slack.ephemerals(demo.people["cho"])], within=SOON
    )
    tell(f"in Slack only Cho reads: “{said[-1]}”")
    body = {"decision": "approve", "revision": signoff["revision"]}
    response = await demo.http.post(
        f"/v1/signoffs/{signoff['id']}/decisions",
        json=body,
        headers={"Authorization": f"Bearer {cho}"},
    )
    check(response.status_code == 403, f"the API should refuse too, not {response.status_code}")
    tell(f"by the API: 403, “{response.json()['detail']}”")


async def escalate(demo: Setting, tell: Tell) -> None:
    """Wait for reminder, notice and request while Ben is silent."""
    for person, words in (("ben", "Reminder"), ("dee", "You are told"), ("fay", "may sign")):
        said = await message(demo, person, words)
        tell(f"{person}: “{line_with(said, words)}”")
    await approve_by_click(demo, "fay")
    view = await demo.call("GET", VERSION)
    security = next(s for s in view["stages"][0]["signoffs"] if s["role"] == "security")
    check(security["decisions"][0]["right"] == "escalation", "the right should be recorded")
    tell("Fay signs; the record says that her right comes from the escalation")


async def pass_gate(demo: Setting, tell: Tell) -> None:
    """Sign the release and ask the gate for two digests."""
    await approve_by_click(demo, "eve")
    await gate(demo, demo.seen["digest"], expected=True)
    other = await gate(demo, OTHER_BYTES, expected=False)
    tell(f"{short(demo.seen['digest'])}: yes. {short(OTHER_BYTES)}: no, “{other['reasons'][0]}”")


async def change_bytes(demo: Setting, tell: Tell) -> None:
    """Change the artifact on disk and report it."""
    before = demo.seen["digest"]
    (demo.model_path / "weights.bin").write_bytes(b"weights, retrained\n" * 64)
    demo.seen["digest"] = digest = digest_of(demo.model_path).digest
    data = {"model": "fraud-scorer", "version": "14", "digest": digest}
    await demo.send_event("undersigned.artifact.changed", "change-1", "registry", data)
    await card(demo, "ana", "is void")
    for old_or_new in (before, digest):
        await gate(demo, old_or_new, expected=False)
    tell(f"{short(before)} became {short(digest)}; the cards say void, the gate says no to both")


async def next_round(demo: Setting, tell: Tell) -> None:
    """Send new evidence, and click on a card of the round before."""
    old: Message = demo.seen["first card of ana"]
    await send_evaluation(demo, "eval-2")
    await card(demo, "ana", "is asked for")
    await demo.slack.click_stale(demo.people["ana"], demo.people["ana"], old.ts, APPROVE)
    said = await demo.slack.changed(
        lambda slack: [m.text for m in slack.ephemerals(demo.people["ana"])], within=SOON
    )
    tell(f"a click on the old card: “{said[-1]}”")


async def explain(demo: Setting, tell: Tell) -> None:
    """List what is pending, and for whom."""
    listed = await demo.call("GET", "/v1/signoffs")
    check(len(listed["items"]) == 2, f"two requests should be pending, not {listed['items']}")
    for item in listed["items"]:
        tell(f"{item['id']}: {item['explanation']}")
        tell(f"    next at {item['upcoming']['at'][11:19]} UTC: {item['upcoming']['what']}")
    waiting = await demo.call("GET", "/v1/waiting", params={"by": "role"})
    tell("waiting by role: " + ", ".join(f"{w['key']} {w['count']}" for w in waiting["items"]))


async def kill_worker(demo: Setting, tell: Tell) -> None:
    """Kill the worker, click, start it again, and compare the facts."""
    before = await demo.call("GET", f"{VERSION}/facts", params={"limit": 200})
    asked = await card(demo, "ana", "is asked for")
    pid = await demo.worker.kill()
    delivery = await demo.slack.click(demo.people["ana"], demo.people["ana"], asked.ts, APPROVE)
    check(delivery.is_acknowledged, f"Slack should get its 200: {delivery.trouble}")
    tell(f"worker {pid} is dead; Slack got its 200 for Ana's click in {delivery.seconds:.2f} s")
    await demo.worker.start()
    await card(demo, "ana", "is given")
    after = await demo.call("GET", f"{VERSION}/facts", params={"limit": 200})
    kept = [fact["hash"] for fact in after["items"][: len(before["items"])]]
    check(kept == [fact["hash"] for fact in before["items"]], "earlier facts should be the same")
    signed = [
        f for f in after["items"] if f["kind"] == "SignedOff" and f["fact"]["person"] == "ana"
    ]
    check(len(signed) == 2, f"Ana's click should count once, not {len(signed) - 1} times")
    tell("restarted: the click counts, once, and every fact from before is there")


async def prove(demo: Setting, tell: Tell) -> None:
    """Check every hash chain of the ledger."""
    engine = open_engine(demo.database_url)
    try:
        async with engine.connect() as connection:
            found = await verify(connection)
    finally:
        await engine.dispose()
    check(not found.broken, f"broken chains: {found.broken}")
    tell(f"{found.chains} chains with {found.entries} facts, each hash checked")


STORY: tuple[tuple[str, Step], ...] = (
    ("A lifecycle, its people and a model are uploaded", define),
    ("A pipeline registers version 14 by its bytes and asks for review", register),
    ("Evidence arrives as a CloudEvent, and owners are asked in Slack", attach),
    ("Ana approves with a click; every copy of the card changes", approve),
    ("Cho owns the role too, but made the version: the click is refused", refuse_producer),
    ("Ben stays silent: he is reminded, his manager is told, the CISO is asked", escalate),
    ("Eve signs the release; the gate says yes for these bytes and no for others", pass_gate),
    ("One byte of the artifact changes: approvals are void and the gate closes", change_bytes),
    ("The evaluation runs again and the next round begins; an old card is refused", next_round),
    ("A manager sees what is pending, with whom, since when, and what happens next", explain),
    ("The worker is killed; a click meanwhile is kept, and decided after the restart", kill_worker),
    ("An auditor checks the record: every chain of facts is whole", prove),
)


async def card(demo: Setting, where: str, *words: str) -> Message:
    """Wait for a card whose text or blocks have all the words, and give it."""

    def find(slack: SlackSandbox) -> Message | None:
        found = slack.messages(demo.people.get(where, where))
        shown = (m for m in reversed(found) if m.metadata is not None)
        return next((m for m in shown if all(w in f"{m.text} {m.shown}" for w in words)), None)

    found = await demo.slack.changed(find, within=SOON)
    check(found, f"no card for {where}")
    return cast("Message", found)


def line_with(message: Message, words: str) -> str:
    """Give the line of a message that has the words."""
    lines = [*message.shown.splitlines(), message.text]
    return next(line for line in lines if words in line)


async def message(demo: Setting, person: str, words: str) -> Message:
    """Wait for a message to a person that has the words."""
    return await card(demo, person, words)


async def approve_by_click(demo: Setting, person: str) -> float:
    """Click Approve on a person's newest card; give the seconds until the card has changed."""
    asked = await card(demo, person, "is asked for")
    started = time.perf_counter()
    delivery = await demo.slack.click(demo.people[person], demo.people[person], asked.ts, APPROVE)
    check(delivery.is_acknowledged, f"Slack should get its 200: {delivery.trouble}")
    await card(demo, person, "is given")
    return time.perf_counter() - started


async def pending(demo: Setting, role: str) -> dict[str, Any]:
    """Give a role's pending request."""
    listed = await demo.call("GET", "/v1/signoffs", params={"role": role})
    check(listed["items"], f"a request to {role} should be pending")
    item: dict[str, Any] = listed["items"][0]
    return item


async def send_evaluation(demo: Setting, id_: str) -> None:
    """Send a passing evaluation of the artifact's current bytes."""
    data = {
        "model": "fraud-scorer",
        "version": "14",
        "name": "evaluation",
        "verdict": "pass",
        "subject": demo.seen["digest"],
        "digest": digest_of_bytes(id_.encode()),
        "value": {"auc": 1},
    }
    await demo.send_event("undersigned.evidence.attached", id_, "evaluation", data)


async def gate(demo: Setting, digest: str, *, expected: bool) -> dict[str, Any]:
    """Ask the production gate, and check the answer."""
    question = {"digest": digest, "for": "production"}
    answer: dict[str, Any] = await demo.call(
        "GET", "/v1/gate", params=question, key=demo.seen["gate"]
    )
    word = "yes" if expected else "no"
    check(answer["allowed"] is expected, f"the gate should say {word}: {answer['reasons']}")
    return answer
