"""How fast a stage may reopen: a quiet before owners are asked, a hold when it loops."""

from datetime import timedelta
from typing import Any

import pytest

from lifecycle.commands import Prepare, Register, Release, RequestReview
from lifecycle.definition import Lifecycle, Reopenings
from lifecycle.facts import AnyFact
from lifecycle.instants import next_deadline
from lifecycle.projecting import view
from lifecycle.signoff_facts import StageHeld
from lifecycle.stage_facts import StageReopened
from lifecycle.state import EDITION, blank
from tests.lifecycle.definitions import (
    MODEL,
    OTHER,
    VERSION,
    WEIGHTS,
    classic,
    digest,
    one_stage,
    roster,
)
from tests.lifecycle.world import World, kinds

MINUTE = timedelta(minutes=1)
SLOW = {"at_most": 2, "within": "1 hours"}
QUIET = {"at_most": 100, "quiet": "5 minutes"}


def _signed(pace: dict[str, Any], *asked: dict[str, Any], **changes: Any) -> World:
    """Give a version that is asked, and whose validator has signed."""
    signoffs = asked or ({"role": "validator", "quorum": 2},)
    world = World(one_stage(*signoffs, reopenings=pace, **changes))
    world.approve("review", "validator", "ben")
    return world


def _changed(world: World, times: int) -> list[AnyFact]:
    facts: list[AnyFact] = []
    for number in range(times):
        world.now += MINUTE
        facts = world.change(digest(f"{number} at {world.now}"))
        if world.status("review") == "asking":
            world.approve("review", "validator", "ben")
    return facts


def test_a_stage_that_reopens_too_often_is_held_and_who_answers_for_it_is_told_once() -> None:
    world = _signed(SLOW)
    _changed(world, 2)
    assert world.status("review") == "asking"
    facts = _changed(world, 1)
    (held,) = [f for f in facts if isinstance(f, StageHeld)]
    assert kinds(facts)[-1] == "StageHeld"
    assert held.told == ("ben", "cho", "hal")
    assert held.why.startswith("It was reopened 3 times within 1 hour, at most 2 are allowed;")
    assert world.status("review") == "held"
    assert world.waited_for() == [("accountable", "ben"), ("accountable", "cho")]
    assert next_deadline(world.state) is None
    assert kinds(_changed(world, 3)) == ["ArtifactChanged"]
    assert view(world.state).stages[0].status == "held"


def test_reopenings_spread_over_more_time_hold_nothing() -> None:
    world = _signed(SLOW)
    for _ in range(5):
        world.now += timedelta(minutes=31)
        _changed(world, 1)
    assert world.status("review") == "asking"


def _release(world: World, person: str = "", **given: Any) -> Release:
    world.sent += 1
    return Release(id=f"release-{world.sent}", stage="review", person=person, **given)


def _held() -> World:
    world = _signed(SLOW)
    _changed(world, 3)
    return world


RELEASED: list[tuple[dict[str, Any], str]] = [
    ({"person": "cho"}, ""),
    ({"by": "key:lead", "scopes": ("manager",)}, ""),
    ({"by": "key:root", "scopes": ("admin",)}, ""),
    ({"person": "dee"}, "may-not-release"),
    ({"by": "key:ci", "scopes": ("pipeline",)}, "not-an-owner"),
    ({"person": "cho", "stage": "absent"}, "unknown-stage"),
]


@pytest.mark.parametrize(("given", "code"), RELEASED)
def test_who_answers_for_a_held_stage_releases_it(given: dict[str, Any], code: str) -> None:
    world = _held()
    command = _release(world).model_copy(update=given)
    if code:
        assert world.refused(command).code == code
        assert world.status("review") == "held"
    else:
        assert kinds(world.do(command)) == ["StageReleased", "OwnersAsked"]
        world.approve("review", "validator", "ben")
        assert "StageApproved" in kinds(world.approve("review", "validator", "cho"))


def test_after_a_release_the_count_begins_anew() -> None:
    world = _held()
    world.do(_release(world, "ben"))
    world.approve("review", "validator", "ben")
    _changed(world, 2)
    assert world.status("review") == "asking"
    _changed(world, 1)
    assert world.status("review") == "held"


def test_a_stage_that_is_not_held_is_not_released() -> None:
    world = _signed(SLOW)
    assert world.refused(_release(world, "ben")).code == "not-held"


def test_nobody_who_made_themselves_accountable_releases() -> None:
    world = _held()
    given = {"validator": {"ben": "ben"}}
    world.people(roster(number=2, given_by=given))
    assert world.refused(_release(world, "ben")).code == "may-not-release"


def test_reopenings_that_people_decide_don_t_count() -> None:
    world = World(one_stage(reopenings={"at_most": 1}))
    for _ in range(4):
        world.decline("review", "validator", "ben")
        world.request()
    assert world.status("review") == "asking"


def test_a_held_stage_whose_gate_stood_open_closes_it_for_changed_bytes_and_stays_held() -> None:
    world = World(classic(reopenings={"at_most": 1}))
    world.approve_classic()
    world.alert("drift")
    world.approve("validate", "validator", "ben")
    world.approve("validate", "validator", "cho")
    world.alert("drift")
    assert world.status("validate") == "held"
    assert world.gate().allowed
    facts = world.attach("evaluation", verdict="fail", time=world.now + MINUTE)
    assert kinds(facts)[1:3] == ["StageReopened", "StageHeld"]
    assert [f.told for f in facts if isinstance(f, StageHeld)] == [()]
    assert not world.gate().allowed


def test_without_a_pace_nothing_is_held_and_nobody_is_left_alone() -> None:
    world = World(one_stage({"role": "validator", "quorum": 2}))
    world.approve("review", "validator", "ben")
    facts = _changed(world, 9)
    assert kinds(facts) == ["ArtifactChanged", "StageReopened", "OwnersAsked"]
    assert [f.quiet_until for f in facts if isinstance(f, StageReopened)] == [None]


def _of_organisation(rules: Lifecycle, pace: Reopenings) -> World:
    world = World(rules)
    world.state, world.facts = blank(MODEL, VERSION), []
    world.do(Register(id="register", by="key:ci", **world.registration))
    world.do(Prepare(definition=rules, roster=roster(), edition=EDITION, pace=pace))
    world.do(RequestReview(id="request", by="key:ci"))
    world.approve("review", "validator", "ben")
    return world


ORGANISATION = Reopenings.model_validate({"at_most": 1, "quiet": "30 seconds"})
PACES = [
    ({}, 1, timedelta(seconds=30)),
    ({"at_most": 3}, 3, timedelta(seconds=30)),
    ({"at_most": 3, "quiet": "2 minutes"}, 3, timedelta(minutes=2)),
]


@pytest.mark.parametrize(("own", "at_most", "quiet"), PACES)
def test_the_organisation_s_pace_holds_where_the_definition_says_nothing(
    own: dict[str, Any], at_most: int, quiet: timedelta
) -> None:
    changes = {"reopenings": own} if own else {}
    world = _of_organisation(one_stage({"role": "validator", "quorum": 2}, **changes), ORGANISATION)
    for number in range(at_most):
        assert next_deadline(world.state) is None
        world.change(digest(f"{number}"))
        assert next_deadline(world.state) == world.now + quiet
        world.tick_until(world.now + quiet)
        world.approve("review", "validator", "ben")
    assert kinds(world.change(digest("once more")))[-1] == "StageHeld"


def test_owners_are_asked_after_the_quiet_and_only_once_whatever_changes_meanwhile() -> None:
    world = _signed(QUIET)
    assert kinds(world.change(OTHER)) == ["ArtifactChanged", "StageReopened"]
    quiet = world.now + 5 * MINUTE
    assert next_deadline(world.state) == quiet
    for number in range(3):
        world.now += MINUTE
        assert kinds(world.change(digest(f"{number}"))) == ["ArtifactChanged"]
    assert next_deadline(world.state) == quiet
    assert world.explained() == (
        "review: artifact model changed from "
        f"{WEIGHTS[7:19]} to {OTHER[7:19]}. "
        "Owners are asked at 2026-03-02 09:05:00 UTC, in case more changes come."
    )
    assert view(world.state).stages[0].explanation.upcoming is not None
    assert kinds(world.tick_until(quiet)) == ["OwnersAsked"]
    assert world.signoff("review", "validator").binding["artifact model"] == digest("2")
    assert next_deadline(world.state) is None


def test_what_was_sent_back_and_answered_is_asked_at_once() -> None:
    world = _signed(QUIET)
    world.change(OTHER)
    world.tick_until(world.now + 5 * MINUTE)
    world.decline("review", "validator", "ben")
    assert kinds(world.change(WEIGHTS)) == ["ArtifactChanged", "StageOpened", "OwnersAsked"]


def test_a_renewal_is_asked_at_once() -> None:
    trust = {"valid_for": "10 days", "renew_before": "1 days"}
    world = _signed(QUIET, {"role": "validator"}, trust=trust)
    world.deploy()
    facts = world.tick_until(world.now + timedelta(days=9))
    assert kinds(facts) == ["StageReopened", "OwnersAsked"]


def test_a_stage_whose_owners_were_never_asked_has_no_quiet() -> None:
    rules = one_stage(stage={"evidence": ["scan"]}, evidence={"scan": {}}, reopenings=QUIET)
    world = World(rules)
    world.change(OTHER)
    assert kinds(world.attach("scan", subject=OTHER)) == ["EvidenceAttached", "OwnersAsked"]


def test_a_stage_that_nobody_has_to_sign_again_is_approved_at_once() -> None:
    asked = {"role": "validator", "binds": ["artifact.model"]}
    rules = one_stage(asked, stage={"evidence": ["scan"]}, evidence={"scan": {}}, reopenings=QUIET)
    world = World(rules)
    world.attach("scan")
    world.approve("review", "validator", "ben")
    world.attach("scan", verdict="fail", time=world.now + MINUTE)
    facts = world.attach("scan", time=world.now + 2 * MINUTE)
    assert "StageApproved" in kinds(facts)


def test_a_quiet_whose_end_comes_late_rests_when_evidence_grew_old_meanwhile() -> None:
    rules = one_stage(
        {"role": "validator", "quorum": 2}, stage={"evidence": ["scan"], "evidence_due": "3 days"},
        evidence={"scan": {"max_age": "1 hours"}}, reopenings=QUIET,
    )  # fmt: skip
    world = World(rules)
    world.attach("scan")
    world.approve("review", "validator", "ben")
    world.attach("scan", digest=OTHER, time=world.now + timedelta(seconds=1))
    assert next_deadline(world.state) == world.now + 5 * MINUTE
    assert kinds(world.wait(timedelta(hours=2))) == ["StageOpened"]
    deadline = next_deadline(world.state)
    assert deadline is not None
    assert deadline > world.now
    assert kinds(world.attach("scan", digest=OTHER)) == ["EvidenceAttached", "OwnersAsked"]


def test_an_alert_that_reopens_leaves_owners_alone_for_the_quiet_too() -> None:
    world = World(classic(reopenings=QUIET))
    world.approve_classic()
    assert kinds(world.alert("drift")) == ["AlertRaised", "StageReopened"]
    assert kinds(world.tick_until(world.now + 5 * MINUTE)) == ["OwnersAsked"]
