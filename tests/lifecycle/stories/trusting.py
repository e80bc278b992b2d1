"""A lifecycle in which everything about lasting trust is used at once, and one to move to."""

from datetime import timedelta
from typing import Any

from lifecycle.definition import Lifecycle
from tests.lifecycle.audit.book import DAYS, Book, EvidenceSpec, Freeze, RoleSpec, StageSpec
from tests.lifecycle.stories.setting import Setting
from tests.lifecycle.world import START

FROZEN = Freeze(START + timedelta(hours=20), START + timedelta(hours=40))
TRUSTING: dict[str, Any] = {
    "lifecycle": "trusting",
    "roles": ["validator", "security", "owner", "chief", "duty"],
    "evidence": {
        "evaluation": {"from": ["evaluation"], "require": "value.auc >= 0.9"},
        "vuln_scan": {"from": ["scanner"], "max_age": "7 days", "findings": True},
    },
    "escalations": {
        "short": [{"after": "50%", "remind": "owners"}, {"after": "100%", "ask": "chief"}]
    },
    "stages": [
        {
            "name": "check",
            "evidence": ["evaluation", "vuln_scan"],
            "evidence_due": "2 days",
            "signoffs": [{"role": "validator", "quorum": 2, "statement": "I checked it."}],
            "due": "3 days",
            "escalate": "short",
            "one_at_a_time": True,
        },
        {
            "name": "release",
            "signoffs": [
                {"role": "owner", "statement": "I own the outcome.", "binds": ["artifacts"]},
                {
                    "role": "security",
                    "when": 'model.risk == "high"',
                    "statement": "I accept the residual risk.",
                },
            ],
            "due": "2 days",
            "escalate": "short",
            "send_back_to": ["check"],
        },
    ],
    "gates": {"staging": ["check"], "production": ["release"]},
    "trust": {
        "valid_for": "10 days",
        "renew_before": "3 days",
        "on_lapse": "close",
        "by_risk": {
            "high": {"valid_for": "5 days"},
            "low": {"valid_for": "8 days", "on_lapse": "warn"},
        },
    },
    "reopen": [
        {"event": "alert.raised", "when": 'alert.kind == "drift"', "stage": "check", "gate": "keep",
         "roles": ["validator"]},
        {"event": "alert.raised", "when": 'alert.kind == "breach"', "stage": "release"},
        {"event": "alert.raised", "when": 'alert.kind == "noise"', "stage": "check",
         "firing_for": "6 hours"},
        {"event": "base.voided", "stage": "release", "roles": ["owner"]},
    ],
    "reopenings": {"at_most": 3, "within": "1 hour", "quiet": "10 minutes"},
    "findings": {"blocks": ["high", "critical"], "accepted_by": "chief", "due": "2 days"},
    "override": {
        "roles": ["duty"],
        "at_most": "24 hours",
        "review": {"role": "chief", "statement": "I reviewed it.", "due": "3 days"},
    },
    "freezes": [
        {"name": "the end of the year", "from": FROZEN.starts.isoformat(),
         "until": FROZEN.until.isoformat()}
    ],
}  # fmt: skip


def _another() -> Lifecycle:
    check, release = TRUSTING["stages"]
    third = {"role": "validator", "quorum": 3, "statement": "I checked it."}
    advice = {"role": "duty", "advisory": True, "statement": "It can be run."}
    stages = [
        {**check, "signoffs": [third], "one_at_a_time": False},
        {**release, "signoffs": [{**release["signoffs"][0], "statement": "I own it."}, advice]},
        {"name": "run", "signoffs": [{"role": "duty", "statement": "It can be run."}]},
    ]
    gates = {"staging": ["check"], "production": ["run"]}
    return Lifecycle.model_validate({**TRUSTING, "stages": stages, "gates": gates})


DEFINITION, ANOTHER = Lifecycle.model_validate(TRUSTING), _another()
_RESULTS = ("evaluation", "vuln_scan")
BOOK = Book(
    stages={
        "check": StageSpec(
            {"validator": RoleSpec(2, binds_evidence=_RESULTS)}, evidence=_RESULTS, is_queued=True
        ),
        "release": StageSpec(
            {"owner": RoleSpec(), "security": RoleSpec(only_high_risk=True)}, needs=("check",)
        ),
    },
    evidence={
        "evaluation": EvidenceSpec("evaluation", least_auc=0.9),
        "vuln_scan": EvidenceSpec("scanner", max_age=7 * DAYS, lists_findings=True),
    },
    gates={"staging": ("check",), "production": ("check", "release")},
    lasts={"high": 5 * DAYS, "any": 10 * DAYS},
    warns=("low",),
    blocks=("high", "critical"),
    accepts="chief",
    overrides=("duty",),
    review="chief",
    review_due=3 * DAYS,
    freezes=(FROZEN,),
)
OTHER_BOOK = BOOK._replace(
    stages={
        "check": StageSpec({"validator": RoleSpec(3, binds_evidence=_RESULTS)}, evidence=_RESULTS),
        "release": StageSpec(
            {"owner": RoleSpec(), "duty": RoleSpec(is_advice=True)}, needs=("check",)
        ),
        "run": StageSpec({"duty": RoleSpec()}, needs=("release",)),
    },
    gates={"staging": ("check",), "production": ("check", "release", "run")},
)
OWNERS = {
    "validator": ("ana", "ben", "cho", "dee"),
    "security": ("dee", "fay"),
    "owner": ("eve", "fay"),
    "chief": ("fay", "hal", "gus"),
    "duty": ("cho", "gus", "hal"),
}
SETTING = Setting(
    DEFINITION,
    {DEFINITION.digest: BOOK, ANOTHER.digest: OTHER_BOOK},
    OWNERS,
    {"built_on": ["base"]},
    another=ANOTHER,
)
