"""The lifecycle of the reference, with a stage that rules alone decide and one that needs two."""

from datetime import timedelta

from lifecycle.definition import Lifecycle
from tests.lifecycle.audit.book import DAYS, Book, EvidenceSpec, RoleSpec, StageSpec
from tests.lifecycle.definitions import CLASSIC
from tests.lifecycle.stories.setting import Setting


def _definition() -> Lifecycle:
    data, validate, release = CLASSIC["stages"]
    signoffs = [*release["signoffs"], {"role": "ciso", "quorum": "all", "statement": "I agree."}]
    scan = {"name": "scan", "accountable": "security", "evidence": ["vuln_scan"],
            "evidence_due": "1 days"}  # fmt: skip
    stages = [
        scan,
        {**data, "needs": []},
        validate,
        {**release, "needs": ["validate", "scan"], "signoffs": signoffs, "send_back_to": ["data"]},
    ]
    trust = {"valid_for": "10 days", "renew_before": "3 days", "on_lapse": "close"}
    return Lifecycle.model_validate({**CLASSIC, "stages": stages, "trust": trust})


DEFINITION = _definition()
EVIDENCE = {
    "datasheet": EvidenceSpec("training"),
    "evaluation": EvidenceSpec("evaluation", least_auc=0.9),
    "vuln_scan": EvidenceSpec("scanner", max_age=timedelta(days=7)),
}
_RESULTS = ("evaluation", "vuln_scan")
BOOK = Book(
    stages={
        "scan": StageSpec({}, evidence=("vuln_scan",)),
        "data": StageSpec(
            {"data_steward": RoleSpec(binds_artifacts=False, binds_evidence=("datasheet",))},
            evidence=("datasheet",),
        ),
        "validate": StageSpec(
            {
                "validator": RoleSpec(2, binds_evidence=_RESULTS),
                "security": RoleSpec(
                    binds_evidence=_RESULTS, only_high_risk=True, needs_comment=True
                ),
            },
            needs=("data",),
            evidence=_RESULTS,
        ),
        "release": StageSpec(
            {"business_owner": RoleSpec(), "ciso": RoleSpec("all")}, needs=("validate", "scan")
        ),
    },
    evidence=EVIDENCE,
    gates={"staging": ("data", "validate"), "production": ("scan", "data", "validate", "release")},
    lasts={"any": 10 * DAYS},
)
SETTING = Setting(DEFINITION, {DEFINITION.digest: BOOK})
