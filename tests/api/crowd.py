"""Two hundred owners with a card each, of one version or of two hundred: all press at once."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from api.demo.setting import Setting
from integrations.database.engine import open_engine
from integrations.database.ledger import read_entries
from integrations.slack.clicks import APPROVE
from integrations.slack.sandbox.delivery import Delivery
from integrations.slack.sandbox.records import Message
from integrations.slack.sandbox.workspace import SlackSandbox
from lifecycle.canonical import digest_of_bytes
from lifecycle.facts import AnyFact
from lifecycle.recording import version_subject
from lifecycle.stage_facts import SignedOff
from workflows.outcomes import fact_of

OWNERS = 200
PEOPLE = tuple((f"owner-{number:03}", f"Owner {number:03}") for number in range(OWNERS))
ROLES = ("validator", "security")
"""A role takes a hundred approvals at most, so that all of two roles sign one version."""
NAMES = tuple(person for person, _ in PEOPLE)
POSTED_WITHIN = timedelta(minutes=2)
"""Two hundred cards, eight at once, on a machine that does other things too."""
CALLS_AT_ONCE = 4
"""More would wait for the one worker longer than the API waits for it."""
Got = TypeVar("Got")


@dataclass(frozen=True)
class Asked:
    """A card that waits for somebody."""

    person: str
    message: Message


def crowd_rules(name: str, *roles: str) -> dict[str, Any]:
    """Give a lifecycle of one stage that all owners of these roles have to sign."""
    signoffs = [
        {"role": role, "quorum": "all", "statement": f"I reviewed it as {role}."} for role in roles
    ]
    return {
        "lifecycle": name,
        "roles": list(roles),
        "producers": "optional",
        "stages": [{"name": "validate", "signoffs": signoffs, "due": "3 days"}],
        "gates": {"production": ["validate"]},
    }


async def settle(demo: Setting) -> None:
    """Describe the people, confirm their accounts, and describe the lifecycles of one and all."""
    for name, roles in (("all", ROLES), ("one", ROLES[:1])):
        await demo.call("PUT", f"/v1/lifecycles/{name}", json=crowd_rules(name, *roles))
    files = {p: {"name": name, "email": f"{p}@example.com"} for p, name in PEOPLE}
    await _several(demo.call("PUT", f"/v1/people/{p}", json=file) for p, file in files.items())
    team = demo.slack.team_id
    accounts = [f"/v1/people/{p}/slack/{team}/{user}" for p, user in demo.people.items()]
    await _several(demo.call("PUT", account, json={}) for account in accounts)


async def ask_all(demo: Setting, model: str) -> list[Asked]:
    """Ask all for one version; give everybody's card."""
    half = len(NAMES) // 2
    owners = dict(zip(ROLES, (NAMES[:half], NAMES[half:]), strict=True))
    await _ask(demo, {"model": model, "lifecycle": "all", "owners": owners})
    return await _cards(demo, dict.fromkeys(NAMES, model))


async def ask_each(demo: Setting, prefix: str, people: Sequence[str] = NAMES) -> list[Asked]:
    """Ask each for a version of their own; give everybody's card."""
    models = {person: f"{prefix}-{person}" for person in people}
    files = [
        {"model": model, "lifecycle": "one", "owners": {"validator": [person]}}
        for person, model in models.items()
    ]
    await _several(_ask(demo, file) for file in files)
    return await _cards(demo, models)


async def _ask(demo: Setting, file: dict[str, Any]) -> None:
    model = file["model"]
    await demo.call("PUT", f"/v1/models/{model}", json=file)
    artifact = {"uri": "s3://models/one", "digest": digest_of_bytes(model.encode())}
    body = {"version": "1", "artifact": artifact}
    await demo.call("POST", f"/v1/models/{model}/versions", json=body)
    await demo.call("POST", f"/v1/models/{model}/versions/1/requests")


async def _several(calls: Iterable[Awaitable[Got]]) -> list[Got]:
    gate = asyncio.Semaphore(CALLS_AT_ONCE)

    async def one(call: Awaitable[Got]) -> Got:
        async with gate:
            return await call

    return await asyncio.gather(*(one(call) for call in calls))


async def _cards(demo: Setting, models: dict[str, str]) -> list[Asked]:
    def all_(slack: SlackSandbox) -> list[Asked]:
        found = [
            Asked(person, message)
            for person, model in models.items()
            for message in slack.messages(demo.people[person])
            if APPROVE in message.actions and model in str(message.blocks)
        ]
        return found if len(found) == len(models) else []

    return await demo.slack.changed(all_, within=POSTED_WITHIN)


async def press(demo: Setting, cards: list[Asked]) -> list[Delivery]:
    """Approve every card at the same moment; give what became of each click."""

    async def one(asked: Asked) -> Delivery:
        where = asked.message.channel
        return await demo.slack.click(demo.people[asked.person], where, asked.message.ts, APPROVE)

    return await asyncio.gather(*(one(asked) for asked in cards))


async def over(demo: Setting, cards: list[Asked]) -> None:
    """Wait until no card has buttons and each says what came of its click."""

    def holds(slack: SlackSandbox) -> bool:
        now = [slack.message(each.message.channel, each.message.ts) for each in cards]
        return all("Approved" in str(m.blocks) and APPROVE not in m.actions for m in now)

    await demo.slack.changed(holds, within=POSTED_WITHIN)


async def facts_of(demo: Setting, models: Iterable[str]) -> dict[str, list[AnyFact]]:
    """Read what is on record of version 1 of models."""
    engine = open_engine(demo.database_url)
    try:
        async with engine.connect() as connection:
            chains = {m: await read_entries(connection, version_subject(m, "1")) for m in models}
    finally:
        await engine.dispose()
    return {model: [fact_of(entry) for entry in chain] for model, chain in chains.items()}


def approvals(facts: list[AnyFact]) -> Counter[str]:
    """Count the recorded approvals of each person."""
    return Counter(fact.person for fact in facts if isinstance(fact, SignedOff))
