"""Separation of duties: what a person did keeps them, and who stands in for them, from signing."""

from datetime import timedelta
from typing import Any

import pytest

from lifecycle.commands import Delegate, WithdrawAnswer
from lifecycle.definition import Lifecycle
from lifecycle.free_seats import can_decide
from lifecycle.roster import Absence, Member, Roster
from lifecycle.values import signoff_id
from tests.lifecycle.definitions import MODEL, OTHER, VERSION, member, one_stage, roster
from tests.lifecycle.world import START, World, kinds

VALIDATORS: dict[str, tuple[str, ...]] = {"validator": ("ana", "ben", "cho"), "ciso": ("fay",)}
NO_AUTHORS = {"separation": {"never": ["producer", "requester", "commit_author"]}}
ESCALATED: dict[str, Any] = {
    "stage": {"due": "5 days", "escalate": "standard"},
    "escalations": {"standard": [{"after": "100%", "ask": "ciso"}]},
}


def _with(known: Roster, *members: Member) -> Roster:
    return known.model_copy(update={"people": {**known.people, **{m.id: m for m in members}}})


def _away(person: str, delegate: str) -> Member:
    leave = Absence(starts=START, until=START + timedelta(days=9), delegate=delegate)
    return member(person).model_copy(update={"away": (leave,)})


def two_stages(**second: Any) -> Lifecycle:
    """Give a lifecycle whose second stage the signers of the first may not sign."""
    return Lifecycle.model_validate(
        {
            "lifecycle": "two",
            "roles": ["validator", "security", "ciso"],
            "gates": {"production": ["release"]},
            "stages": [
                {"name": "validate", "signoffs": [{"role": "validator", "statement": "Valid."}]},
                {
                    "name": "release",
                    "independent_of": ["validate"],
                    "signoffs": [{"role": "security", "statement": "Safe."}],
                    **second,
                },
            ],
        }
    )


BOTH: dict[str, tuple[str, ...]] = {"validator": ("ana", "ben"), "security": ("ana", "dee")}


@pytest.mark.parametrize("name", ["git:ana", "ana", "email:ana@example.com"])
def test_an_author_of_the_code_never_signs_whatever_name_they_are_known_by(name: str) -> None:
    world = World(one_stage(**NO_AUTHORS), roster(VALIDATORS), commit_authors=(name, "git:gus"))
    assert world.signoff("review", "validator").asked == ("ben", "cho")
    refused = world.refused(world.decision("review", "validator", "ana"))
    assert refused.code == "commit-author-may-not-sign"
    assert refused.reason == (
        "You wrote code of this version; authors of its commits do not sign for it."
    )


def test_an_author_of_the_code_may_sign_where_the_lifecycle_does_not_exclude_them() -> None:
    world = World(one_stage(), roster(VALIDATORS), commit_authors=("git:ana",))
    assert "StageApproved" in kinds(world.approve("review", "validator", "ana"))


@pytest.mark.parametrize(
    ("authors", "words"),
    [
        ((), "No commit author is named; register the version with its `commit_authors`."),
        (("git:zoe",), "Commit author git:zoe is not known; link it"),
    ],
)
def test_authors_that_nobody_knows_block_where_they_are_excluded(
    authors: tuple[str, ...], words: str
) -> None:
    world = World(one_stage(**NO_AUTHORS), roster(VALIDATORS), commit_authors=authors)
    assert world.status("review") == "collecting"
    assert words in world.explained()


def test_authors_named_by_a_later_registration_count_and_are_never_swapped() -> None:
    world = World(one_stage(**NO_AUTHORS), roster(VALIDATORS))
    world.do(world.register({**world.registration, "commit_authors": ("git:ana",)}))
    assert world.signoff("review", "validator").asked == ("ben", "cho")
    again = {**world.registration, "commit_authors": ("git:ben",)}
    assert "other commit authors" in world.refused(world.register(again)).reason


def test_who_signed_a_named_earlier_stage_may_not_sign_a_later_one() -> None:
    world = World(two_stages(), roster(BOTH))
    world.approve("validate", "validator", "ana")
    assert world.signoff("release", "security").asked == ("dee",)
    refused = world.refused(world.decision("release", "security", "ana"))
    assert (refused.code, refused.reason) == (
        "signed-earlier-stage",
        "You signed validate; this stage is independent of those who did.",
    )
    assert "StageApproved" in kinds(world.approve("release", "security", "dee"))


LATER = "You signed release, which stands and is independent of those who sign here; somebody else"


@pytest.mark.parametrize(
    ("stage", "person", "code"),
    [
        ({}, "ana", "signed-later-stage"),
        ({}, "ben", None),
        ({"independent_of": []}, "ana", None),
    ],
)
def test_who_signed_what_is_independent_of_a_stage_does_not_sign_that_one_later(
    stage: dict[str, Any], person: str, code: str | None
) -> None:
    world = World(two_stages(**stage), roster(BOTH))
    world.approve("validate", "validator", "ben")
    world.approve("release", "security", "ana")
    back = {"signoff": "fraud-scorer:14:validate:1:validator", "person": "ben", "by": "ben"}
    world.do(WithdrawAnswer(id="back", **back))
    answer = world.decision("validate", "validator", person)
    if code is None:
        assert "StageApproved" in kinds(world.do(answer))
        return
    refused = world.refused(answer)
    assert (refused.code, refused.reason) == (code, f"{LATER} must sign.")
    assert not world.gate().allowed


def test_without_independence_the_same_person_signs_both_stages() -> None:
    world = World(two_stages(independent_of=[]), roster(BOTH))
    world.approve("validate", "validator", "ana")
    assert "StageApproved" in kinds(world.approve("release", "security", "ana"))


def test_a_stage_whose_only_owner_signed_before_is_unowned() -> None:
    world = World(two_stages(), roster({**BOTH, "security": ("ana",)}))
    world.approve("validate", "validator", "ana")
    assert world.status("release") == "unowned"
    assert "Ana Ruiz may not sign (signed earlier stage)." in world.explained()


def test_an_owner_whose_delegate_signed_an_earlier_stage_is_a_signer_of_it() -> None:
    world = World(two_stages(), _with(roster(BOTH), _away("ana", "gus")))
    world.approve("validate", "validator", "gus")
    assert world.signoff("release", "security").asked == ("dee",)
    for person in ("ana", "gus"):
        assert world.refused(world.decision("release", "security", person)).code == (
            "signed-earlier-stage"
        )


@pytest.mark.parametrize("excluded", ["ana", "gus", "hal"])
def test_who_stands_in_inherits_what_keeps_anybody_on_the_way_from_signing(excluded: str) -> None:
    people = _with(roster(VALIDATORS), _away("ana", "gus"), _away("gus", "hal"))
    world = World(one_stage(), people, producers=(f"git:{excluded}",))
    stage = world.stage("review")
    assert can_decide(world.state, stage, stage.signoffs["validator"])[-1] == "cho"
    assert world.refused(world.decision("review", "validator", "hal")).code in {
        "producer-may-not-sign",
        "not-an-owner",
    }


def test_a_delegate_of_an_owner_who_asked_for_the_review_signs_nothing() -> None:
    world = World(one_stage({"role": "validator", "quorum": 2}), roster(VALIDATORS))
    world.do(
        Delegate(
            id="delegate",
            person="ana",
            signoff=signoff_id(MODEL, VERSION, "review", 1, "validator"),
            to="gus",
        )
    )
    world.approve("review", "validator", "gus")
    assert "DelegationEnded" in kinds(world.request("ana"))
    assert "StageApproved" not in kinds(world.approve("review", "validator", "ben"))
    assert "StageApproved" in kinds(world.approve("review", "validator", "cho"))


def _escalated(owners: dict[str, tuple[str, ...]]) -> World:
    world = World(one_stage(**ESCALATED), roster(owners))
    world.wait(timedelta(days=6))
    return world


def test_who_stands_in_only_for_owners_who_may_not_sign_may_not_either() -> None:
    world = _escalated({"validator": ("ben",), "ciso": ("hal",)})
    assert world.signoff("review", "validator").stands_for == {"hal": ("ben",)}
    world.people(roster({"validator": ("ben", "cho"), "ciso": ("hal",)}, number=2))
    world.request("ben")
    refused = world.refused(world.decision("review", "validator", "hal"))
    assert refused.code == "requester-may-not-sign"
    assert refused.reason.startswith("You stand in for Ben Ruiz, who asked for this review;")


def test_who_stands_in_for_others_too_may_sign() -> None:
    world = _escalated({"validator": ("ben", "cho"), "ciso": ("hal",)})
    world.request("ben")
    assert "StageApproved" in kinds(world.approve("review", "validator", "hal"))


def test_nobody_signs_in_a_role_they_gave_themselves_through_a_delegation() -> None:
    given = {"validator": {"gus": "gus"}}
    people = _with(roster(VALIDATORS, given_by=given), _away("ana", "gus"))
    world = World(one_stage(), people)
    assert world.signoff("review", "validator").asked == ("ben", "cho")
    assert world.refused(world.decision("review", "validator", "gus")).code == "self-assigned"


@pytest.mark.parametrize("is_kept", [False, True])
def test_who_stood_in_loses_an_approved_role_with_whom_they_stood_in_for(is_kept: bool) -> None:
    chain = [{"after": "50%", "ask": "manager"}]
    reports = {"ben": "hal", "dee": "gus", "eve": "gus", "gus": None, "hal": None}
    people = tuple(member(name, manager=manager) for name, manager in reports.items())
    known = (*people, member("trainer", machine=True))
    world = World(
        one_stage(
            {"role": "validator", "binds": []},
            {"role": "security"},
            stage={"due": "2 days", "escalate": "chain"},
            escalations={"chain": chain},
        ),
        roster({"validator": ("ben",), "security": ("dee", "eve")}, people=known),
    )
    world.wait(timedelta(days=1))
    assert "SignoffApproved" in kinds(world.approve("review", "validator", "hal"))
    if is_kept:
        world.approve("review", "security", "dee")
        assert "SignoffApproved" in kinds(world.change(OTHER))
    assert world.signoff("review", "validator").stands_for["hal"] == ("ben",)
    assert "StageReopened" in kinds(world.request("ben"))
