"""The smallest lifecycle in which every rule can meet every other: 2 stages, 3 people."""

from typing import Any

from lifecycle.definition import Lifecycle
from lifecycle.roster import Member, Roster
from tests.lifecycle.definitions import MODEL, digest

PEOPLE = ("ana", "ben", "cho")
BYTES = (digest("one"), digest("two"))
STAGES: dict[str, dict[str, tuple[int, bool]]] = {
    "data": {"steward": (1, False)},
    "release": {"validator": (2, True)},
}
"""For each stage and role: how many must approve, and whether its evidence is bound."""
NEEDS = {"data": (), "release": ("data",)}
OWNERS = (
    {"steward": ("ana",), "validator": ("ana", "ben", "cho")},
    {"steward": ("ben",), "validator": ("ben", "cho")},
)
"""Two rosters: with the second, ben is steward in ana's place, and ana no validator any more."""
SMALL: dict[str, Any] = {
    "lifecycle": "small",
    "roles": ["steward", "validator"],
    "separation": {"never": ["producer", "requester"], "one_person": "one_role"},
    "evidence": {"report": {"from": ["ci"]}},
    "escalations": {"short": [{"after": "100%", "ask": "validator"}]},
    "stages": [
        {
            "name": "data",
            "signoffs": [{"role": "steward", "statement": "I know this data."}],
            "due": "2 days",
            "escalate": "short",
        },
        {
            "name": "release",
            "evidence": ["report"],
            "signoffs": [
                {"role": "validator", "quorum": 2, "statement": "I read the report."},
            ],
            "due": "2 days",
            "send_back_to": ["data"],
        },
    ],
    "gates": {"production": ["release"]},
    "override": {
        "roles": ["steward"],
        "at_most": "4 hours",
        "review": {"role": "validator", "statement": "I reviewed it.", "due": "1 days"},
    },
    "reopen": [
        {"event": "alert.raised", "stage": "release", "roles": ["validator"], "gate": "close"},
    ],
    "findings": {"blocks": ["high"], "accepted_by": "steward"},
}
EXTRAS = ("override", "findings", "reopen")
"""What a plain lifecycle does without: then these commands open no gate and no round."""


def _moved(rules: dict[str, Any]) -> Lifecycle:
    """Give a definition to move to: the steward signs another sentence."""
    first, second = rules["stages"]
    again = {"role": "steward", "statement": "I know this data well."}
    return Lifecycle.model_validate({**rules, "stages": [{**first, "signoffs": [again]}, second]})


_PLAIN = {key: value for key, value in SMALL.items() if key not in EXTRAS}
DEFINITION, OTHER = Lifecycle.model_validate(SMALL), _moved(SMALL)
PLAIN, OTHER_PLAIN = Lifecycle.model_validate(_PLAIN), _moved(_PLAIN)


def roster(number: int) -> Roster:
    """Give one of the two rosters."""
    people = [Member(id=p, name=p, identities=(f"git:{p}",)) for p in PEOPLE]
    people.append(Member(id="trainer", machine=True, identities=("git:trainer",)))
    return Roster(
        number=1,
        model=MODEL,
        risk="low",
        owners=OWNERS[number],
        people={member.id: member for member in people},
    )


ROSTERS = (roster(0), roster(1))
