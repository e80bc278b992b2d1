"""Chains of any length: whom and what each step reaches, and when it can no longer fire."""

from datetime import timedelta
from typing import Any

import pytest

from lifecycle.explain import explain
from lifecycle.facts import AnyFact
from lifecycle.finding import Finding
from lifecycle.instants import next_deadline
from lifecycle.lint import lint
from lifecycle.projecting import view
from lifecycle.roster import Roster, Shift
from lifecycle.signoff_facts import ChannelTold, StageExpired, StageHeld
from lifecycle.stage_facts import EscalationAsked, EscalationTold, StageSentBack
from tests.lifecycle.definitions import classic, member, one_stage, roster
from tests.lifecycle.world import START, World, kinds

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def chained(
    *steps: dict[str, Any], signoffs: tuple[dict[str, Any], ...] = (), **options: Any
) -> World:
    stage = {"due": "10 hours", "escalate": "standard"}
    return World(
        one_stage(*signoffs, stage=stage, escalations={"standard": list(steps)}), **options
    )


def people(**changes: Any) -> Roster:
    known = roster().people
    reports = {"ben": member("ben", manager="gus"), "cho": member("cho", manager="hal")}
    return roster(people=tuple({**known, **reports}.values())).model_copy(
        update={
            "groups": {"risk": ("eve", "fay")},
            "rotations": {
                "ml-oncall": (Shift(starts=START, until=START + 900 * DAY, person="dee"),)
            },
            **changes,
        }
    )


def only(facts: list[AnyFact]) -> Any:
    [fact] = facts
    return fact


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("manager", ("gus", "hal")),
        ("accountable", ("ben", "cho")),
        ("ciso", ("fay",)),
        ("person:eve", ("eve",)),
        ("person:nobody", ()),
        ("group:risk", ("eve", "fay")),
        ("group:nobody", ()),
        ("rotation:ml-oncall", ("dee",)),
        ("rotation:nobody", ()),
    ],
)
def test_a_step_reaches_whom_it_names(target: str, found: tuple[str, ...]) -> None:
    world = chained({"after": "1 hours", "tell": target}, people=people())
    told = only(world.tick_until(START + HOUR))
    assert isinstance(told, EscalationTold)
    assert (told.target, told.people) == (target, found)
    assert world.refused(world.decision("review", "validator", "gus")).code == "not-an-owner"


@pytest.mark.parametrize(
    ("target", "stands_for"),
    [
        ("manager", {"gus": ("ben",), "hal": ("cho",)}),
        ("group:risk", {"eve": ("ben", "cho"), "fay": ("ben", "cho")}),
        ("person:dee", {"dee": ("ben", "cho")}),
        ("rotation:ml-oncall", {"dee": ("ben", "cho")}),
    ],
)
def test_who_is_asked_stands_in_for_silent_owners_and_a_manager_for_their_own_reports(
    target: str, stands_for: dict[str, tuple[str, ...]]
) -> None:
    world = chained({"after": "1 hours", "ask": target}, people=people())
    asked = only(world.tick_until(START + HOUR))
    assert isinstance(asked, EscalationAsked)
    assert asked.stands_for == stands_for
    assert world.signoff("review", "validator").stands_for == stands_for
    assert "StageApproved" in kinds(world.approve("review", "validator", next(iter(stands_for))))


def test_a_chain_may_be_long_and_mixes_shares_with_times() -> None:
    steps = [{"after": f"{n} hours", "remind": "owners"} for n in range(1, 31)]
    world = chained(*steps, {"after": "350%", "tell": "manager"})
    facts = world.tick_until(START + timedelta(days=9))
    assert kinds(facts) == ["OwnersReminded"] * 30 + ["EscalationTold"]
    assert facts[-1].at == START + 35 * HOUR


def test_a_channel_is_told_by_its_name() -> None:
    world = chained({"after": "100%", "tell": "#ml-oncall"})
    told = only(world.tick_until(START + DAY))
    assert isinstance(told, ChannelTold)
    assert told.channel == "#ml-oncall"
    [notice] = world.state.notices
    assert (notice.kind, notice.channel, notice.people) == ("channel", "#ml-oncall", ())
    assert notice.text == (
        "fraud-scorer 14, stage review: Ben Ruiz and Cho Ruiz did not answer yet."
    )


def test_hold_stops_the_stage_and_tells_who_answers_for_it_and_their_managers() -> None:
    world = chained(
        {"after": "100%", "hold": True}, {"after": "200%", "tell": "ciso"}, people=people()
    )
    held = only(world.tick_until(START + timedelta(days=9)))
    assert isinstance(held, StageHeld)
    assert held.told == ("ben", "cho", "gus", "hal")
    assert held.why == (
        "The sign-off as validator did not come in time. The stage is held until it is released."
    )
    assert world.status("review") == "held"
    assert next_deadline(world.state) is None
    assert world.waited_for() == [("accountable", "ben"), ("accountable", "cho")]
    assert [n.kind for n in world.state.notices] == ["held"]
    assert world.refused(world.decision("review", "validator", "ben", round=1))
    assert not world.gate().allowed


def test_return_sends_the_version_back_and_what_needs_the_stage_waits() -> None:
    steps = [{"after": "100%", "return_to": "data"}]
    world = World(classic(escalations={"standard": steps}))
    world.evidence_arrives()
    world.approve("data", "data_steward", "ana")
    facts = world.tick_until(START + timedelta(days=4))
    back = facts[0]
    assert isinstance(back, StageSentBack)
    assert (back.stage, back.from_stage, back.by) == ("data", "validate", "escalation")
    assert kinds(facts) == ["StageSentBack", "StagePaused"]
    assert (world.status("data"), world.status("validate")) == ("sent_back", "waiting")
    assert world.explained() == (
        "data: Back with trainer. The sign-off as validator did not come in time."
    )
    assert world.state.notices[-1].kind == "sent_back"
    world.request()
    assert world.status("data") == "asking"


def test_return_may_name_the_stage_itself() -> None:
    world = chained({"after": "100%", "return_to": "review"})
    world.tick_until(START + DAY)
    assert world.status("review") == "sent_back"
    world.request()
    assert (world.status("review"), world.stage("review").round) == ("asking", 2)
    assert world.stage("review").steps


def test_expire_ends_the_request_and_a_new_one_starts_the_next_round_with_no_vote_kept() -> None:
    world = chained(
        {"after": "100%", "expire": True}, {"after": "200%", "tell": "ciso"},
        signoffs=({"role": "validator", "quorum": 2},),
    )  # fmt: skip
    world.approve("review", "validator", "ben")
    expired = only(world.tick_until(START + timedelta(days=9)))
    assert isinstance(expired, StageExpired)
    assert world.status("review") == "expired"
    stage = world.stage("review")
    assert (stage.standing, stage.earlier["validator"].status) == (None, "void")
    assert world.explained().startswith("review: The sign-off as validator did not come in time.")
    assert world.waited_for() == [("producer", "git:trainer")]
    assert not world.gate().allowed
    assert "ben" in world.state.notices[-1].people or "cho" in world.state.notices[-1].people
    assert kinds(world.request())[-2:] == ["StageReopened", "OwnersAsked"]
    assert world.signoff("review", "validator").votes == ()
    world.approve("review", "validator", "cho")
    assert world.status("review") == "asking"
    world.approve("review", "validator", "ben")
    assert world.status("review") == "approved"


@pytest.mark.parametrize(
    ("step", "what"),
    [
        ({"tell": "#ml-oncall"}, "#ml-oncall is told that nobody answered."),
        ({"hold": True},
         "The stage is held, and Ben Ruiz, Cho Ruiz, Gus Ruiz and Hal Ruiz are told."),
        ({"return_to": "review"}, "It goes back to review."),
        ({"expire": True}, "The request expires."),
        ({"tell": "group:nobody"}, "Nobody can be found as group:nobody."),
        ({"ask": "rotation:ml-oncall"},
         "Dee Ruiz (rotation:ml-oncall) is asked and may then sign."),
    ],
)  # fmt: skip
def test_the_explanation_says_what_the_next_step_does(step: dict[str, Any], what: str) -> None:
    world = chained({"after": "1 hours", **step}, people=people())
    upcoming = explain(world.state).upcoming
    assert upcoming is not None
    assert (upcoming.what, upcoming.at) == (what, START + HOUR)


@pytest.mark.parametrize("last", ["approve", "decline", "withdraw"])
def test_nothing_escalates_after_it_was_decided_however_late_the_timer_fires(last: str) -> None:
    world = chained(
        {"after": "1 hours", "remind": "owners"}, {"after": "2 hours", "tell": "#a"},
        {"after": "3 hours", "ask": "ciso"}, {"after": "4 hours", "expire": True},
    )  # fmt: skip
    world.now += timedelta(weeks=5)
    if last == "approve":
        world.approve("review", "validator", "ben")
    elif last == "decline":
        world.decline("review", "validator", "ben")
    else:
        world.people(roster({"validator": ()}, number=2))
    assert kinds(world.wait(timedelta(weeks=5))) == []
    assert next_deadline(world.state) is None


def test_a_tick_late_by_weeks_takes_every_step_of_every_stage_in_the_order_of_their_times() -> None:
    stage = {"signoffs": [{"role": "validator", "statement": "I agree."}], "escalate": "standard",
             "due": "10 hours", "needs": []}  # fmt: skip
    rules = one_stage(
        stage={"due": "30 hours", "escalate": "standard"},
        escalations={
            "standard": [{"after": "50%", "remind": "owners"}, {"after": "100%", "tell": "manager"}]
        },
    )
    both = rules.model_copy(
        update={"stages": (*rules.stages, *one_stage(stage={"name": "second", **stage}).stages)}
    )
    world = World(both)
    facts = world.wait(timedelta(weeks=5))
    assert [(f.kind, getattr(f, "stage", "")) for f in facts] == [
        ("OwnersReminded", "second"), ("EscalationTold", "second"),
        ("OwnersReminded", "review"), ("EscalationTold", "review"),
    ]  # fmt: skip
    assert [(n.kind, len(n.parts)) for n in world.state.notices] == [("reminder", 2), ("told", 2)]


def test_a_late_tick_reminds_each_person_once() -> None:
    world = chained(*({"after": f"{n} hours", "remind": "owners"} for n in range(1, 6)))
    assert kinds(world.wait(timedelta(weeks=2))) == ["OwnersReminded"] * 5
    [notice] = world.state.notices
    assert (notice.people, notice.more) == (("ben", "cho"), ())


def test_steps_that_concern_roles_fire_only_while_those_are_asked() -> None:
    world = chained(
        {"after": "1 hours", "tell": "manager"},
        signoffs=({"role": "validator"}, {"role": "security"}),
    )
    stage = world.stage("review")
    step = stage.steps[0].model_copy(update={"roles": ("security",)})
    changed = stage.model_copy(update={"steps": (step,)})
    world.state = world.state.model_copy(update={"stages": {"review": changed}})
    assert next_deadline(world.state) == START + HOUR
    world.approve("review", "security", "dee")
    assert next_deadline(world.state) is None
    assert world.wait(DAY) == []


def test_the_first_edition_goes_stage_by_stage_and_names_nobody_stood_in_for() -> None:
    world = chained({"after": "1 hours", "ask": "ciso"})
    world.state = world.state.model_copy(update={"edition": 1})
    asked = only(world.wait(DAY))
    assert asked.stands_for == {}
    assert "stands_for" not in asked.model_dump()


def test_the_view_shows_a_held_and_an_expired_stage() -> None:
    for step, status in (({"hold": True}, "held"), ({"expire": True}, "expired")):
        world = chained({"after": "1 hours", **step})
        world.tick_until(START + HOUR)
        [stage] = view(world.state).stages
        assert (stage.status, stage.due) == (status, None)
        assert stage.why in stage.explanation.summary


def found(*steps: dict[str, Any], **stage: Any) -> list[Finding]:
    rules = one_stage(
        stage={"due": "10 hours", "escalate": "standard", **stage},
        escalations={"standard": list(steps)},
    )
    return [f for f in lint(rules) if f.path[:1] == ("escalations",)]


@pytest.mark.parametrize(
    ("steps", "severity", "place", "message"),
    [
        ([{"after": "2 hours", "tell": "nobody"}], "error", (0, "tell"), "nobody is nobody"),
        ([{"after": "2 hours", "ask": "owners"}], "error", (0, "ask"), "owners is nobody"),
        ([{"after": "2 hours", "return_to": "other"}], "error", (0, "return_to"), "no stage oth"),
        (
            [{"after": "2 hours", "hold": True}, {"after": "3 hours", "tell": "ciso"}],
            "warning", (1, "after"), "never comes",
        ),
        (
            [{"after": "300%", "remind": "owners"}, {"after": "50%", "expire": True}],
            "warning", (0, "after"), "never comes",
        ),
        (
            [{"after": "50%", "expire": True}, {"after": "6 hours", "tell": "ciso"}],
            "warning", (1, "after"), "never comes",
        ),
        ([], "error", (), "has no steps"),
        ([{"after": "2 hours", "remind": "owners"}], "warning", (), "nobody but the owners"),
    ],
)  # fmt: skip
def test_a_chain_that_cannot_do_what_it_says_is_found(
    steps: list[dict[str, Any]], severity: str, place: tuple[Any, ...], message: str
) -> None:
    [finding] = [f for f in found(*steps) if message in f.message]
    assert (finding.severity, finding.path) == (severity, ("escalations", "standard", *place))


def test_a_return_to_a_stage_that_is_not_needed_is_found() -> None:
    steps = [{"after": "100%", "return_to": "release"}]
    findings = lint(classic(escalations={"standard": steps}))
    messages = [f.message for f in findings if f.path[-1] == "return_to"]
    why = "does not need release, so it can't go back there; choose from"
    assert messages == [
        f"data {why} data, or give data another escalation.",
        f"validate {why} data, validate, or give validate another escalation.",
    ]


@pytest.mark.parametrize(
    "steps",
    [
        [{"after": "50%", "remind": "owners"}, {"after": "100%", "tell": "manager"}],
        [{"after": "50%", "tell": "#ml-oncall"}, {"after": "100%", "return_to": "review"}],
        [{"after": "2 hours", "ask": "person:ana"}, {"after": "300%", "expire": True}],
        [{"after": "2 hours", "ask": "group:risk"}, {"after": "3 hours", "ask": "rotation:ml"}],
    ],
)
def test_a_chain_that_can_work_is_let_through(steps: list[dict[str, Any]]) -> None:
    assert found(*steps) == []


def test_a_side_stage_can_send_nothing_back() -> None:
    rules = classic(
        escalations={"standard": [{"after": "100%", "return_to": "data"}]},
        override={
            "roles": ["ciso"],
            "review": {
                "role": "ciso", "statement": "I reviewed it.", "due": "2 days",
                "escalate": "standard",
            },
        },
    )  # fmt: skip
    [finding] = [f for f in lint(rules) if f.path == ("override", "review", "escalate")]
    assert "a review of an override has none; use another escalation." in finding.message
