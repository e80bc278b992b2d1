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
                require=said[:1000],
                verdict="fail",
                digest=DIGEST,
                source=said[:200],
                time=NOON,
            )
            for _ in range(64)
        ),
        artifacts=tuple(ArtifactView(name=name, uri="u" * 2000, digest=DIGEST) for _ in range(8)),
        asked=tuple(AskedView(person=p, name=(WORST * 20)[:200]) for p in crowd),
        can_decide=crowd,
        decisions=tuple(approval("ana", name=(WORST * 20)[:200], comment=said) for _ in range(100)),
        needed=500,
        approved=100,
        others=tuple(said[:1000] for _ in range(50)),
        send_back_to=tuple(f"{'t' * 97}{number:02}" for number in range(50)),
        binds=tuple(f"evidence {name}" for _ in range(64)),
        upcoming=Upcoming(at=NOON, what=said[:2000]),
        explanation=said,
    )
