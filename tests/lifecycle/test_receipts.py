"""Whom requests reached: on record once, said of each person, never in a circle."""

from typing import Any

import pytest

from lifecycle.commands import ReportDelivery, Retire
from lifecycle.explain import explain
from lifecycle.projecting import view
from lifecycle.receipts import Receipt
from lifecycle.signoff_facts import DeliveryReported
from lifecycle.view import AskedView
from tests.lifecycle.definitions import classic, one_stage
from tests.lifecycle.world import World, kinds


def receipt(outcome: Any, *people: str, **changes: Any) -> Receipt:
    known = {"stage": "review", "round": 1, "role": "validator", "people": people}
    return Receipt(outcome=outcome, **{**known, **changes})


def reported(*receipts: Receipt) -> World:
    world = World(one_stage())
    world.do(ReportDelivery(receipts=receipts))
    return world


def asked(world: World, person: str, stage: int = 0) -> AskedView:
    [signoff] = view(world.state).stages[stage].signoffs
    return next(each for each in signoff.asked if each.person == person)


def said(world: World, person: str) -> tuple[str, str, str]:
    one = asked(world, person)
    return one.delivery, one.delivered_by, one.undelivered


def test_many_receipts_are_one_fact_and_each_person_has_theirs() -> None:
    world = World(one_stage())
    sent, missing = receipt("sent", "ben"), receipt("not in Slack", "cho", why="users_not_found")
    fact, *_ = world.do(ReportDelivery(receipts=(sent, missing)))
    assert kinds(world.facts).count("DeliveryReported") == 1
    assert isinstance(fact, DeliveryReported)
    assert fact.receipts == (sent, missing)
    assert said(world, "ben") == ("sent", "slack", "")
    assert said(world, "cho") == ("not in Slack", "", "no account with cho@example.com")


def test_the_same_receipts_again_are_no_fact() -> None:
    world = reported(receipt("sent", "ben"), receipt("failed", "cho", why="channel_not_found"))
    again = (receipt("failed", "cho", why="channel_not_found"), receipt("sent", "ben"))
    assert world.do(ReportDelivery(receipts=again)) == []


def test_of_some_receipts_only_the_news_are_recorded() -> None:
    world = reported(receipt("sent", "ben"))
    [fact] = world.do(ReportDelivery(receipts=(receipt("sent", "ben", "cho"),)))
    assert isinstance(fact, DeliveryReported)
    assert [one.people for one in fact.receipts] == [("cho",)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("failed", "channel_not_found"), ("failed", "not_in_channel")),
        (("not in Slack", "no e-mail"), ("failed", "channel_not_found")),
        (("sent", ""), ("failed", "message_not_found")),
    ],
)
def test_what_gets_no_better_is_no_news_so_that_showing_comes_to_rest(
    before: tuple[str, str], after: tuple[str, str]
) -> None:
    world = reported(receipt(before[0], "ben", why=before[1]))
    assert world.do(ReportDelivery(receipts=(receipt(after[0], "ben", why=after[1]),))) == []


def test_a_request_that_is_delivered_later_is_news_for_that_person_alone() -> None:
    world = reported(receipt("failed", "ben", "cho", why="token_revoked"))
    assert said(world, "ben")[2] == "the token of the Slack app is revoked"
    world.do(ReportDelivery(receipts=(receipt("sent", "ben"),)))
    assert said(world, "ben") == ("sent", "slack", "")
    assert said(world, "cho")[0] == "failed"


def test_who_has_it_by_email_is_reached_and_why_not_in_slack_is_said() -> None:
    world = reported(
        receipt("not in Slack", "cho", why="users_not_found"), receipt("sent", "cho", way="email")
    )
    assert said(world, "cho") == ("sent", "email", "no account with cho@example.com")
    [why] = [each.why for each in explain(world.state).waiting if each.who == "cho"]
    assert why.endswith("The request went by e-mail (no account with cho@example.com).")


def test_whom_neither_way_reaches_is_said_with_both_reasons() -> None:
    world = reported(
        receipt("failed", "cho", why="user_not_found"),
        receipt("failed", "cho", way="email", why="550 no such user"),
    )
    assert said(world, "cho") == ("failed", "", "user_not_found; by e-mail: 550 no such user")
    [why] = [each.why for each in explain(world.state).waiting if each.who == "cho"]
    assert "did not reach them (user_not_found; by e-mail: 550 no such user)" in why


@pytest.mark.parametrize(
    "stray", [{"stage": "release"}, {"round": 2}, {"role": "security"}, {"people": ()}]
)
def test_receipts_of_what_is_not_asked_change_nothing(stray: dict[str, Any]) -> None:
    world = World(one_stage())
    assert world.do(ReportDelivery(receipts=(receipt("sent", "ben", **stray),))) == []


def test_receipts_of_what_is_decided_or_over_change_nothing() -> None:
    world = World(one_stage())
    world.approve("review", "validator", "ben")
    assert world.do(ReportDelivery(receipts=(receipt("sent", "ben"),))) == []
    world.do(Retire(id="retire"))
    assert world.do(ReportDelivery(receipts=(receipt("sent", "ben"),))) == []


def test_the_next_round_begins_with_no_receipts() -> None:
    world = World(classic())
    world.evidence_arrives()
    world.do(ReportDelivery(receipts=(receipt("sent", "ana", stage="data", role="data_steward"),)))
    assert asked(world, "ana").delivery == "sent"
    world.decline("data", "data_steward", "ana")
    world.request()
    assert world.stage("data").round == 2
    assert asked(world, "ana").delivery == ""


def test_a_receipt_changes_nothing_of_who_may_sign_and_approves_nothing() -> None:
    world, plain = World(one_stage()), World(one_stage())
    world.do(ReportDelivery(receipts=(receipt("sent", "ben", "cho"),)))
    assert kinds(world.facts)[-1] == "DeliveryReported"
    assert world.gate().allowed is plain.gate().allowed is False
    for each in (world, plain):
        each.approve("review", "validator", "ben")
    assert kinds(world.facts)[-3:] == kinds(plain.facts)[-3:]
