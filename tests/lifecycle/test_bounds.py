"""What a version carries stays small, and deciding stays quick."""

from datetime import timedelta
from time import perf_counter
from typing import Any

import pytest
from pydantic_core import to_json

from lifecycle.commands import ReportDelivery, RequestReview
from lifecycle.decide import decide
from lifecycle.receipts import Receipt
from lifecycle.roster import Member
from lifecycle.state import VersionState
from tests.lifecycle.definitions import classic, digest, one_stage, roster
from tests.lifecycle.world import World

LARGEST_STATE = 256 * 1024
MANY = tuple(f"owner-{number:03}" for number in range(500))


def _size(state: VersionState) -> int:
    return len(to_json(state))


def _crowd() -> tuple[Member, ...]:
    people = [
        Member(
            id=one,
            name=f"Somebody Called {one}",
            manager="owner-000",
            identities=(f"email:{one}@example.com", f"slack:T0123456/{one}", f"git:{one}"),
        )
        for one in MANY
    ]
    return (*people, Member(id="trainer", machine=True, identities=("git:trainer",)))


def _crowded() -> World:
    rules = one_stage(
        {"role": "validator", "quorum": 5}, {"role": "security", "quorum": "10%"},
        stage={"due": "1 days", "escalate": "standard"},
        escalations={"standard": [{"after": "50%", "remind": "owners"}]},
    )  # fmt: skip
    given = {"validator": dict.fromkeys(MANY, "hal"), "security": dict.fromkeys(MANY, "hal")}
    people = roster({"validator": MANY, "security": MANY}, people=_crowd(), given_by=given)
    return World(rules, people)


def test_five_hundred_owners_fit_into_the_state() -> None:
    world = _crowded()
    for index in range(4):
        world.approve("review", "validator", MANY[index])
    for index in range(4, 50):
        world.approve("review", "security", MANY[index])
    world.tick_until(world.now + timedelta(days=2))
    assert len(world.signoff("review", "security").votes) == 46
    assert _size(world.state) < LARGEST_STATE


def test_receipts_of_five_hundred_owners_are_one_fact_and_fit_into_the_state() -> None:
    world = _crowded()
    here = {"stage": "review", "round": 1, "people": MANY, "why": "w" * 200}
    for way in ("slack", "email"):
        both = tuple(
            Receipt(role=role, outcome="failed", way=way, **here)
            for role in ("validator", "security")
        )
        facts = world.do(ReportDelivery(receipts=both))
        assert [fact.kind for fact in facts].count("DeliveryReported") == 1
        assert len(facts) <= 3, "and one for each role, of whom it did not reach"
    assert _size(world.state) < LARGEST_STATE


def test_a_decision_among_five_hundred_owners_is_quick() -> None:
    world = _crowded()
    command = world.decision("review", "validator", MANY[250])
    times = []
    for _ in range(5):
        begin = perf_counter()
        decide(world.state, command, world.now)
        times.append(perf_counter() - begin)
    assert min(times) < 0.05


def test_values_past_their_bound_are_refused_with_what_to_do() -> None:
    world = World(one_stage())
    with pytest.raises(Exception, match="Put the report behind `uri`"):
        world.attach("scan", value={"x": "a" * 16 * 1024})
    world.attach("scan", value={"x": "a" * (16 * 1024 - 8)})


def test_a_sixty_fifth_name_is_refused_and_the_known_ones_go_on() -> None:
    world = World(one_stage())
    for number in range(64):
        world.attach(f"e{number}")
    with pytest.raises(Exception, match="has 64 named pieces of evidence already"):
        world.attach("one-more")
    world.attach("e0", verdict="fail", time=world.now + timedelta(seconds=1))


def _named_evidence(count: int) -> World:
    names = [f"e{number}" for number in range(count)]
    return World(one_stage(stage={"evidence": names}, evidence={name: {} for name in names}))


def test_evidence_may_be_run_again_however_large_what_it_replaces() -> None:
    world = _named_evidence(7)
    big: dict[str, Any] = {"x": "a" * 15_000}
    for again in range(3):
        for number in range(6):
            world.attach(
                f"e{number}", value={**big, "n": again}, time=world.now + timedelta(seconds=again)
            )
    with pytest.raises(Exception, match="would pass 98304 bytes"):
        world.attach("e6", value=big)


def test_evidence_stays_bounded_however_often_the_bytes_change() -> None:
    world = _named_evidence(5)
    largest = 0
    for change in range(30):
        weights = digest(f"weights {change}")
        world.now += timedelta(minutes=1)
        world.change(weights)
        for number in range(5):
            world.attach(
                f"e{number}", subject=weights, uri="s3://" + "u" * 1990,
                value={"x": "a" * 16_000},
            )  # fmt: skip
        largest = max(largest, _size(world.state))
    assert largest < LARGEST_STATE
    assert world.status("review") == "asking"


def test_evidence_that_no_rule_names_is_kept_in_brief() -> None:
    world = World(one_stage())
    for number in range(64):
        for subject in range(6):
            world.attach(
                f"e{number}", subject=digest(str(subject)), uri="s3://" + "u" * 1990,
                value={"x": "a" * 16_000}, time=world.now,
            )  # fmt: skip
    assert _size(world.state) < LARGEST_STATE / 2


def test_long_reasons_sent_back_and_forth_do_not_fill_the_state() -> None:
    world = World(classic())
    world.evidence_arrives()
    for _ in range(40):
        world.approve("data", "data_steward", "ana", comment="c" * 3000)
        world.decline("validate", "validator", "ben", comment="r" * 3000, send_back_to="data")
        world.request()
    assert _size(world.state) < LARGEST_STATE


def test_thousands_of_messages_do_not_fill_the_state() -> None:
    world = World(one_stage())
    for number in range(2600):
        world.do(RequestReview(id=f"event:{number}" + "x" * 100))
    assert _size(world.state) < LARGEST_STATE / 2
    assert len(world.state.seen) == 2000
    assert world.do(RequestReview(id="event:2599" + "x" * 100)) == []
