"""Views as the core makes them, small and as large as they can get."""

from datetime import UTC, datetime, timedelta
from typing import Any

from lifecycle.state import Notice, SignoffStatus, StageStatus, VersionStatus
from lifecycle.values import signoff_id
from lifecycle.view import (
    ArtifactView,
    AskedView,
    DecisionView,
    EvidenceView,
    Explanation,
    SignoffView,
    StageView,
    Upcoming,
    VersionView,
)
from lifecycle.view_parts import (
    ConditionView,
    DelegationView,
    DissentView,
    QuestionView,
    WithdrawnView,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DIGEST = "sha256:" + "ab" * 32
NAMES = {"ana": "Ana Ruiz", "ben": "Ben Ode", "cho": "Cho Min", "dee": "Dee Park"}
STATEMENT = "I reviewed the evaluation independently of its authors."


def asked(*people: str, right: Any = "owner") -> tuple[AskedView, ...]:
    return tuple(AskedView(person=p, name=NAMES.get(p, p), right=right) for p in people)


def approval(person: str, **fields: Any) -> DecisionView:
    known: dict[str, Any] = {
        "person": person,
        "name": NAMES.get(person, person),
        "decision": "approve",
        "at": NOON + timedelta(hours=1),
        "revision": DIGEST,
        "round": 1,
    }
    return DecisionView(**{**known, **fields})


def signoff(**fields: Any) -> SignoffView:
    known: dict[str, Any] = {
        "model": "fraud-scorer",
        "version": "14",
        "stage": "validate",
        "round": 1,
        "role": "validator",
        "status": SignoffStatus.PENDING,
        "statement": STATEMENT,
        "revision": DIGEST,
        "binds": ("artifact model", "evidence evaluation"),
        "artifacts": (ArtifactView(name="model", uri="s3://models/14", digest=DIGEST),),
        "evidence": (
            EvidenceView(name="evaluation", is_met=True, why="passed", require="value.auc >= 0.9"),
        ),
        "asked": asked("ana", "ben"),
        "can_decide": ("ana", "ben"),
        "send_back_to": ("validate",),
        "risk": "high",
        "layer": "platform",
        "asked_at": NOON,
        "due": NOON + timedelta(days=3),
        "upcoming": Upcoming(at=NOON + timedelta(days=1), what="Ana Ruiz is reminded."),
        "explanation": "Waiting for Ana Ruiz or Ben Ode.",
    }
    known |= fields
    parts = (known["model"], known["version"], known["stage"], known["round"], known["role"])
    return SignoffView(**{"id": signoff_id(*parts), **known})


def version(*signoffs: SignoffView, **fields: Any) -> VersionView:
    explanation = Explanation(summary="Waiting for owners.")
    stages = tuple(
        StageView(
            name=name,
            status=fields.pop("stage_status", StageStatus.ASKING),
            round=max(s.round for s in signoffs if s.stage == name),
            signoffs=tuple(s for s in signoffs if s.stage == name),
            explanation=explanation,
        )
        for name in dict.fromkeys(s.stage for s in signoffs)
    )
    known: dict[str, Any] = {
        "model": "fraud-scorer",
        "version": "14",
        "status": VersionStatus.IN_REVIEW,
        "sequence": 1,
        "slack_channel": "#model-fraud",
        "stages": stages,
        "explanation": explanation,
    }
    return VersionView(**{**known, **fields})


def notice(kind: str, *people: str, **fields: Any) -> Notice:
    known: dict[str, Any] = {
        "id": "7",
        "kind": kind,
        "stage": "validate",
        "round": 1,
        "people": people,
        "roles": ("validator",),
        "text": "Reminder: fraud-scorer 14 waits for your sign-off as validator.",
        "at": NOON + timedelta(days=1),
    }
    return Notice(**{**known, **fields})


def condition(**fields: Any) -> ConditionView:
    known: dict[str, Any] = {
        "id": "3",
        "text": "Repeat the fairness test.",
        "due": NOON + timedelta(days=9),
        "stage": "validate",
        "role": "validator",
        "person": "ana",
        "name": "Ana Ruiz",
    }
    return ConditionView(**{**known, **fields})


def dissent(**fields: Any) -> DissentView:
    known: dict[str, Any] = {
        "role": "validator",
        "person": "ben",
        "name": "Ben Ode",
        "at": NOON,
        "comment": "The holdout leaks.",
    }
    return DissentView(**{**known, **fields})


def question(**fields: Any) -> QuestionView:
    known: dict[str, Any] = {
        "id": "5",
        "role": "validator",
        "person": "ana",
        "name": "Ana Ruiz",
        "text": "Which months are in the holdout?",
        "at": NOON,
        "round": 1,
    }
    return QuestionView(**{**known, **fields})


WORST = "<!channel> & `*_~ \u202e"


def largest() -> SignoffView:
    """Reach every limit of the core at once, in awkward characters."""
    name = "n" + "_" * 99
    crowd = tuple(f"{'p' * 90}{number:03}" for number in range(500))
    said = (WORST * 400)[:3000]
    return signoff(
        model="m" * 100,
        version="\N{GRINNING FACE}" * 100,
        stage="s" * 100,
        role="r" * 100,
        round=99_999,
        confirm=True,
        statement=(WORST * 100)[:1000],
        evidence=tuple(
            EvidenceView(
                name=name,
                is_met=False,
                why=said[:1000],
                require="value.auc != '" + said[:900],
                verdict="fail",
                digest=DIGEST,
                source=said[:200],
                time=NOON,
                uri="https://reports.example/?" + "&" * 1970,
                value={"auc": "&" * 2000},
            )
            for _ in range(64)
        ),
        artifacts=tuple(ArtifactView(name=name, uri="u" * 2000, digest=DIGEST) for _ in range(8)),
        asked=tuple(
            AskedView(
                person=p,
                name="&" * 200,
                has_acknowledged=True,
                is_away=True,
                snoozed_until=NOON,
                delivery="failed",
                undelivered="&" * 400,
            )
            for p in crowd
        ),
        can_decide=crowd,
        decisions=tuple(
            approval(
                "ana",
                name="&" * 200,
                comment="&" * 3000,
                on_behalf_of=crowd[0],
                right="escalation",
                decision=("approve", "request_changes")[number % 2],
                reasons=tuple(f"{'r' * 97}{n:02}" for n in range(20)),
                conditions=(condition(text="&" * 1000, name="&" * 200),) * 10,
            )
            for number in range(100)
        ),
        any_of=tuple(f"{'a' * 97}{number:02}" for number in range(20)),
        advisory=True,
        reasons={f"{'r' * 97}{number:02}": "&" * 1000 for number in range(50)},
        dissents=tuple(dissent(name="&" * 200, comment="&" * 3000) for _ in range(50)),
        questions=tuple(
            question(
                name="&" * 200,
                text="&" * 1000,
                answer="&" * 1000,
                answered_by="&",
                answered_by_name="&" * 200,
                answered_at=NOON if number % 2 else None,
                round=99_999,
                id=f"{'&' * 4}{number}",
            )
            for number in range(50)
        ),
        withdrawn=tuple(
            WithdrawnView(person="ana", name="&" * 200, at=NOON, reason="&" * 3000)
            for _ in range(20)
        ),
        delegations=(
            DelegationView(
                person=crowd[0], name="&" * 200, to=crowd[1], to_name="&" * 200, until=NOON
            ),
        ),
        changed_since=dict.fromkeys(crowd[:3], ("&" * 1000,) * 100),
        paused_since=NOON,
        needed=500,
        approved=100,
        others=tuple("&" * 1000 for _ in range(50)),
        send_back_to=tuple(f"{'t' * 97}{number:02}" for number in range(50)),
        binds=tuple(f"evidence {name}" for _ in range(64)),
        upcoming=Upcoming(at=NOON, what=said[:2000]),
        explanation=said,
    )
