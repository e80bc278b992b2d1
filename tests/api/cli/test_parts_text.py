"""What `show`, `pending` and `sign` print of shared ownership."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from api.cli.version_text import signoff_text, version_text
from lifecycle.view import SignoffView
from tests.api.cli.answering import Server
from tests.api.cli.conftest import Invoke
from tests.api.cli.test_lists import NOW, VERSION, at, page, signoff

BYTES = "sha256:" + "a" * 64
CONDITION = {
    "id": "1", "text": "Drift is watched", "due": at(hours=-3, seconds=-30), "stage": "validate",
    "role": "validator", "person": "ben", "name": "Ben Ode",
}  # fmt: skip
QUESTION = {
    "id": "1", "role": "validator", "person": "ben", "name": "Ben Ode", "text": "Which slice?",
    "at": at(hours=2),
}  # fmt: skip
DISSENT = {
    "role": "security", "person": "dee", "name": "Dee Park", "at": at(hours=1),
    "comment": "Too open.", "reasons": ["exposure"], "on_behalf_of": "Fay",
}  # fmt: skip
OVERRIDE = {
    "id": "1", "gate": "production", "person": "eve", "name": "Eve Lind", "role": "business_owner",
    "reason": "Fraud wave.", "at": at(hours=1), "until": at(hours=-3, seconds=-30),
    "digests": [BYTES], "review_due": at(days=-1, seconds=-30),
}  # fmt: skip
BRIEF = {**OVERRIDE, "name": "Eve", "role": "ro", "reason": "x"}
FINDING = {
    "id": "2", "title": "Recall drops", "severity": "high", "status": "open", "blocks": True,
    "owner": "ana", "owner_name": "Ana Ruiz", "due": at(days=-1, seconds=-30), "stage": "validate",
    "opened_at": at(days=2),
}  # fmt: skip
SIGNOFF: dict[str, Any] = {
    **VERSION["stages"][0]["signoffs"][0],
    "asked": [
        {"person": "ben", "name": "Ben Ode", "has_acknowledged": True},
        {"person": "cho", "name": "Cho Lin", "right": "delegation", "on_behalf_of": "fay"},
        {"person": "fay", "name": "Fay Or", "is_away": True, "snoozed_until": at(hours=-2)},
        {"person": "gus", "name": "Gus Im"},
    ],
    "delegations": [
        {"person": "ben", "name": "Ben Ode", "to": "hal", "to_name": "Hal Wu", "reason": "Travel."}
    ],
    "decisions": [
        {"person": "cho", "name": "Cho Lin", "decision": "approve", "round": 2, "at": at(hours=2),
         "revision": "x", "on_behalf_of": "fay", "conditions": [CONDITION]}
    ],
    "changed_since": {"ben": ["The evaluation is another."]},
    "questions": [QUESTION],
    "reasons": {"bias": "It is unfair to a group."},
    "any_of": ["validator", "deputy"], "advisory": True, "changes_needed": 2,
}  # fmt: skip


@pytest.fixture(autouse=True)
def utc(in_zone: Any) -> None:
    in_zone("UTC")


def shown(**more: Any) -> list[str]:
    return version_text({**VERSION, **more}, NOW).splitlines()


def stage(**more: Any) -> dict[str, Any]:
    return {"stages": [{**VERSION["stages"][0], **more}]}


def asking(delivery: str, **more: Any) -> dict[str, Any]:
    """Give a sign-off of Ben, whom the request reached or not."""
    return {
        **SIGNOFF,
        "asked": [{"person": "ben", "name": "Ben Ode", "delivery": delivery, **more}],
    }


@pytest.mark.parametrize(
    ("view", "line"),
    [
        ({"suspended_why": "Override 1 was not reviewed."},
         "  trust is suspended: Override 1 was not reviewed."),
        ({"effective_at": "2026-04-01T08:00:00Z"},
         "  effective from 2026-04-01 08:00 UTC: no gate opens sooner"),
        ({"built_on": ["embeddings 3"]}, "  built on embeddings 3"),
        ({"overrides": [{**BRIEF, "review_due": None}]},
         "  override 1 of production by Eve (ro), open until 2026-03-02 12:00 UTC, review owed: x"),
        ({"overrides": [{**BRIEF, "until": at()}]},
         "  override 1 of production by Eve (ro), over, review owed, due in 1 d: x"),
        ({"overrides": [{**OVERRIDE, "is_over": True, "is_reviewed": True}]},
         "  override 1 of production by Eve Lind (business_owner), over, reviewed: Fraud wave."),
        ({"findings": [FINDING]},
         "  finding 2 (high, open, blocks, owner Ana Ruiz, due in 1 d, at validate): Recall drops"),
        ({"findings": [{**FINDING, "status": "closed", "blocks": False, "resolution": "Done."}]},
         "  finding 2 (high, closed, owner Ana Ruiz, at validate): Recall drops: Done."),
        ({"conditions": [CONDITION]},
         "  condition 1 of Ben Ode (due in 3 h): Drift is watched"),
        ({"conditions": [{**CONDITION, "is_lapsed": True}]},
         "  condition 1 of Ben Ode (lapsed): Drift is watched"),
        (stage(behind=["12", "13"]), "  queues behind 12, 13"),
        (stage(status="held"), "validate: held, round 2, 2 h ago"),
        (stage(paused_since=at(hours=2)), "  the clock stands since 2026-03-02 07:00 UTC"),
        (stage(questions=[QUESTION]),
         "  question 1 of Ben Ode (validator), 2 h ago: Which slice?"),
        (stage(questions=[{**QUESTION, "answer": "The new.", "answered_by": "Ana Ruiz",
                           "answered_at": at(hours=1)}]),
         "    answered by Ana Ruiz 1 h ago: The new."),
        (stage(dissents=[DISSENT]),
         "  Dee Park on behalf of Fay objected as security 1 h ago (exposure): Too open."),
        (stage(signoffs=[SIGNOFF]), "    Ben Ode is on it"),
        (stage(signoffs=[asking("not in Slack", undelivered="no account")]),
         "    Ben Ode was not reached: no account"),
        (stage(signoffs=[asking("sent", delivered_by="email", undelivered="no account")]),
         "    Ben Ode was asked by e-mail: no account"),
        (stage(signoffs=[SIGNOFF]), "    Cho Lin stands in for Fay Or"),
        (stage(signoffs=[SIGNOFF]), "    Fay Or is away and is reminded in 2 h"),
        (stage(signoffs=[SIGNOFF]), "    Hal Wu may answer for Ben Ode: Travel."),
        (stage(signoffs=[SIGNOFF]), "    Cho Lin on behalf of Fay Or approved 2 h ago"),
        (stage(signoffs=[SIGNOFF]),
         "      on condition 1 of Ben Ode (due in 3 h): Drift is watched"),
        (stage(signoffs=[{**SIGNOFF, "is_open": False, "after": ["security"]}]),
         "    asked after security"),
    ],
)  # fmt: skip
def test_show_prints_each_part_in_a_line(view: dict[str, Any], line: str) -> None:
    assert line in shown(**view)


def test_nobody_without_anything_to_say_gets_a_line() -> None:
    assert not any("Gus" in line for line in shown(**stage(signoffs=[SIGNOFF])))


GATE = {
    "gate": "production", "allowed": True, "digests": [BYTES],
    "reasons": ["Every stage that production needs stands approved."],
}  # fmt: skip


@pytest.mark.parametrize(
    ("gate", "head"),
    [
        (GATE, "gate production: yes"),
        ({**GATE, "valid_until": at(days=1)}, "gate production: no"),
        ({**GATE, "effective_at": at(days=-1)}, "gate production: no"),
        ({**GATE, "freezes": [{"name": "Year end", "starts": at(days=1), "until": at(days=-1)}]},
         "gate production: no"),
        ({**GATE, "allowed": False, "overrides": [OVERRIDE]},
         "gate production: yes (until 2026-03-02 12:00 UTC)"),
        ({**GATE, "allowed": False, "overrides": [{**OVERRIDE, "until": at(hours=1)}]},
         "gate production: no"),
    ],
)  # fmt: skip
def test_a_gate_is_shown_as_it_answers_now(gate: dict[str, Any], head: str) -> None:
    assert head in shown(gates=[gate])


def test_an_override_is_loud_in_the_reasons_of_its_gate() -> None:
    lines = shown(gates=[{**GATE, "allowed": False, "overrides": [OVERRIDE]}])

    assert any(line.startswith("  OVERRIDE 1: Eve Lind") for line in lines)


def test_who_signs_reads_what_changed_and_what_was_said() -> None:
    lines = signoff_text(SignoffView.model_validate(SIGNOFF), NOW).splitlines()

    assert "  since Ben Ode last approved: The evaluation is another." in lines
    assert "  question 1 of Ben Ode (validator), 2 h ago: Which slice?" in lines
    assert "  reason bias: It is unfair to a group." in lines
    assert "  one of validator, deputy signs" in lines
    assert "  advice: it is recorded, and blocks nothing" in lines
    assert "  2 must request changes before it goes back" in lines


def test_pending_says_for_whom_and_whether_the_clock_stands(server: Server, invoke: Invoke) -> None:
    asked = [
        {"person": "ana", "name": "Ana", "has_acknowledged": True},
        {"person": "ben", "name": "Ben", "on_behalf_of": "cho"},
    ]
    long_ago = (NOW - timedelta(days=400)).isoformat()
    server.on(
        "GET", "/v1/signoffs",
        page(signoff(1, asked=asked), signoff(2, paused_since=long_ago),
             signoff(3, is_open=False, after=["security"])),
    )  # fmt: skip

    first, second, third = invoke("pending").stdout.splitlines()[1:]

    assert "ana (on it), ben (for cho)" in first
    assert "stands, question " in second
    assert "after security" in third


def test_text_from_outside_stays_one_line() -> None:
    evil = {**QUESTION, "text": "a\nb\x1b[2J", "name": "x\ny"}

    lines = shown(**stage(questions=[evil]))

    assert any("question 1 of x y (validator)" in line and "a b[2J" in line for line in lines)


def test_overrides_are_listed_and_counted(server: Server, invoke: Invoke) -> None:
    given = {**OVERRIDE, "model": "fraud", "version": "14", "until": "2999-01-01T00:00:00Z"}
    listed = page(given, {**given, "id": "2", "is_over": True, "is_reviewed": True})
    listed.body.update(count=2, open=1, review_owed=1)
    server.on("GET", "/v1/overrides", listed)

    result = invoke("overrides", "--open", "--review-owed", "--gate", "production")

    first, second = result.stdout.splitlines()[1:]
    assert first.startswith("fraud 14  1         production  Eve Lind (business_owner)")
    assert "over" in second.split()
    assert "done" in second.split()
    assert result.stderr == "2 in all, 1 open now, 1 unreviewed.\n"
    assert parse_qs(server.requests[0].query) == {
        "open": ["true"], "reviewed": ["false"], "gate": ["production"], "limit": ["50"],
    }  # fmt: skip
