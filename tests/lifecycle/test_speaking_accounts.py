"""Who is heard through a Slack account."""

from datetime import timedelta
from typing import Any

import pytest

from lifecycle.commands import (
    Acknowledge,
    AnswerQuestion,
    AskQuestion,
    Decide,
    Delegate,
    Refused,
    Snooze,
)
from lifecycle.fact_values import Via
from lifecycle.roster import Account, Roster
from lifecycle.speaking_accounts import BARRED, KNOWN_FOR, account_of
from lifecycle.stage_facts import SignedOff
from tests.lifecycle.definitions import one_stage, roster
from tests.lifecycle.world import START, World

VIA = Via(surface="slack", team="T1", slack_user="U1", is_account=True, checked_at=START)
CONFIRMED = Account(team="T1", user="U1", is_confirmed=True)
PROPOSED = Account(team="T1", user="U1")


def knowing(**accounts: Account) -> Roster:
    people = roster()
    known = {
        name: people.people[name].model_copy(update={"accounts": (account,)})
        for name, account in accounts.items()
    }
    return people.model_copy(update={"people": {**people.people, **known}})


def decision(world: World, person: str = "", via: Via = VIA) -> Decide:
    return world.decision("review", "validator", person, via=via)


def test_a_confirmed_account_decides_for_its_person() -> None:
    world = World(one_stage(), knowing(ben=CONFIRMED))
    signed = world.do(decision(world))[0]
    assert isinstance(signed, SignedOff)
    assert (signed.person, signed.via) == ("ben", VIA)


@pytest.mark.parametrize("person", ["", "ben", "cho"])
def test_an_account_that_is_only_proposed_is_told_what_to_do(person: str) -> None:
    world = World(one_stage(), knowing(ben=PROPOSED))
    refused = world.refused(decision(world, person))
    assert refused.code == "unconfirmed-account"
    assert refused.reason == (
        "This Slack account is not confirmed as Ben Ruiz's. Run `undersigned slack link` and send "
        "`/undersigned link CODE` here, or ask an administrator to confirm it."
    )


@pytest.mark.parametrize("identity", ["git:x", "slack:T1/U1"])
def test_who_is_named_beside_an_account_does_not_count(identity: str) -> None:
    people = knowing(cho=CONFIRMED)
    ben = people.people["ben"]
    named = ben.model_copy(update={"identities": (*ben.identities, identity)})
    world = World(
        one_stage(), people.model_copy(update={"people": {**people.people, "ben": named}})
    )
    signed = world.do(decision(world, "ben"))[0]
    assert isinstance(signed, SignedOff)
    assert signed.person == "cho"


def test_an_identity_of_a_people_file_is_no_confirmed_account() -> None:
    people = roster()
    ben = people.people["ben"]
    named = ben.model_copy(update={"identities": (*ben.identities, "slack:T1/U1")})
    world = World(
        one_stage(), people.model_copy(update={"people": {**people.people, "ben": named}})
    )
    refused = world.refused(decision(world, "ben"))
    assert refused.code == "not-an-owner"
    assert "Your Slack account is not linked to anybody asked here" in refused.reason


@pytest.mark.parametrize(
    ("kind", "more"),
    [(Delegate, {"to": "cho"}), (Acknowledge, {}), (Snooze, {"until": "2030-01-01T00:00:00Z"})],
)
def test_nothing_else_is_done_through_an_unconfirmed_account(
    kind: type[Any], more: dict[str, Any]
) -> None:
    world = World(one_stage(), knowing(ben=PROPOSED))
    asked = {"id": "x", "person": "ben", "by": "ben", "via": VIA, **more}
    signoff = decision(world).signoff
    assert world.refused(kind(signoff=signoff, **asked)).code == "unconfirmed-account"


def test_a_question_is_not_answered_through_an_account_by_whoever_it_names() -> None:
    world = World(one_stage(stage={"due": "3 days"}), knowing(ana=PROPOSED))
    signoff = decision(world).signoff
    world.do(AskQuestion(id="q", by="ben", person="ben", signoff=signoff, text="Which?"))
    answer = {"id": "x", "person": "ana", "by": "ana", "via": VIA, "text": "Yes."}
    question = world.state.stages["review"].questions[0].id
    refused = world.refused(AnswerQuestion(question=question, **answer))
    assert refused.code == "unconfirmed-account"


@pytest.mark.parametrize(
    ("via", "person"),
    [
        (VIA, "ben"),
        (VIA.model_copy(update={"enterprise": "E1"}), "ben"),
        (VIA.model_copy(update={"team": "T2", "enterprise": "E1"}), "ben"),
        (VIA.model_copy(update={"team": "T2", "enterprise": "E2"}), None),
        (VIA.model_copy(update={"team": "T2"}), None),
        (VIA.model_copy(update={"slack_user": "U2"}), None),
        (VIA.model_copy(update={"slack_user": None}), None),
        (VIA.model_copy(update={"team": None, "enterprise": "E1"}), "ben"),
    ],
)
def test_an_account_is_found_by_workspace_or_enterprise(via: Via, person: str | None) -> None:
    account = CONFIRMED.model_copy(update={"enterprise": "E1"})
    held = account_of(knowing(ben=account), via)
    assert (held.member.id if held else None) == person


def test_an_account_of_two_people_is_nobodys() -> None:
    other = Account(enterprise="E1", team="T2", user="U1", is_confirmed=True)
    people = knowing(ben=CONFIRMED.model_copy(update={"enterprise": "E1"}), cho=other)
    assert account_of(people, VIA.model_copy(update={"team": "T3", "enterprise": "E1"})) is None
    held = account_of(people, VIA)
    assert held is not None
    assert held.member.id == "ben"


def test_messages_of_earlier_releases_are_judged_as_they_were() -> None:
    world = World(one_stage(), knowing(ben=PROPOSED))
    via = VIA.model_copy(update={"is_account": False})
    signed = world.do(decision(world, "ben", via))[0]
    assert isinstance(signed, SignedOff)
    with pytest.raises(Refused):
        world.do(decision(world, "cho", VIA))


@pytest.mark.parametrize("barred", sorted(BARRED))
def test_an_account_that_may_not_decide_any_more_is_told_why(barred: str) -> None:
    known = CONFIRMED.model_copy(update={"barred": barred})
    by_roster = World(one_stage(), knowing(ben=known))
    by_slack = World(one_stage(), knowing(ben=CONFIRMED))
    said = VIA.model_copy(update={"barred": barred})
    for refused in (
        by_roster.refused(decision(by_roster)),
        by_slack.refused(decision(by_slack, via=said)),
    ):
        assert refused.code == "barred-account"
        assert refused.reason == (
            f"This Slack account {BARRED[barred]}; only full members of the workspace decide here."
        )


@pytest.mark.parametrize(
    ("age", "counts"),
    [
        (timedelta(0), True),
        (KNOWN_FOR, True),
        (KNOWN_FOR + timedelta(seconds=1), False),
        (None, False),
    ],
)
def test_slacks_word_on_an_account_counts_for_a_while(age: timedelta | None, counts: bool) -> None:
    world = World(one_stage(), knowing(ben=CONFIRMED))
    via = VIA.model_copy(update={"checked_at": world.now - age if age is not None else None})
    if counts:
        assert isinstance(world.do(decision(world, via=via))[0], SignedOff)
    else:
        refused = world.refused(decision(world, via=via))
        assert refused.code == "unchecked-account"
        assert "use the API or the command line" in refused.reason


def test_whose_account_it_is_comes_before_what_slack_said_of_it() -> None:
    unchecked = VIA.model_copy(update={"checked_at": None, "barred": "guest"})
    world = World(one_stage(), knowing(ben=PROPOSED))
    assert world.refused(decision(world, via=unchecked)).code == "unconfirmed-account"
    stranger = unchecked.model_copy(update={"slack_user": "U9"})
    assert world.refused(decision(world, via=stranger)).code == "not-an-owner"
