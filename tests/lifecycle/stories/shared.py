"""A lifecycle in which everything about who signs is used at once."""

from datetime import timedelta
from typing import Any

from lifecycle.commands import Attach, Decide, Prepare, Register, RequestReview
from lifecycle.decide import decide
from lifecycle.definition import Lifecycle
from lifecycle.earlier import approvals_of
from lifecycle.evolve import evolve
from lifecycle.fact_values import Previous
from lifecycle.projecting import view
from lifecycle.state import EDITION, blank
from tests.lifecycle.audit.book import Book, EvidenceSpec, RoleSpec, StageSpec
from tests.lifecycle.audit.standing import Before
from tests.lifecycle.definitions import MODEL, digest
from tests.lifecycle.stories.setting import Crowd, Setting
from tests.lifecycle.world import START

SHARED: dict[str, Any] = {
    "lifecycle": "shared",
    "roles": ["steward", "validator", "security", "lead", "legal", "chief", "owner", "backup"],
    "separation": {"never": ["producer", "requester", "commit_author"], "one_person": "one_role"},
    "evidence": {
        "datasheet": {"from": ["training"]},
        "evaluation": {"from": ["evaluation"], "require": "value.auc >= 0.9"},
    },
    "reasons": {"unclear": "It is not clear.", "wrong": "It is wrong."},
    "escalations": {
        "long": [
            {"after": "50%", "remind": "owners"},
            {"after": "80%", "tell": "manager"},
            {"after": "100%", "ask": "rotation:oncall"},
            {"after": "110%", "ask": "manager"},
            {"after": "120%", "ask": "group:risk"},
            {"after": "150%", "tell": "#models"},
            {"after": "200%", "hold": True},
        ],
        "back": [
            {"after": "50%", "remind": "owners"},
            {"after": "100%", "ask": "backup"},
            {"after": "200%", "return_to": "data"},
        ],
        "end": [{"after": "100%", "ask": "accountable"}, {"after": "150%", "expire": True}],
    },
    "stages": [
        {
            "name": "data",
            "evidence": ["datasheet"],
            "evidence_due": "2 days",
            "signoffs": [
                {
                    "role": "steward",
                    "statement": "I know this data.",
                    "binds": ["evidence.datasheet"],
                    "carry_over": True,
                    "assign": {"least_loaded": 1},
                    "fallback": "backup",
                }
            ],
            "due": "2 days",
            "escalate": "end",
        },
        {
            "name": "review",
            "accountable": "lead",
            "evidence": ["evaluation"],
            "signoffs": [
                {
                    "role": "lead",
                    "statement": "I read the review.",
                    "after": ["expert"],
                    "carry_over": True,
                },
                {
                    "role": "expert",
                    "any_of": ["validator", "security"],
                    "quorum": 2,
                    "changes_quorum": 2,
                    "comment": "required",
                    "statement": "I reviewed it.",
                },
                {"role": "legal", "advisory": True, "statement": "Nothing speaks against it."},
            ],
            "due": "4 days",
            "escalate": "long",
            "send_back_to": ["review", "data"],
        },
        {
            "name": "release",
            "independent_of": ["review"],
            "signoffs": [
                {
                    "role": "chief",
                    "quorum": "all",
                    "statement": "I agree.",
                    "assign": {"rotate": 1},
                    "fallback": "backup",
                },
                {"role": "owner", "quorum": "50%", "statement": "I own the outcome."},
            ],
            "due": "2 days",
            "escalate": "back",
            "send_back_to": ["data", "review"],
        },
    ],
    "gates": {"staging": ["review"], "production": ["release"]},
}
DEFINITION = Lifecycle.model_validate(SHARED)
BOOK = Book(
    stages={
        "data": StageSpec(
            {
                "steward": RoleSpec(
                    binds_artifacts=False, binds_evidence=("datasheet",), fallback="backup",
                    carries=True,
                )
            },
            evidence=("datasheet",),
        ),
        "review": StageSpec(
            {
                "lead": RoleSpec(binds_evidence=("evaluation",), after=("expert",), carries=True),
                "expert": RoleSpec(
                    2, binds_evidence=("evaluation",), roles=("validator", "security"), changes=2,
                    needs_comment=True,
                ),
                "legal": RoleSpec(binds_evidence=("evaluation",), is_advice=True),
            },
            needs=("data",),
            evidence=("evaluation",),
        ),
        "release": StageSpec(
            {"chief": RoleSpec("all", fallback="backup"), "owner": RoleSpec("50%")},
            needs=("review",),
            independent_of=("review",),
        ),
    },
    evidence={
        "datasheet": EvidenceSpec("training"),
        "evaluation": EvidenceSpec("evaluation", least_auc=0.9),
    },
    gates={"staging": ("data", "review"), "production": ("data", "review", "release")},
    never=("producer", "requester", "commit_author"),
    reasons=("unclear", "wrong"),
)  # fmt: skip
OWNERS = {
    "steward": ("ana", "gus"),
    "validator": ("ben",),
    "security": ("dee", "cho"),
    "lead": ("eve", "fay"),
    "legal": ("gus",),
    "chief": ("ana", "hal"),
    "owner": ("fay", "gus", "ana"),
    "backup": ("gus", "hal"),
}
SHIFTS = [
    {
        "starts": START + timedelta(hours=50 * number - 10),
        "until": START + timedelta(hours=50 * number + 40),
        "person": person,
    }
    for number, person in enumerate(("cho", "eve", "dee", "cho", "fay", "eve") * 4)
]
SURROUNDINGS = {
    "on_call": {"validator": ["oncall"]},
    "rotations": {"oncall": SHIFTS},
    "groups": {"risk": ["fay", "hal"]},
    "load": {"ana": 2, "gus": 1},
    "turns": {"chief": 1},
}


def _sent(state: Any, command: Any) -> Any:
    for fact in decide(state, command, START):
        state = evolve(state, fact)
    return state


def _before(setting: Setting) -> Previous:
    """Approve an earlier version of the same bytes, so that there is something to carry."""
    state, bytes_ = blank(MODEL, "13"), digest("one")
    given = {"name": "model", "uri": "s3://m", "digest": bytes_}
    named = {"id": "r", "by": "key:ci"}
    about = {"model": MODEL, "version": "13", "artifacts": [given]}
    makers = {"producers": ["git:trainer"], "commit_authors": ["git:trainer"]}
    state = _sent(state, Register.model_validate({**named, **about, **makers}))
    prepared = {"definition": setting.definition, "roster": Crowd(setting).roster()}
    state = _sent(state, Prepare(**prepared, edition=EDITION))
    state = _sent(state, RequestReview(id="q", by="key:ci"))
    for name, spec in setting.book.evidence.items():
        state = _sent(state, Attach(
            id=name, by="key:ci", name=name, subject=bytes_, verdict="pass", time=START,
            digest=digest(f"{name} pass 1"), value={"auc": 1} if name == "evaluation" else {},
            source=spec.source, event_id=name,
        ))  # fmt: skip
    for number in range(20):
        shown = [s for one in view(state).stages for s in one.signoffs if s.can_decide]
        if not shown:
            break
        state = _sent(state, Decide(
            id=f"d{number}", signoff=shown[0].id, revision=shown[0].revision, decision="approve",
            person=shown[0].can_decide[0], comment="Yes.",
        ))  # fmt: skip
    return approvals_of(state)


def _signed(previous: Previous, definition: Book) -> dict[tuple[str, str], Before]:
    results = {
        name: (digest("one"), "pass", digest(f"{name} pass 1"),
               {"auc": 1} if name == "evaluation" else {}, spec.source)
        for name, spec in definition.evidence.items()
    }  # fmt: skip
    found = {}
    for one in previous.approvals:
        spec = definition.stage(one.stage).roles[one.role]
        found[one.stage, one.role] = Before(
            people=tuple(vote.person for vote in one.votes),
            artifacts={"model": digest("one")} if spec.binds_artifacts else {},
            evidence={name: results[name] for name in spec.binds_evidence},
            at=START,
        )
    return found


def _setting() -> Setting:
    setting = Setting(DEFINITION, {DEFINITION.digest: BOOK}, OWNERS, SURROUNDINGS)
    previous = _before(setting)
    return setting._replace(previous=previous, before=_signed(previous, BOOK))


SETTING = _setting()
