"""Who signs, how many must, and who may not."""

from datetime import timedelta
from typing import Any

import pytest

from lifecycle.commands import RequestReview
from lifecycle.free_seats import can_decide
from tests.lifecycle.definitions import member, one_stage, roster
from tests.lifecycle.world import World, kinds

TWO_OF = {"role": "validator", "quorum": 2}
VALIDATORS: dict[str, tuple[str, ...]] = {"validator": ("ana", "ben", "cho")}


def test_second_approval_meets_the_quorum() -> None:
    world = World(one_stage(TWO_OF), roster(VALIDATORS))
    assert kinds(world.approve("review", "validator", "ana")) == ["SignedOff"]
    assert kinds(world.approve("review", "validator", "ben")) == [
        "SignedOff", "SignoffApproved", "StageApproved", "VersionApproved"
    ]  # fmt: skip


def test_one_person_counts_once_however_often_they_sign() -> None:
    world = World(one_stage(TWO_OF), roster(VALIDATORS))
    world.approve("review", "validator", "ana")
    for name in ("ana", "git:ana", "email:ana@example.com"):
        refused = world.refused(world.decision("review", "validator", name))
        assert refused.code == "already-signed"
    assert world.status("review") == "asking"


@pytest.mark.parametrize(
    ("quorum", "owners", "needed"),
    [
        (1, 3, 1), (3, 3, 3), ("all", 3, 3), ("all", 1, 1), ("50%", 3, 2), ("34%", 3, 2),
        ("33%", 3, 1), ("1%", 3, 1), ("100%", 2, 2), ("67%", 3, 3), ("66%", 3, 2),
    ],
)  # fmt: skip
def test_a_share_of_owners_is_rounded_up(quorum: Any, owners: int, needed: int) -> None:
    people = {"validator": ("ana", "ben", "cho")[:owners]}
    world = World(one_stage({"role": "validator", "quorum": quorum}), roster(people))
    assert world.signoff("review", "validator").needed == needed


def test_all_means_all_owners_who_may_sign() -> None:
    everybody = {"role": "validator", "quorum": "all"}
    world = World(one_stage(everybody), roster(VALIDATORS), requester="ana")
    signoff = world.signoff("review", "validator")
    assert (signoff.asked, signoff.needed) == (("ben", "cho"), 2)


def test_an_owner_added_later_is_asked_and_counts_for_all() -> None:
    everybody = {"role": "validator", "quorum": "all"}
    world = World(one_stage(everybody), roster({"validator": ("ana",)}))
    assert kinds(world.people(roster({"validator": ("ana", "ben")}, number=2))) == [
        "RosterRead", "OwnersChanged"
    ]  # fmt: skip
    assert "StageApproved" not in kinds(world.approve("review", "validator", "ana"))
    assert "StageApproved" in kinds(world.approve("review", "validator", "ben"))


def test_the_vote_of_an_owner_who_left_no_longer_counts() -> None:
    world = World(one_stage(TWO_OF), roster(VALIDATORS))
    world.approve("review", "validator", "ana")
    world.people(roster({"validator": ("ben", "cho")}, number=2))
    assert "StageApproved" not in kinds(world.approve("review", "validator", "ben"))
    assert "StageApproved" in kinds(world.approve("review", "validator", "cho"))
    assert [a.person for a in world.gate().approvals] == ["ben", "cho"]


@pytest.mark.parametrize("name", ["git:ana", "ana", "email:ana@example.com"])
def test_a_producer_never_signs_whatever_name_they_are_known_by(name: str) -> None:
    world = World(one_stage(TWO_OF), roster(VALIDATORS), producers=(name,))
    assert world.signoff("review", "validator").asked == ("ben", "cho")
    refused = world.refused(world.decision("review", "validator", "ana"))
    assert (refused.code, refused.reason) == (
        "producer-may-not-sign",
        "You produced this version; its producers do not sign for it.",
    )


def test_a_requester_never_signs() -> None:
    world = World(one_stage(TWO_OF), roster(VALIDATORS), requester="ben")
    assert world.refused(world.decision("review", "validator", "ben")).code == (
        "requester-may-not-sign"
    )


def test_the_vote_of_somebody_who_asks_for_review_afterwards_does_not_count() -> None:
    world = World(one_stage(TWO_OF), roster(VALIDATORS))
    world.approve("review", "validator", "ana")
    world.request("ana")
    assert "StageApproved" not in kinds(world.approve("review", "validator", "ben"))
    assert "StageApproved" in kinds(world.approve("review", "validator", "cho"))


def test_a_role_that_a_later_requester_approved_is_asked_again() -> None:
    rules = one_stage({"role": "validator"}, {"role": "security"})
    world = World(rules, roster({"validator": ("ana", "ben"), "security": ("dee",)}))
    assert "SignoffApproved" in kinds(world.approve("review", "validator", "ana"))
    facts = world.request("ana")
    assert kinds(facts) == ["ReviewRequested", "StageReopened", "OwnersAsked"]
    assert "StageApproved" not in kinds(world.approve("review", "security", "dee"))
    assert "StageApproved" in kinds(world.approve("review", "validator", "ben"))
    assert {a.person for a in world.gate().approvals} == {"ben", "dee"}


def test_a_role_whose_approver_left_keeps_the_votes_of_the_others_in_the_first_edition() -> None:
    rules = one_stage(TWO_OF, {"role": "security"})
    world = World(rules, roster({**VALIDATORS, "security": ("dee",)}), edition=1)
    world.approve("review", "validator", "ana")
    world.approve("review", "validator", "ben")
    world.people(roster({"validator": ("ben", "cho"), "security": ("dee",)}, number=2))
    assert [v.person for v in world.signoff("review", "validator").votes] == ["ben"]
    world.approve("review", "security", "dee")
    assert "StageApproved" in kinds(world.approve("review", "validator", "cho"))


def test_separation_can_be_lifted_by_the_lifecycle() -> None:
    rules = one_stage(separation={"never": [], "one_person": "any_role"})
    world = World(rules, roster({"validator": ("ana",)}), producers=("git:ana",), requester="ana")
    assert "StageApproved" in kinds(world.approve("review", "validator", "ana"))


def test_a_machine_never_signs() -> None:
    world = World(one_stage(), roster({"validator": ("trainer", "ana")}), producers=("git:gus",))
    assert world.signoff("review", "validator").asked == ("ana",)
    refused = world.refused(world.decision("review", "validator", "trainer"))
    assert refused.reason == "A machine may not sign."


def test_nobody_signs_in_a_role_that_they_gave_themselves() -> None:
    given = {"validator": {"ana": "ana", "ben": "hal"}}
    world = World(one_stage(), roster({"validator": ("ana", "ben")}, given_by=given))
    refused = world.refused(world.decision("review", "validator", "ana"))
    assert refused.code == "self-assigned"
    assert "StageApproved" in kinds(world.approve("review", "validator", "ben"))


@pytest.mark.parametrize("owners", [{}, {"validator": ()}, {"validator": ("nobody-known",)}])
def test_an_empty_set_of_owners_never_passes(owners: dict[str, tuple[str, ...]]) -> None:
    world = World(one_stage({"role": "validator", "quorum": "all"}), roster(owners))
    assert world.status("review") == "unowned"
    assert "nobody may sign" in world.explained()
    assert not world.gate().allowed


def test_somebody_needed_twice_leaves_the_stage_unowned() -> None:
    rules = one_stage(TWO_OF, {"role": "security"})
    world = World(rules, roster({"validator": ("ana", "ben"), "security": ("ana",)}))
    assert world.status("review") == "unowned"
    assert world.explained() == (
        "review: Ana Ruiz is needed twice: for validator and security. Add an owner to one of them."
    )
    found = roster({"validator": ("ana", "ben", "cho"), "security": ("ana",)}, number=2)
    assert kinds(world.people(found)) == ["RosterRead", "OwnersAsked"]


def test_nobody_is_needed_twice_where_one_person_may_sign_any_role() -> None:
    rules = one_stage(TWO_OF, {"role": "security"}, separation={"one_person": "any_role"})
    world = World(rules, roster({"validator": ("ana", "ben"), "security": ("ana",)}))
    world.approve("review", "validator", "ana")
    world.approve("review", "security", "ana")
    assert "StageApproved" in kinds(world.approve("review", "validator", "ben"))


def test_one_person_signs_one_role_of_a_stage() -> None:
    rules = one_stage(TWO_OF, {"role": "security"})
    world = World(rules, roster({**VALIDATORS, "security": ("ana", "dee")}))
    world.approve("review", "validator", "ana")
    refused = world.refused(world.decision("review", "security", "ana"))
    assert refused.reason == "You already signed for validator; one person counts once per stage."


def test_an_approval_that_would_leave_another_seat_empty_is_refused() -> None:
    rules = one_stage({"role": "validator"}, {"role": "security"})
    world = World(rules, roster({"validator": ("ana", "ben"), "security": ("ana",)}))
    refused = world.refused(world.decision("review", "validator", "ana"))
    assert refused.code == "needed-elsewhere"
    assert "Only you can sign as security" in refused.reason
    world.approve("review", "validator", "ben")
    assert "StageApproved" in kinds(world.approve("review", "security", "ana"))


def test_somebody_who_signed_elsewhere_meanwhile_does_not_count_in_both_roles() -> None:
    rules = one_stage(TWO_OF, {"role": "security", "quorum": 2})
    both: dict[str, tuple[str, ...]] = {
        "validator": ("ana", "ben", "cho", "gus"),
        "security": ("ana", "dee", "eve"),
    }
    world = World(rules, roster(both))
    world.approve("review", "validator", "ana")
    world.people(roster({**both, "validator": ("ben", "cho", "gus")}, number=2))
    world.approve("review", "security", "ana")
    world.people(roster(both, number=3))
    assert "SignoffApproved" not in kinds(world.approve("review", "validator", "ben"))
    assert "SignoffApproved" in kinds(world.approve("review", "validator", "cho"))


def test_votes_outlive_a_time_without_enough_owners() -> None:
    world = World(one_stage(TWO_OF), roster(VALIDATORS))
    world.approve("review", "validator", "ana")
    world.people(roster({"validator": ("ana",)}, number=2))
    assert world.status("review") == "unowned"
    world.people(roster({"validator": ("ana", "cho")}, number=3))
    assert (world.status("review"), world.stage("review").round) == ("asking", 2)
    assert "StageApproved" in kinds(world.approve("review", "validator", "cho"))
    assert [(a.person, a.round) for a in world.gate().approvals] == [("ana", 1), ("cho", 2)]


def test_rounds_are_never_used_twice_however_often_owners_go_missing() -> None:
    world = World(one_stage(TWO_OF), roster(VALIDATORS))
    rounds = [world.signoff("review", "validator").round]
    for number in range(2, 8, 2):
        world.people(roster({"validator": ("ana",)}, number=number))
        world.people(roster(VALIDATORS, number=number + 1))
        rounds.append(world.signoff("review", "validator").round)
    assert rounds == [1, 2, 3, 4]


def test_who_left_for_good_does_not_come_back_with_another_revision() -> None:
    world = World(one_stage(TWO_OF), roster(VALIDATORS))
    world.approve("review", "validator", "ana")
    world.people(roster({"validator": ("ana",)}, number=2))
    world.change("sha256:" + "b" * 64)
    world.people(roster({"validator": ("ana", "cho")}, number=3))
    assert world.signoff("review", "validator").votes == ()


@pytest.mark.parametrize(
    ("producers", "words"),
    [
        ((), "No producer is named; register the version with its producers."),
        (("git:zoe",), "Producer git:zoe is not known; link it"),
    ],
)
def test_producers_that_nobody_knows_block(producers: tuple[str, ...], words: str) -> None:
    world = World(one_stage(), roster({"validator": ("ana",)}), producers=producers)
    assert world.status("review") == "collecting"
    assert words in world.explained()
    assert world.waited_for() == [("accountable", "ana")]


def test_linking_the_producer_asks_the_owners() -> None:
    world = World(one_stage(), producers=("git:zoe",))
    zoe = member("trainer", machine=True).model_copy(update={"identities": ("git:zoe",)})
    people = (member("ben"), zoe)
    found = roster({"validator": ("ben",)}, number=2, people=people)
    assert kinds(world.people(found)) == ["RosterRead", "OwnersAsked"]


def test_producers_named_by_a_later_registration_count() -> None:
    world = World(one_stage(), roster({"validator": ("ana", "ben")}), producers=())
    again = {**world.registration, "producers": ("git:ana",)}
    world.do(world.register(again))
    assert world.state.producers == ("git:ana",)
    assert world.signoff("review", "validator").asked == ("ben",)


def test_producers_cannot_be_swapped_by_registering_again() -> None:
    world = World(one_stage(), producers=("git:ana",))
    refused = world.refused(world.register({**world.registration, "producers": ("git:hal",)}))
    assert (refused.code, "other producers" in refused.reason) == ("already-registered", True)


def test_a_lifecycle_may_do_without_producers() -> None:
    world = World(one_stage(producers="optional"), producers=())
    assert world.status("review") == "asking"


def test_those_who_signed_are_no_longer_waited_for() -> None:
    world = World(one_stage(TWO_OF), roster(VALIDATORS))
    world.approve("review", "validator", "ana")
    stage = world.stage("review")
    assert can_decide(world.state, stage, stage.signoffs["validator"]) == ("ben", "cho")


def test_who_asked_for_review_by_a_key_may_not_sign() -> None:
    people = roster()
    ben = people.people["ben"]
    known = ben.model_copy(update={"identities": (*ben.identities, "key:ben1")})
    people = people.model_copy(update={"people": {**people.people, "ben": known}})
    world = World(one_stage(), people)
    world.do(RequestReview(id="by-event", by="key:ben1"))
    refused = world.refused(world.decision("review", "validator", "ben"))
    assert refused.code == "requester-may-not-sign"


ESCALATED: dict[str, Any] = {
    "stage": {"due": "5 days", "escalate": "standard"},
    "escalations": {"standard": [{"after": "100%", "ask": "ciso"}]},
}
WITH_CISO: dict[str, tuple[str, ...]] = {"validator": ("ben",), "ciso": ("hal",)}
SELF_GIVEN = {"ciso": {"hal": "hal"}}


def test_who_made_themselves_the_escalations_target_is_not_asked_by_it() -> None:
    world = World(one_stage(**ESCALATED), roster(WITH_CISO, given_by=SELF_GIVEN))
    world.wait(timedelta(days=6))
    assert world.signoff("review", "validator").escalated == ()
    assert world.refused(world.decision("review", "validator", "hal")).code == "not-an-owner"


def test_a_right_by_escalation_ends_when_its_role_turns_out_to_be_self_given() -> None:
    world = World(one_stage(**ESCALATED), roster(WITH_CISO))
    world.wait(timedelta(days=6))
    assert world.signoff("review", "validator").escalated == ("hal",)
    world.people(roster(WITH_CISO, number=2, given_by=SELF_GIVEN))
    assert world.refused(world.decision("review", "validator", "hal")).code == "self-assigned"
    world.people(roster(WITH_CISO, number=3, given_by={"ciso": {"hal": "dee"}}))
    world.approve("review", "validator", "hal")
    assert world.status("review") == "approved"
