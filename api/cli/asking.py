"""What the commands of people share: one question to the API, its outcome told."""

from typing import Any

from api.cli.connection import connect
from api.cli.failures import OutcomeUnknown
from api.cli.screen import print_json, say

Answer = dict[str, Any]
NOT_RECORDED = "The record follows when the database is back; your answer stands."


def ask(
    address: str, body: dict[str, Any], *, url: str | None, key: str | None, repeat: str | None
) -> Answer:
    """Post what is asked for; values that are None stay out of the body.

    `repeat` is the Idempotency-Key of an earlier try. Raises Failed; an outcome that stays unknown
    says how to ask again.
    """
    from api.cli.client import new_key

    name = repeat or new_key()
    given = {field: value for field, value in body.items() if value is not None}
    with connect(url, key) as api:
        try:
            return api.write("POST", address, given, idempotency_key=name)
        except OutcomeUnknown as unknown:
            raise OutcomeUnknown(
                f"{unknown}\nIt may be done or not. Repeat it, and it counts once: "
                f"add --idempotency-key {name}"
            ) from unknown


def tell(answer: Answer, sentence: str, *, json: bool) -> None:
    """Say that it is done, and where the version is now."""
    if json:
        print_json(answer)
        return
    say(sentence)
    say(answer["view"]["explanation"]["summary"])
    if answer.get("recorded") is False:
        say(NOT_RECORDED)


def newest(answer: Answer, kind: str) -> str:
    """Give the number of the newest finding or override of an answer's view; empty for none."""
    listed = answer["view"].get(kind) or []
    numbers = [str(one["id"]) for one in listed]
    return max(numbers, key=lambda number: (len(number), number), default="")
