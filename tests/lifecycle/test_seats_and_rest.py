"""Seats that people fill twice through others, and versions that must come to rest all the same."""

from datetime import timedelta
from typing import Any

import pytest

from lifecycle.commands import Migrate, WithdrawRequest
from lifecycle.definition import Lifecycle
from lifecycle.fact_values import EarlierApproval, Previous, Vote
from lifecycle.instants import next_deadline
from lifecycle.roster import Absence, Roster
from tests.lifecycle.definitions import digest, one_stage, roster
from tests.lifecycle.world import START, World, kinds

DAY = timedelta(days=1)
SECURITY = ("dee", "ben")


def people(validators: tuple[str, ...], number: int, *, is_away: bool) -> Roster:
    """Give a roster in which `ben` holds security too, and is away with `gus` in his place."""
    known = roster({"validator": validators, "security": SECURITY}, number=number)
    absence = Absence(starts=START - DAY, until=START + 90 * DAY, delegate="gus")
    ben = known.people["ben"].model_copy(update={"away": (absence,) if is_away else ()})
    return known.model_copy(update={"people": {**known.people, "ben": ben}})


@pytest.mark.parametrize("delegate_first", [True, False])
def test_an_owner_and_their_delegate_fill_one_seat_of_a_stage(delegate_first: bool) -> None:
    rules = one_stage({"role": "validator", "quorum": 2}, {"role": "security"})
    first, second = ("gus", "ben") if delegate_first else ("ben", "gus")
    world = World(rules, people(("ben", "cho", "eve"), 1, is_away=delegate_first))
    world.approve("review", "validator", first)
    world.people(people(("cho", "eve"), 2, is_away=not delegate_first))
    world.approve("review", "security", second)
    world.people(people(("ben", "cho", "eve"), 3, is_away=not delegate_first))
    world.approve("review", "validator", "cho")

    assert world.status("review") == "asking"
    world.approve("review", "validator", "eve")
    assert world.status("review") == "approved"


def test_who_signed_a_role_here_carries_no_other_from_the_version_before() -> None:
    rules = one_stage(
        {"role": "validator", "quorum": 2},
        {"role": "security", "when": 'model.risk == "high"', "carry_over": True, "binds": []},
    )
    owners: dict[str, tuple[str, ...]] = {"validator": ("ben", "cho"), "security": SECURITY}
    bound = World(rules, roster(owners, risk="high")).signoff("review", "security")
    vote = Vote(person="ben", revision=digest("then"), at=START - 9 * DAY)
    earlier = EarlierApproval(
        signoff="fraud-scorer:13:review:1:security", stage="review", role="security",
        statement=bound.statement, binding=bound.binding, votes=(vote,),
    )  # fmt: skip
    world = World(rules, roster(owners), is_requested=False)
    previous = Previous(version="13", approvals=(earlier,))
    world.state = world.state.model_copy(update={"previous": previous})
    world.request()
    world.approve("review", "validator", "ben")
    world.people(roster(owners, risk="high", number=2))
    world.approve("review", "validator", "cho")

    assert world.status("review") == "asking"
    assert [v.person for v in world.signoff("review", "validator").votes] == ["ben", "cho"]
    assert world.signoff("review", "security").votes == ()


def test_a_stand_in_is_refused_when_everybody_they_stand_in_for_has_signed() -> None:
    rules = one_stage(
        {"role": "validator"},
        {"role": "security", "quorum": 2},
        separation={"one_person": "any_role"},
    )
    world = World(rules, people(("ben",), 1, is_away=True))
    world.approve("review", "validator", "gus")
    world.approve("review", "security", "ben")

    refused = world.refused(world.decision("review", "security", "gus"))
    assert (refused.code, "ben" in str(refused).lower()) == ("already-signed", True)


def test_a_stand_in_who_changes_their_mind_speaks_for_the_same_owner() -> None:
    world = World(
        one_stage({"role": "validator", "quorum": 2}),
        people(("ben", "cho"), 1, is_away=True),
    )
    world.approve("review", "validator", "gus")
    declined = world.decline("review", "validator", "gus")[0]
    assert (declined.kind, getattr(declined, "on_behalf_of", "")) == ("ChangesRequested", "ben")


def two_stages(needs: list[str], **changes: Any) -> Lifecycle:
    """Give stages `a` and `b`."""
    second = {
        "name": "b", "needs": needs, "due": "3 days", "escalate": "standard",
        "signoffs": [{"role": "security", "statement": "I vouch.", "binds": ["artifacts"]}],
    }  # fmt: skip
    first = {
        "name": "a", "needs": [], "evidence": ["datasheet"],
        "signoffs": [
            {"role": "validator", "statement": "I vouch.", "binds": ["evidence.datasheet"]}
        ],
    }  # fmt: skip
    return Lifecycle.model_validate(
        {
            "lifecycle": "two",
            "roles": ["validator", "security"],
            "evidence": {"datasheet": {"from": ["training"]}},
            "escalations": {"standard": [{"after": "2 days", "remind": "owners"}]},
            "gates": {"production": ["a", "b"]},
            "stages": [first, second],
            **changes,
        }
    )


OWNERS: dict[str, tuple[str, ...]] = {"validator": ("ben",), "security": ("dee",)}


def test_a_return_to_a_stage_that_is_needed_no_more_holds_instead() -> None:
    back = {"standard": [{"after": "2 days", "return_to": "a"}]}
    world = World(two_stages(["a"], escalations=back), roster(OWNERS))
    world.attach("datasheet")
    world.approve("a", "validator", "ben")
    world.do(Migrate(id="m", by="key:lead", scopes=("manager",), definition=two_stages([])))

    assert "StageHeld" in kinds(world.wait(3 * DAY))
    assert (world.status("a"), world.status("b")) == ("approved", "held")


def test_a_renewal_that_was_withdrawn_comes_to_rest_when_a_need_falls() -> None:
    trust = {"valid_for": "100 days", "renew_before": "30 days", "renew": ["b"]}
    world = World(two_stages(["a"], trust=trust), roster(OWNERS))
    world.attach("datasheet")
    world.approve("a", "validator", "ben")
    world.approve("b", "security", "dee")
    world.deploy()
    world.tick_until(world.now + 71 * DAY)
    assert (world.status("b"), world.stage("b").round) == ("asking", 2)
    world.do(WithdrawRequest(id="w", by="key:lead", scopes=("manager",)))
    world.attach("datasheet", digest=digest("another report"))
    world.request()

    assert (world.status("a"), world.status("b")) == ("asking", "waiting")
    assert world.stage("b").standing is None
    world.tick_until(world.now + 90 * DAY)
    assert next_deadline(world.state) is None
