"""A version in review is moved to another definition: what stays, what is asked again."""

from copy import deepcopy
from typing import Any

import pytest

from lifecycle.calendars import WorkingTime
from lifecycle.canonical import digest_of
from lifecycle.commands import Migrate, Refused, Retire, WithdrawRequest
from lifecycle.definition import Lifecycle
from lifecycle.facts import AnyFact
from lifecycle.foreseeing import difference, foresee
from lifecycle.projecting import replay, view
from lifecycle.stage_facts import OwnersAsked
from tests.lifecycle.definitions import CLASSIC, MODEL, VERSION, classic, one_stage, roster
from tests.lifecycle.world import START, World, kinds

TWO = {"role": "validator", "quorum": 2}
RELEASE = {"production": ["release"]}


def moved(world: World, definition: Lifecycle, **given: Any) -> list[AnyFact]:
    world.sent += 1
    command = Migrate(
        id=f"migrate-{world.sent}", by="key:lead", scopes=("manager",), definition=definition,
        **given,
    )  # fmt: skip
    return world.do(command)


def changed(stage: str, **changes: Any) -> Lifecycle:
    """Give the classic lifecycle with one stage described otherwise."""
    content = deepcopy(CLASSIC)
    for one in content["stages"]:
        if one["name"] == stage:
            one.update(changes)
    return Lifecycle.model_validate(content)


def signed(role: str, **changes: Any) -> dict[str, Any]:
    """Give the sign-offs of the stage that asks a role, with that role's described otherwise."""
    for stage in CLASSIC["stages"]:
        if any(one["role"] == role for one in stage["signoffs"]):
            return {
                "stage": stage["name"],
                "signoffs": [
                    {**one, **changes} if one["role"] == role else one for one in stage["signoffs"]
                ],
            }
    raise LookupError(role)


def approved() -> World:
    world = World(classic())
    world.approve_classic()
    return world


def test_a_stage_that_went_and_comes_back_goes_on_counting_its_rounds() -> None:
    """The id of a request names its round: no id may mean two requests."""
    other = one_stage(stage={"name": "look"}, gates={"production": ["look"]})
    world = World(one_stage())
    moved(world, other)
    moved(world, one_stage())
    moved(world, other)
    asked = [(f.stage, f.round) for f in world.facts if isinstance(f, OwnersAsked)]
    assert asked == [("review", 1), ("look", 1), ("review", 2), ("look", 2)]


def test_only_a_manager_or_an_administrator_moves_a_version() -> None:
    world = World(classic())
    target = changed("release", due="9 days")
    for scopes in ((), ("owner",), ("pipeline", "auditor")):
        command = Migrate(id="m", by="ana", person="ana", scopes=scopes, definition=target)
        assert world.refused(command).code == "may-not-migrate"
    assert kinds(world.do(Migrate(id="m", by="key:1", scopes=("admin",), definition=target))) == [
        "LifecycleMigrated"
    ]


def test_what_keeps_a_version_where_it_is_is_said() -> None:
    target = changed("release", due="9 days")
    world = World(classic(), is_requested=False)
    command = Migrate(id="m", scopes=("admin",), definition=target)
    assert world.refused(command).code == "not-requested"
    world.request()
    same = command.model_copy(update={"definition": classic()})
    assert world.refused(same).code == "nothing-differs"
    bad = command.model_copy(update={"problems": ("stages: A circle.",)})
    assert world.refused(bad).reason.endswith("correct it first: stages: A circle.")
    world.do(WithdrawRequest(id="w", by="key:ci"))
    assert world.refused(command).code == "withdrawn"
    world.do(Retire(id="r"))
    assert world.refused(command).code == "closed"


def test_what_lint_finds_is_foreseen_as_a_refusal() -> None:
    world = World(classic())
    with pytest.raises(Refused, match="correct it first: stages"):
        difference(world.state, changed("release", needs=["nowhere"]), world.now)


def test_a_changed_deadline_asks_nobody_again() -> None:
    world = approved()
    assert kinds(moved(world, changed("release", due="9 days"))) == ["LifecycleMigrated"]
    assert world.state.lifecycle_digest == changed("release", due="9 days").digest
    assert world.gate().allowed


def test_another_statement_is_signed_anew_whether_it_was_approved_or_asked() -> None:
    world = World(classic())
    world.evidence_arrives()
    world.approve("data", "data_steward", "ana")
    world.approve("validate", "validator", "ben")
    given = signed("data_steward", statement="I confirm more.")
    facts = moved(world, changed(given["stage"], signoffs=given["signoffs"]))
    assert kinds(facts)[:2] == ["LifecycleMigrated", "StageReopened"]
    assert world.signoff("data", "data_steward").statement == "I confirm more."
    assert world.signoff("data", "data_steward").votes == ()
    assert world.status("validate") == "waiting"
    world.approve("data", "data_steward", "ana")
    assert [v.person for v in world.signoff("validate", "validator").votes] == ["ben"]


def test_a_statement_that_somebody_is_asked_for_is_replaced_before_anybody_signs() -> None:
    world = World(classic())
    world.evidence_arrives()
    given = signed("data_steward", statement="I confirm more.")
    moved(world, changed(given["stage"], signoffs=given["signoffs"]))
    signoff = world.signoff("data", "data_steward")
    assert (signoff.statement, signoff.round) == ("I confirm more.", 2)


def test_a_higher_quorum_keeps_the_approvals_and_asks_for_the_rest() -> None:
    people = roster({"validator": ("ben", "cho")})
    world = World(one_stage(), people)
    world.approve("review", "validator", "ben")
    assert world.gate().allowed
    facts = moved(world, one_stage(TWO))
    assert kinds(facts) == [
        "LifecycleMigrated", "StageReopened", "OwnersAsked", "VersionReopened"
    ]  # fmt: skip
    assert not world.gate().allowed
    assert [v.person for v in world.signoff("review", "validator").votes] == ["ben"]
    world.approve("review", "validator", "cho")
    assert world.gate().allowed


STRICTER: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"separation": {"never": ["commit_author"]}}, {}, "Ana Ruiz wrote code of this version"),
    ({"separation": {"never": ["producer"]}}, {}, "Ana Ruiz produced this version"),
    ({}, {"independent_of": ["validate"]}, "Ana Ruiz signed an earlier stage that this one is"),
]


@pytest.mark.parametrize(("rules", "release", "words"), STRICTER)
def test_approvals_by_whom_the_new_definition_excludes_are_asked_again(
    rules: dict[str, Any], release: dict[str, Any], words: str
) -> None:
    lax: dict[str, Any] = {"separation": {"never": []}}
    stages = [
        {"name": "validate", "signoffs": [{"role": "validator", "statement": "Valid."}]},
        {"name": "release", "signoffs": [{"role": "security", "statement": "Safe."}]},
    ]
    signer = "ana" if release else "ben"
    people = roster({"validator": ("ana", "ben"), "security": ("ana", "dee")})
    world = World(
        one_stage(stages=stages, gates=RELEASE, **lax),
        people,
        producers=("git:ana",),
        commit_authors=("git:ana",),
    )
    world.approve("validate", "validator", signer)
    world.approve("release", "security", "ana")
    assert world.gate().allowed

    stricter = [stages[0], {**stages[1], **release}]
    facts = moved(world, one_stage(stages=stricter, gates=RELEASE, **{**lax, **rules}))

    assert words in facts[1].model_dump()["why"]
    assert (world.status("validate"), world.status("release")) == ("approved", "asking")
    assert world.signoff("release", "security").asked == ("dee",)
    assert not world.gate().allowed
    world.approve("release", "security", "dee")
    assert world.gate().allowed


def test_a_lower_quorum_lets_what_was_approved_stand_and_open_rounds_end() -> None:
    world = World(one_stage(TWO))
    world.approve("review", "validator", "ben")
    facts = moved(world, one_stage())
    assert "StageApproved" in kinds(facts)


def test_a_role_that_comes_is_asked_and_one_that_goes_is_not() -> None:
    world = World(one_stage({"role": "validator"}, {"role": "security"}))
    world.approve("review", "validator", "ben")
    moved(world, one_stage({"role": "validator"}, {"role": "data_steward"}))
    asked = world.stage("review").signoffs
    assert list(asked) == ["validator", "data_steward"]
    assert [v.person for v in asked["validator"].votes] == ["ben"]
    rows = replay(MODEL, VERSION, world.facts).signoffs
    assert [r.status for r in rows.values() if r.role == "security"] == ["void"]


def test_evidence_that_is_needed_now_reopens_what_was_approved_without_it() -> None:
    rules = {"evidence": {"evaluation": {"from": ["evaluation"]}}}
    world = World(one_stage())
    world.approve("review", "validator", "ben")
    moved(world, one_stage(stage={"evidence": ["evaluation"]}, **rules))
    assert world.status("review") == "collecting"
    world.attach("evaluation")
    assert world.status("review") == "asking"


def test_a_new_stage_waits_for_its_needs_and_one_that_goes_ends_its_round() -> None:
    world = World(classic())
    world.evidence_arrives()
    world.approve("data", "data_steward", "ana")
    legal = {"name": "legal", "needs": ["data"], "signoffs": [
        {"role": "ciso", "statement": "It is lawful."}]}  # fmt: skip
    stages = [CLASSIC["stages"][0], legal, {**CLASSIC["stages"][2], "needs": ["legal"]}]
    target = classic(stages=stages, trust=None, reopen=[], gates={"production": ["release"]})
    facts = moved(world, target)
    assert kinds(facts)[:2] == ["StagePaused", "LifecycleMigrated"]
    assert list(world.state.stages) == ["data", "legal", "release"]
    assert world.status("data") == "approved"
    assert world.status("legal") == "asking"
    rows = [r for r in replay(MODEL, VERSION, world.facts).signoffs.values()
            if r.stage == "validate"]  # fmt: skip
    assert [r.status for r in rows] == ["void"]
    assert rows[0].why == "The lifecycle no longer has this stage."
    assert view(world.state).explanation.summary
    world.approve("legal", "ciso", "fay")
    world.approve("release", "business_owner", "eve")
    assert world.gate().allowed


def test_the_calendar_of_the_new_definition_counts_from_then_on() -> None:
    world = World(classic())
    target = classic(calendar={"zone": "Asia/Tokyo"})
    assert target.calendar is not None
    working = WorkingTime(
        calendar=digest_of(target.calendar.model_dump(mode="json")),
        since=START, until=START, day_minutes=480, opens=(), closes=(),
    )  # fmt: skip
    facts = moved(world, target, working=working)
    assert kinds(facts) == ["LifecycleMigrated", "CalendarResolved"]
    assert world.state.working == working
    moved(world, classic(calendar=None))
    assert world.state.working is None


def test_the_difference_says_what_would_be_asked_again_and_what_stays() -> None:
    world = approved()
    before = world.state
    given = signed("validator", statement="I looked at it twice.")
    said = difference(before, changed(given["stage"], signoffs=given["signoffs"]), world.now)
    assert said == (
        "validate begins round 2: The lifecycle changed. validator signs another statement.",
        "Ben Ruiz and Cho Ruiz would be asked to sign validate as validator.",
        "The version would be in review again: validate no longer stands approved.",
        "data stays approved by Ana Ruiz.",
        "release stays approved by Eve Ruiz.",
    )
    assert world.state is before


def test_the_difference_names_stages_that_come_and_go() -> None:
    world = approved()
    stages = [*CLASSIC["stages"][:2], {**CLASSIC["stages"][2], "name": "launch"}]
    target = classic(stages=stages, trust=None, gates={"production": ["launch"]})
    said = difference(world.state, target, world.now)
    assert said[:2] == ("launch is new.", "release is gone; its approval counts no longer.")
    assert "Eve Ruiz would be asked to sign launch as business_owner." in said


def test_anything_may_be_foreseen() -> None:
    world = World(one_stage(TWO))
    world.approve("review", "validator", "ben")
    seen = foresee(world.state, world.decision("review", "validator", "cho"), world.now)
    assert seen.facts == ("SignedOff", "SignoffApproved", "StageApproved", "VersionApproved")
    assert seen.sentences[0] == "The version would be approved."


def test_an_open_stage_of_a_moved_version_folds_the_same_from_the_ledger() -> None:
    world = approved()
    moved(world, changed("validate", needs=[], due="9 days"))
    assert replay(MODEL, VERSION, world.facts).version == view(world.state)
