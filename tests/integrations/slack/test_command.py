"""What is typed behind `/undersigned`, and what is answered."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from integrations.slack.command_answers import (
    pending_answer,
    usage,
    version_answer,
    versions_answer,
)
from integrations.slack.command_text import (
    BadUsage,
    Delegate,
    Typed,
    delegate_of,
    exactly,
    moment_of,
    typed,
)
from integrations.slack.sandbox.content import refuse_blocks
from integrations.slack.text import section
from lifecycle.state import StageStatus
from lifecycle.view import Explanation, StageView, Upcoming, Waiting
from tests.integrations.slack.examples import NOON, WORST, signoff, version
from tests.integrations.slack.test_home import SMILE, largest

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", Typed("help")),
        ("  PENDING ", Typed("pending")),
        ("status fraud-scorer 14", Typed("status", ("fraud-scorer", "14"))),
        ('status m "a b"', Typed("status", ("m", "a b"))),
        ("status m \u201ca b\u201d", Typed("status", ("m", "a b"))),
        ("status m 1&lt;2&amp;3", Typed("status", ("m", "1<2&3"))),
        (
            "status m <http://v1.example.com|v1.example.com>",
            Typed("status", ("m", "v1.example.com")),
        ),
        ("away a b <@U012AB3CD|ben>", Typed("away", ("a", "b", "@U012AB3CD"))),
        ("away a b <@W012AB3CD>", Typed("away", ("a", "b", "@W012AB3CD"))),
    ],
)
def test_words_are_read_as_slack_sends_them(text: str, words: Typed) -> None:
    assert typed(text) == words


@pytest.mark.parametrize("text", ['status "m', "x" * 1_001])
def test_what_nobody_can_split_is_bad_usage(text: str) -> None:
    with pytest.raises(BadUsage):
        typed(text)


def test_too_many_or_too_few_words_say_how_it_is_written() -> None:
    with pytest.raises(BadUsage, match=r"own MODEL ROLE"):
        exactly(Typed("own", ("m",)), 2, 2)
    with pytest.raises(BadUsage, match=r"away FROM UNTIL"):
        exactly(Typed("away", ("1", "2", "3", "4")), 0, 3)


@pytest.mark.parametrize(
    ("word", "instant"),
    [
        ("2026-08-03", datetime(2026, 8, 2, 22, tzinfo=UTC)),
        ("2026-08-03T13:00", datetime(2026, 8, 3, 11, tzinfo=UTC)),
        ("2026-08-03T13:00Z", datetime(2026, 8, 3, 13, tzinfo=UTC)),
        ("2026-03-29T02:30", datetime(2026, 3, 29, 1, tzinfo=UTC)),  # the clock skips it
    ],
)
def test_times_are_local_where_no_zone_is_written(word: str, instant: datetime) -> None:
    assert moment_of(word, PARIS) == instant


@pytest.mark.parametrize("word", ["soon", "2026-13-01", "0001-01-01", "9999-12-31", ""])
def test_what_is_no_usable_date_is_bad_usage(word: str) -> None:
    with pytest.raises(BadUsage):
        moment_of(word, PARIS)


def test_a_delegate_is_an_account_or_a_person() -> None:
    assert delegate_of("@U012AB3CD") == Delegate(account="U012AB3CD")
    assert delegate_of("@ben") == delegate_of("ben") == Delegate(person="ben")


def test_the_largest_answers_are_ones_that_slack_takes() -> None:
    name, said = "n" * 100, (WORST * 400)[:3000]
    waiting = Waiting(kind="owner", who=name, name=said, stage=name, since=NOON, due=NOON, why=said)
    explanation = Explanation(
        summary=said, waiting=(waiting,) * 500, upcoming=Upcoming(at=NOON, what=said)
    )
    stages = tuple(
        StageView(name=name, status=StageStatus.ASKING, round=99, explanation=explanation)
        for _ in range(60)
    )
    whole = version(signoff(), version=SMILE * 100, stages=stages, explanation=explanation)
    rows = [{"version": SMILE * 100, "status": "in_review", "summary": said}] * 10
    for answer in (
        usage(said),
        pending_answer(largest(20), NOON, "<slack://app?team=T&id=A&tab=home|your Home tab>"),
        versions_answer(name, rows),
        version_answer(whole),
    ):
        refuse_blocks([section(answer)])
        assert "<!channel>" not in answer
        assert "\u202e" not in answer


def test_a_version_is_explained_in_the_words_of_the_core() -> None:
    waiting = Waiting(
        kind="owner", who="ana", name="Ana Ruiz", stage="validate", role="validator",
        since=NOON, due=NOON + timedelta(days=1), why="Ana Ruiz has to sign as validator.",
    )  # fmt: skip
    explanation = Explanation(
        summary="validate waits for Ana Ruiz.",
        waiting=(waiting,),
        upcoming=Upcoming(at=NOON, what="Dee Park is told."),
    )
    answer = version_answer(version(signoff(), explanation=explanation))
    assert "`fraud-scorer` version `14`*: in review" in answer
    assert "validate waits for Ana Ruiz." in answer
    assert "Ana Ruiz has to sign as validator. (due <!date^" in answer
    assert "Dee Park is told." in answer
