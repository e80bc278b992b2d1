"""Lifecycles and rosters that the tests of the core share."""

from typing import Any

from lifecycle.canonical import digest_of_bytes
from lifecycle.definition import Lifecycle
from lifecycle.roster import Member, Roster

MODEL = "fraud-scorer"
VERSION = "14"

STANDARD: list[dict[str, Any]] = [
    {"after": "50%", "remind": "owners"},
    {"after": "100%", "tell": "manager"},
    {"after": "150%", "ask": "ciso"},
]
CLASSIC: dict[str, Any] = {
    "lifecycle": "classic-ml",
    "start": "on_request",
    "calendar": {"zone": "Europe/Paris", "hours": "09:00-17:30", "holidays": "FR"},
    "roles": ["data_steward", "validator", "security", "business_owner", "ciso"],
    "separation": {"never": ["producer", "requester"], "one_person": "one_role"},
    "evidence": {
        "datasheet": {"from": ["training"]},
        "evaluation": {"from": ["evaluation"], "require": "value.auc >= 0.9"},
        "vuln_scan": {"from": ["scanner"], "max_age": "7 days"},
    },
    "escalations": {"standard": STANDARD},
    "stages": [
        {
            "name": "data",
            "accountable": "data_steward",
            "evidence": ["datasheet"],
            "evidence_due": "2 days",
            "signoffs": [
                {
                    "role": "data_steward",
                    "statement": "I confirm the lawful basis and lineage of this data.",
                    "binds": ["evidence.datasheet"],
                }
            ],
            "due": "3 days",
            "escalate": "standard",
        },
        {
            "name": "validate",
            "needs": ["data"],
            "accountable": "validator",
            "evidence": ["evaluation", "vuln_scan"],
            "evidence_due": "2 days",
            "signoffs": [
                {
                    "role": "validator",
                    "quorum": 2,
                    "statement": "I reviewed the evaluation independently of its authors.",
                },
                {
                    "role": "security",
                    "when": 'model.risk == "high"',
                    "statement": "I accept the residual security risk of these bytes.",
                    "confirm": True,
                },
            ],
            "due": "4 days",
            "escalate": "standard",
            "send_back_to": ["validate", "data"],
        },
        {
            "name": "release",
            "accountable": "business_owner",
            "signoffs": [
                {
                    "role": "business_owner",
                    "statement": "I own the outcome of using this model.",
                    "binds": ["artifacts"],
                }
            ],
            "due": "2 days",
            "escalate": "standard",
        },
    ],
    "gates": {"staging": ["validate"], "production": ["release"]},
    "trust": {
        "valid_for": "180 days",
        "renew_before": "30 days",
        "renew": ["validate", "release"],
        "on_lapse": "close",
    },
    "reopen": [
        {
            "event": "alert.raised",
            "when": 'alert.kind == "drift"',
            "stage": "validate",
            "roles": ["validator"],
            "gate": "keep",
        },
        {
            "event": "alert.raised",
            "when": 'alert.kind == "vulnerability"',
            "stage": "validate",
            "roles": ["security"],
            "gate": "close",
        },
    ],
}


def classic(**changes: Any) -> Lifecycle:
    """Give the lifecycle of the reference, with top-level keys changed."""
    return Lifecycle.model_validate({**CLASSIC, **changes})


def one_stage(
    *signoffs: dict[str, Any], stage: dict[str, Any] | None = None, **changes: Any
) -> Lifecycle:
    """Give a lifecycle of one stage, `review`, with these sign-offs."""
    asked = signoffs or ({"role": "validator"},)
    own = [s.get("role", "one of several") for s in asked]
    review = {
        "name": "review",
        "signoffs": [
            {"statement": f"I vouch as {name}.", **s} for name, s in zip(own, asked, strict=True)
        ],
        **(stage or {}),
    }
    return Lifecycle.model_validate(
        {
            "lifecycle": "short",
            "roles": ["validator", "security", "data_steward", "ciso"],
            "gates": {"production": ["review"]},
            "stages": [review],
            **changes,
        }
    )


def member(name: str, *, manager: str | None = None, machine: bool = False) -> Member:
    """Give a person whose Git identity is their id."""
    return Member(
        id=name,
        name=f"{name.capitalize()} Ruiz" if not machine else name,
        manager=manager,
        machine=machine,
        identities=(f"git:{name}", f"email:{name}@example.com"),
    )


OWNERS: dict[str, tuple[str, ...]] = {
    "data_steward": ("ana",),
    "validator": ("ben", "cho"),
    "security": ("dee",),
    "business_owner": ("eve",),
    "ciso": ("fay",),
}
PEOPLE = ("ana", "ben", "cho", "dee", "eve", "fay", "gus", "hal")


def roster(
    owners: dict[str, tuple[str, ...]] | None = None,
    *,
    number: int = 1,
    risk: str | None = "low",
    people: tuple[Member, ...] | None = None,
    given_by: dict[str, dict[str, str]] | None = None,
) -> Roster:
    """Give a roster in which everybody's manager is `hal`, and `trainer` is a machine."""
    known = people or (
        *(member(p, manager=None if p == "hal" else "hal") for p in PEOPLE),
        member("trainer", machine=True),
    )
    return Roster(
        number=number,
        model=MODEL,
        layer="platform",
        risk=risk,
        owners=OWNERS if owners is None else owners,
        given_by=given_by or {},
        people={m.id: m for m in known},
    )


def digest(text: str) -> str:
    """Give the digest of some bytes that a test names by a word."""
    return digest_of_bytes(text.encode())


WEIGHTS = digest("weights")
OTHER = digest("other weights")
