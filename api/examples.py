"""Examples for the OpenAPI schema, all of one story."""

from typing import Any

DIGEST = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
REPORT = "sha256:60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"
AT = "2026-03-02T09:30:00Z"

LIFECYCLE: dict[str, Any] = {
    "lifecycle": "classic-ml",
    "roles": ["validator"],
    "evidence": {"evaluation": {"from": ["evaluation"], "require": "value.auc >= 0.9"}},
    "stages": [
        {
            "name": "validate",
            "evidence": ["evaluation"],
            "signoffs": [
                {
                    "role": "validator",
                    "statement": "I reviewed the evaluation independently of its authors.",
                }
            ],
            "due": "5 business days",
        }
    ],
    "gates": {"production": ["validate"]},
}
LIFECYCLE_YAML = """\
lifecycle: classic-ml
roles: [validator]
evidence:
  evaluation: {from: [evaluation], require: "value.auc >= 0.9"}
stages:
  - name: validate
    evidence: [evaluation]
    signoffs:
      - role: validator
        statement: I reviewed the evaluation independently of its authors.
    due: 5 business days
gates:
  production: [validate]
"""
LIFECYCLE_PUT = {"name": "classic-ml", "digest": DIGEST, "warnings": []}
PERSON = {
    "name": "Ben Ode",
    "email": "ben@example.com",
    "manager": "dee",
    "identities": ["git:ben-o"],
}
PERSON_PUT = {"id": "ben", **PERSON, "changed": True}
AWAY: dict[str, Any] = {
    "away": [{"from": "2026-08-03T00:00:00Z", "until": "2026-08-24T00:00:00Z", "delegate": "ben"}]
}
AWAY_PUT = {"id": "ana", **AWAY, "changed": True, "warnings": []}
OFFER = {"role": "validator", "to": "cho", "note": "You know the evaluation best."}
HANDOVER = {
    "model": "fraud-scorer",
    "id": 1,
    "role": "validator",
    "giver": "ben",
    "receiver": "cho",
    "offered_by": "ben",
    "note": "You know the evaluation best.",
    "status": "open",
    "offered_at": AT,
    "ended_at": None,
    "reason": "",
}
OWNER_LISTED = {
    "person": "ben",
    "name": "Ben Ode",
    "problems": ["silent"],
    "models": 1,
    "roles": [{"model": "fraud-scorer", "role": "validator", "through": "group:risk-team"}],
    "asked": 4,
    "answered": 0,
    "last_answer": None,
    "open": 4,
    "oldest": AT,
}
GROUP = {"members": ["ana", "ben"]}
GROUP_YAML = "members: [ana, ben]\n"
GROUP_PUT = {"id": "risk-team", **GROUP, "given_by": {"ana": "dee", "ben": "dee"}, "changed": True}
ROTATION: dict[str, Any] = {
    "people": ["ana", "ben"],
    "zone": "Europe/Paris",
    "starts": "2026-01-05T09:00:00",
    "weeks": 1,
    "overrides": [
        {"from": "2026-03-02T08:00:00Z", "until": "2026-03-03T08:00:00Z", "person": "ben"}
    ],
}
ROTATION_YAML = "people: [ana, ben]\nzone: Europe/Paris\nstarts: 2026-01-05T09:00\n"
ROTATION_PUT = {"id": "ml-oncall", **ROTATION, "changed": True}
MODEL = {
    "model": "fraud-scorer",
    "lifecycle": "classic-ml",
    "layer": "platform",
    "risk": "high",
    "owners": {"validator": ["ben", "cho"]},
    "slack_channel": "#model-fraud",
}
MODEL_YAML = """\
model: fraud-scorer
lifecycle: classic-ml
layer: platform
risk: high
owners: {validator: [ben, cho]}
slack_channel: "#model-fraud"
"""
MODEL_PUT = {**MODEL, "known_as": [], "given_by": {}, "changed": True, "warnings": []}
FACTS = {
    "items": [
        {
            "seq": 1,
            "at": AT,
            "kind": "VersionRegistered",
            "hash": DIGEST,
            "prev": "sha256:" + "0" * 64,
            "subject": "version/fraud-scorer/14",
            "fact": {"kind": "VersionRegistered", "model": "fraud-scorer", "version": "14"},
            "recorded_at": AT,
            "withheld": [],
        }
    ],
    "next": None,
    "as_of": AT,
}
NEW_KEY = {
    "scopes": ["pipeline"],
    "models": ["fraud-*"],
    "events": ["undersigned.*"],
    "sources": ["training", "evaluation"],
    "expires_at": "2027-01-01T00:00:00Z",
}
KEY_ISSUED = {"id": "4f9a1c22b7e0", "key": "und_4f9a1c22b7e0_…"}
NEW_VERSION = {
    "version": "14",
    "artifact": {"uri": "s3://models/fraud-scorer/14", "digest": DIGEST},
    "producers": ["git:ana-r"],
}
VERSION = {
    "model": "fraud-scorer",
    "version": "14",
    "status": "in_review",
    "sequence": 9,
    "stages": [],
    "gates": [],
    "explanation": {
        "summary": "Waiting for Ben Ode or Cho Lin to sign validate as validator.",
        "waiting": [],
        "upcoming": {"at": AT, "what": "Ben Ode and Cho Lin are reminded."},
    },
}
TOLD = {"sequence": 9, "recorded": True, "changed": True, "view": VERSION}
DECISION = {
    "decision": "approve",
    "revision": DIGEST,
    "comment": "Checked the confusion matrix on the hold-out set.",
}
REVIEW_REQUEST = {"effective_at": "2026-03-09T00:00:00Z"}
ANSWER_WITHDRAWAL = {"reason": "The hold-out set was the wrong one."}
DELEGATION = {"to": "cho", "until": "2026-03-09T00:00:00Z", "reason": "I am travelling."}
SNOOZE = {"until": "2026-03-03T08:00:00Z"}
QUESTION = {"text": "Which slice is the recall of 0.71 from?"}
REQUEST_WITHDRAWAL = {"reason": "Trained on a stale snapshot."}
OVERRIDE = {"gate": "production", "hours": 4, "reason": "Fraud wave; the old model misses it."}
OVERRIDE_SHOWN = {
    "model": "fraud-scorer",
    "version": "14",
    "id": "1",
    "gate": "production",
    "person": "eve",
    "name": "Eve Lind",
    "role": "business_owner",
    "reason": "Fraud wave; the old model misses it.",
    "at": AT,
    "until": "2026-03-02T13:30:00Z",
    "digests": [DIGEST],
    "is_over": False,
    "is_reviewed": False,
}
RELEASE = {"stage": "validate", "reason": "The pipeline that changed the bytes is fixed."}
FINDING = {
    "title": "Recall drops for accounts under 30 days",
    "severity": "high",
    "owner": "ana",
    "due": "2026-03-16T00:00:00Z",
    "stage": "validate",
}
RESOLUTION = {"finding": "1", "resolution": "Retrained with the missing slice; see run 815."}
ACCEPTANCE = {"finding": "1", "reason": "Under 0.1 % of the volume."}
CONDITION_MET = {"condition": "1", "comment": "The dashboard is live."}
ANSWER = {"question": "1", "text": "From accounts under 30 days."}
MIGRATION = {"lifecycle_digest": DIGEST, "reason": "The new policy.", "dry_run": True}
MIGRATION_FORESEEN = {
    "lifecycle": "classic-ml",
    "lifecycle_digest": DIGEST,
    "changes": [
        "validate begins round 2: The lifecycle changed. validator needs 2 approvals and has 1."
    ],
    "sequence": 9,
}
SIGNOFF = {
    "id": "fraud-scorer:14:validate:1:validator",
    "model": "fraud-scorer",
    "version": "14",
    "stage": "validate",
    "round": 1,
    "role": "validator",
    "status": "pending",
    "statement": "I reviewed the evaluation independently of its authors.",
    "revision": DIGEST,
    "asked": [{"person": "ben", "name": "Ben Ode"}],
    "decisions": [],
    "needed": 1,
    "approved": 0,
    "asked_at": AT,
    "explanation": "Waiting for Ben Ode.",
}
EVENT = {
    "specversion": "1.0",
    "id": "run-812",
    "source": "evaluation",
    "type": "undersigned.evidence.attached",
    "time": AT,
    "datacontenttype": "application/json",
    "data": {
        "model": "fraud-scorer",
        "version": "14",
        "name": "evaluation",
        "verdict": "pass",
        "subject": DIGEST,
        "digest": REPORT,
        "value": {"auc": 0.94},
    },
}
EVENTS_TAKEN = {"items": [{"id": "5d41402abc4b2a76b9719d911017c592", "status": "accepted"}]}
EVENT_SHOWN = {
    "id": "5d41402abc4b2a76b9719d911017c592",
    "source": "evaluation",
    "event": "run-812",
    "type": "undersigned.evidence.attached",
    "model": "fraud-scorer",
    "version": "14",
    "received_at": AT,
    "status": "applied",
    "why": "",
    "sequence": 9,
}
GATE = {
    "allowed": False,
    "certain": True,
    "reasons": ["validate: Waiting for Ben Ode or Cho Lin to sign as validator."],
    "gate": "production",
    "model": "fraud-scorer",
    "version": "14",
    "approvals": [],
    "as_of": AT,
    "valid_until": None,
}
WAITING = {
    "by": "owner",
    "items": [
        {
            "key": "ben",
            "name": "Ben Ode",
            "count": 3,
            "oldest": AT,
            "overdue": 1,
            "p50": 5400.0,
            "p90": 86400.0,
            "versions_blocked": 2,
        }
    ],
    "next": None,
    "as_of": AT,
}


def page_of(item: dict[str, Any]) -> dict[str, Any]:
    """Give a page that holds one item."""
    return {"items": [item], "next": None, "as_of": AT}
