"""Whom the open requests of a view reached in Slack, by what is written down of their copies."""

from collections.abc import Mapping

from integrations.database.slack_store import SlackMessage
from integrations.slack.copies import FAILED, LISTED, NOT_IN_SLACK, OVER
from integrations.slack.plan import Key, signoff_request, signoffs
from lifecycle.receipts import Outcome, Receipt
from lifecycle.state import SignoffStatus
from lifecycle.view import SignoffView, VersionView

LONGEST_WHY = 200


def receipts_of(
    view: VersionView, rows: Mapping[Key, SlackMessage], *, otherwise: str = ""
) -> tuple[Receipt, ...]:
    """Give the receipts of every open request; who has the same is named together.

    `otherwise` is why those who may decide and have no copy are not reached, where that is known.
    """
    return tuple(
        receipt
        for signoff in signoffs(view)
        if signoff.status is SignoffStatus.PENDING and signoff.is_open
        for receipt in _of_signoff(signoff, rows, otherwise)
    )


def _of_signoff(
    signoff: SignoffView, rows: Mapping[Key, SlackMessage], otherwise: str
) -> list[Receipt]:
    people: dict[tuple[Outcome, str], list[str]] = {}
    request, able = signoff_request(signoff.id), frozenset(signoff.can_decide)
    for asked in signoff.asked:
        row = rows.get((request, asked.person))
        found = _outcome(row) if row is not None else None
        if found is None and otherwise and not asked.is_away and asked.person in able:
            found = ("failed", otherwise)
        if found is not None:
            people.setdefault(found, []).append(asked.person)
    return [
        Receipt(
            stage=signoff.stage,
            round=signoff.round,
            role=signoff.role,
            outcome=outcome,
            why=why,
            people=tuple(named),
        )
        for (outcome, why), named in people.items()
    ]


def _outcome(row: SlackMessage) -> tuple[Outcome, str] | None:
    """Give a copy's outcome; None while nobody knows, or when it was over before it was sent.

    A card that is there reached its reader, though Slack may refuse to change it since.
    """
    if row.ts is not None or row.state == LISTED:
        return ("sent", "")
    if row.error == OVER:
        return None
    if row.state == NOT_IN_SLACK:
        return ("not in Slack", row.error[:LONGEST_WHY])
    if row.state == FAILED:
        return ("failed", row.error.partition(":")[0][:LONGEST_WHY])
    return None
