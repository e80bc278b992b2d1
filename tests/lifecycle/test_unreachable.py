"""A request that can't reach somebody escalates at once: others hear, once, or may sign."""

from datetime import timedelta
from typing import Any

import pytest

from lifecycle.commands import AskQuestion, ReportDelivery
from lifecycle.facts import AnyFact
from lifecycle.receipts import Receipt
from lifecycle.signoff_facts import StepHastened, UnreachedTold
from lifecycle.stage_facts import EscalationAsked, EscalationTold
from lifecycle.state import EDITION
from lifecycle.values import signoff_id
from tests.lifecycle.definitions import MODEL, VERSION, member, one_stage, roster
from tests.lifecycle.world import START, World, kinds

HOUR = timedelta(hours=1)
TELL: dict[str, Any] = {"after": "10 hours", "tell": "manager"}
ASK: dict[str, Any] = {"after": "20 hours", "ask": "ciso"}
REMIND: dict[str, Any] = {"after": "5 hours", "remind": "owners"}
END: dict[str, Any] = {"after": "40 hours", "expire": True}
NO_ACCOUNT = "users_not_found"


def world(*steps: dict[str, Any], roles: tuple[str, ...] = ("validator",), **options: Any) -> World:
    stage = {"due": "50 hours", **({"escalate": "standard"} if steps else {})}
    rules = one_stage(
        *({"role": role} for role in roles),
        stage=stage,
        **({"escalations": {"standard": list(steps)}} if steps else {}),
    )
    return World(rules, **options)


def receipt(outcome: Any, *people: str, why: str = "", **changes: Any) -> Receipt:
    known = {"stage": "review", "round": 1, "role": "validator", "people": people}
    return Receipt(outcome=outcome, why=why, **{**known, **changes})


def missing(*people: str, **changes: Any) -> Receipt:
    return receipt("not in Slack", *people, why=NO_ACCOUNT, **changes)


def report(world: World, *receipts: Receipt, mails: bool = True) -> list[AnyFact]:
    """Report receipts; give what follows on the fact of them."""
    return world.do(ReportDelivery(receipts=receipts, mails=mails))[1:]


def only(facts: list[AnyFact], kind: type[Any]) -> Any:
    (found,) = (fact for fact in facts if isinstance(fact, kind))
    return found


def text(world: World) -> str:
    return world.state.notices[-1].text


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ((TELL,), ("hal",)),
        ((REMIND, TELL, ASK), ("hal",)),
        ((ASK,), ("fay",)),
        (({"after": "10 hours", "tell": "person:eve"},), ("eve",)),
        ((), ("hal",)),
        ((END,), ("hal",)),
        (({"after": "10 hours", "tell": "validator"},), ("ben",)),
    ],
)
def test_whom_the_next_step_reaches_hears_at_once_else_a_manager(
    steps: tuple[dict[str, Any], ...], told: tuple[str, ...]
) -> None:
    one = world(*steps)
    [fact] = report(one, receipt("sent", "ben"), missing("cho"))
    assert isinstance(fact, UnreachedTold)
    assert (fact.about, fact.people, fact.step) == (("cho",), told, None)
    assert fact.at == START
    assert one.state.notices[-1].people == told


def test_without_a_manager_it_is_who_answers_for_the_stage() -> None:
    known = {**roster().people, "cho": member("cho")}
    one = world(people=roster(people=tuple(known.values())))
    assert only(report(one, receipt("sent", "ben"), missing("cho")), UnreachedTold).people == (
        "ben",
    )


def test_the_sentence_says_who_why_and_that_it_goes_by_mail() -> None:
    one = world(TELL)
    report(one, receipt("sent", "ben"), missing("cho"))
    assert text(one) == (
        f"{MODEL} {VERSION}, stage review: Cho Ruiz can't be reached in Slack "
        "(no account with cho@example.com). Their request goes by e-mail."
    )
    without = world(TELL)
    report(without, receipt("sent", "ben"), missing("cho"), mails=False)
    assert text(without).endswith("(no account with cho@example.com).")


def test_nobody_is_told_of_the_same_person_twice_in_a_round() -> None:
    one = world(TELL)
    assert len(report(one, receipt("sent", "ben"), missing("cho"))) == 1
    assert report(one, receipt("sent", "cho", way="email")) == []
    assert report(one, missing("cho"), receipt("sent", "ben")) == []
    assert kinds(one.facts).count("UnreachedTold") == 1


def test_many_are_one_fact_and_one_notice_that_stays_short() -> None:
    crowd = tuple(f"p{number:03}" for number in range(300))
    people = (
        *(member(each, manager="hal") for each in crowd),
        member("hal"),
        member("trainer", machine=True),
    )
    one = world(TELL, people=roster({"validator": crowd}, people=people))
    [fact] = report(one, missing(*crowd))
    assert fact.kind == "UnreachedTold"
    [notice] = one.state.notices
    assert "Nor can 290 more be reached." in notice.text
    assert len(notice.text) < 1_500


def test_two_roles_are_one_message_to_whom_both_are_told() -> None:
    one = world(TELL, roles=("validator", "security"))
    facts = report(one, missing("cho"), receipt("sent", "ben"), missing("dee", role="security"))
    assert kinds(facts) == ["UnreachedTold", "UnreachedTold"]
    [notice] = one.state.notices
    assert len(notice.parts) == 2
    assert notice.people == ("hal",)


def test_when_nobody_is_reached_in_any_way_the_next_step_is_told_now_and_not_again() -> None:
    one = world(TELL, ASK)
    fact = only(report(one, missing("ben", "cho"), mails=False), UnreachedTold)
    assert (fact.people, fact.step) == (("hal",), 0)
    assert text(one).endswith("Nobody who may sign as validator was reached.")
    facts = one.tick_until(START + 30 * HOUR)
    assert kinds(facts) == ["EscalationAsked"]
    assert only(facts, EscalationAsked).at == START + 20 * HOUR


def test_when_nobody_is_reached_in_any_way_whom_the_chain_asks_may_sign_now() -> None:
    one = world(REMIND, ASK, END)
    facts = report(one, missing("ben", "cho"), mails=False)
    assert kinds(facts) == ["StepHastened", "EscalationAsked"]
    asked = only(facts, EscalationAsked)
    assert (asked.people, asked.roles, asked.at) == (("fay",), ("validator",), START)
    assert "Ben Ruiz and Cho Ruiz are out of reach." in text(one)
    assert kinds(one.approve("review", "validator", "fay"))[0] == "SignedOff"


def test_only_a_letter_that_failed_too_makes_nobody_of_them() -> None:
    one = world(ASK)
    assert kinds(report(one, missing("ben", "cho"))) == ["UnreachedTold"]
    assert report(one, receipt("failed", "ben", way="email", why="550 no such user")) == []
    facts = report(one, receipt("failed", "cho", way="email", why="550 no such user"))
    assert kinds(facts) == ["StepHastened", "EscalationAsked"]


def test_when_letters_fail_too_whom_the_chain_tells_hears_of_it_again_with_both_reasons() -> None:
    one = world(TELL)
    report(one, missing("ben", "cho"))
    assert text(one).endswith("Their requests go by e-mail.")
    one.now += HOUR
    failed = receipt("failed", "ben", "cho", way="email", why="550 no such user")
    assert only(report(one, failed), UnreachedTold).about == ("ben", "cho")
    assert "no account with ben@example.com; by e-mail: 550 no such user" in text(one)
    assert one.tick_until(START + 30 * HOUR) == []


def test_a_step_that_other_roles_wait_for_keeps_its_time_for_them() -> None:
    one = world(ASK, roles=("validator", "security"))
    facts = report(one, missing("ben", "cho"), receipt("sent", "dee", role="security"), mails=False)
    assert only(facts, EscalationAsked).roles == ("validator",)
    later = only(one.tick_until(START + 30 * HOUR), EscalationAsked)
    assert (later.roles, later.at) == (("security",), START + 20 * HOUR)


@pytest.mark.parametrize("end", [{"hold": True}, {"expire": True}])
def test_what_ends_a_request_is_never_hastened(end: dict[str, Any]) -> None:
    one = world({"after": "20 hours", **end})
    facts = report(one, missing("ben", "cho"), mails=False)
    assert kinds(facts) == ["UnreachedTold"]
    assert one.status("review") == "asking"


def test_one_step_is_hastened_in_a_round_and_no_more() -> None:
    one = world(ASK, {"after": "30 hours", "ask": "data_steward"})
    report(one, missing("ben", "cho"), mails=False)
    facts = report(one, missing("fay"), mails=False)
    assert [fact for fact in facts if isinstance(fact, StepHastened | EscalationAsked)] == []


@pytest.mark.parametrize("code", ["token_revoked", "invalid_auth", "account_inactive"])
def test_a_lost_token_is_nobodys_absence(code: str) -> None:
    one = world(TELL, ASK)
    lost = receipt("failed", "ben", "cho", why=code)
    assert report(one, lost, mails=False) == []
    # What it hid is found once the token is good.
    assert only(report(one, missing("cho"), receipt("sent", "ben")), UnreachedTold).about == (
        "cho",
    )


def test_while_the_clock_stands_nobody_is_told() -> None:
    one = world(TELL)
    id_ = signoff_id(MODEL, VERSION, "review", 1, "validator")
    one.do(AskQuestion(id="q", by="ben", person="ben", signoff=id_, text="Why?"))
    assert report(one, missing("cho"), receipt("sent", "ben")) == []


def test_the_first_edition_of_the_rules_tells_nobody() -> None:
    assert EDITION > 1
    one = world(TELL, edition=1)
    assert report(one, missing("ben", "cho"), mails=False) == []


def test_no_receipt_ever_approves_anything() -> None:
    one = world(TELL, ASK)
    report(one, missing("ben", "cho"), mails=False)
    report(one, receipt("sent", "ben", "cho"))
    assert one.status("review") == "asking"
    assert not one.gate().allowed
    assert not any(isinstance(fact, EscalationTold) for fact in one.facts)
