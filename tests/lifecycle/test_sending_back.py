"""Requesting changes."""

from datetime import timedelta

from tests.lifecycle.definitions import OTHER, classic, one_stage
from tests.lifecycle.world import World, kinds


def _at_validate() -> World:
    world = World(classic())
    world.evidence_arrives()
    world.approve("data", "data_steward", "ana")
    return world


def test_changes_need_a_reason() -> None:
    world = World(one_stage())
    refused = world.refused(world.decision("review", "validator", "ben", "request_changes",
                                           comment=""))  # fmt: skip
    assert refused.reason == "Say what must change, so that the producers can act."


def test_without_choices_the_stage_itself_goes_back_to_its_producers() -> None:
    world = World(one_stage())
    facts = world.decline("review", "validator", "ben", comment="The test set leaks.")
    assert kinds(facts) == ["ChangesRequested", "StageSentBack"]
    assert world.status("review") == "sent_back"
    assert world.explained() == (
        "review: Back with trainer. Changes are requested: The test set leaks."
    )
    assert world.waited_for() == [("producer", "git:trainer")]


def test_with_several_choices_one_must_be_named() -> None:
    world = _at_validate()
    refused = world.refused(world.decision("validate", "validator", "ben", "request_changes"))
    assert refused.reason == "Say where it goes: validate or data."
    elsewhere = world.decision(
        "validate", "validator", "ben", "request_changes", send_back_to="release"
    )
    assert world.refused(elsewhere).code == "unknown-target"


def test_sending_back_pauses_every_stage_that_needs_the_target() -> None:
    world = _at_validate()
    world.decline("validate", "validator", "ben", send_back_to="data")
    statuses = {name: str(stage.status) for name, stage in world.state.stages.items()}
    assert statuses == {"data": "sent_back", "validate": "waiting", "release": "waiting"}
    assert world.stage("data").standing is None
    assert world.waited_for() == [("producer", "git:trainer")]


def test_new_evidence_answers_what_was_sent_back() -> None:
    world = _at_validate()
    world.decline("validate", "validator", "ben", send_back_to="data")
    facts = world.attach("datasheet", digest=OTHER)
    assert kinds(facts) == ["EvidenceAttached", "StageOpened", "OwnersAsked"]
    assert (world.status("data"), world.stage("data").round) == ("asking", 2)


def test_the_same_evidence_again_does_not_answer_what_was_sent_back() -> None:
    world = _at_validate()
    world.decline("validate", "validator", "ben", send_back_to="data")
    world.attach("datasheet", time=world.now + timedelta(minutes=1))
    world.attach("evaluation", digest=OTHER)
    assert world.status("data") == "sent_back"


def test_changed_bytes_answer_what_was_sent_back() -> None:
    world = World(one_stage())
    world.decline("review", "validator", "ben")
    assert kinds(world.change(OTHER)) == ["ArtifactChanged", "StageOpened", "OwnersAsked"]


def test_asking_again_answers_what_was_sent_back() -> None:
    world = World(one_stage())
    world.decline("review", "validator", "ben")
    assert kinds(world.request()) == ["ReviewRequested", "StageOpened", "OwnersAsked"]
    assert world.signoff("review", "validator").round == 2


def test_votes_of_a_round_that_was_sent_back_are_not_kept() -> None:
    world = World(one_stage({"role": "validator", "quorum": 2}))
    world.approve("review", "validator", "ben")
    world.decline("review", "validator", "cho")
    world.request()
    assert world.signoff("review", "validator").votes == ()


def test_a_paused_stage_keeps_the_votes_for_the_same_revision_but_not_the_refusal() -> None:
    rules = classic(
        stages=[
            {"name": "data", "signoffs": [{"role": "data_steward", "statement": "I agree."}]},
            {
                "name": "validate",
                "signoffs": [
                    {"role": "validator", "quorum": 1, "statement": "I agree."},
                    {"role": "security", "statement": "I agree."},
                ],
                "send_back_to": ["data"],
            },
        ],
        gates={}, trust=None, reopen=[],
    )  # fmt: skip
    world = World(rules)
    world.approve("data", "data_steward", "ana")
    world.approve("validate", "validator", "ben")
    world.decline("validate", "security", "dee")
    world.request()
    world.approve("data", "data_steward", "ana")
    validator, security = world.stage("validate").signoffs.values()
    assert [(v.person, v.round) for v in validator.votes] == [("ben", 1)]
    assert (security.votes, security.refusal, str(security.status)) == ((), None, "pending")
    assert "StageApproved" in kinds(world.approve("validate", "security", "dee"))


def test_a_stage_that_was_sent_back_waits_for_its_producers_whatever_happens_above() -> None:
    stages = [
        {"name": "data", "evidence": ["datasheet"],
         "signoffs": [{"role": "data_steward", "statement": "I agree."}]},
        {"name": "validate", "signoffs": [{"role": "validator", "statement": "I agree."}]},
    ]  # fmt: skip
    world = World(classic(stages=stages, gates={}, trust=None, reopen=[]))
    world.attach("datasheet")
    world.approve("data", "data_steward", "ana")
    world.decline("validate", "validator", "ben")
    world.attach("datasheet", digest=OTHER)
    world.approve("data", "data_steward", "ana")
    assert world.status("validate") == "sent_back"
    world.request()
    assert world.status("validate") == "asking"


def test_producers_who_do_not_answer_are_late() -> None:
    world = _at_validate()
    world.decline("validate", "validator", "ben", send_back_to="data")
    facts = world.tick_until(world.now + timedelta(days=30))
    assert kinds(facts) == ["PipelinesLate"]
    assert world.state.notices[-1].people == ("ana", "trainer")
    assert world.explained().startswith("data: Late: Back with trainer.")
