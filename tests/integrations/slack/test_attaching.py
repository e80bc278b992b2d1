"""The modals of the message shortcut: what they offer, and that Slack takes the largest."""

import pytest

from integrations.database.participation import OpenVersion
from integrations.slack import attaching
from integrations.slack.attaching import Attachment, attachment
from integrations.slack.clicks import ReplyTo
from integrations.slack.sandbox.view_rules import check_view
from lifecycle.view import ArtifactView, EvidenceView, VersionView
from tests.integrations.slack.examples import DIGEST, WORST, question, signoff, version

LONG = "m" * 100
WIDE = "\N{GRINNING FACE}" * 100
WHERE = ReplyTo(team="T" * 20, channel="C" * 20, user="U" * 20, thread_ts="1" * 20)


def message(text: str = "It looks fine.", **fields: str) -> Attachment:
    taken = attachment(WHERE, "1.1", "Ben Ode", text, "https://x.slack.com/archives/C1/p11")
    return taken.model_copy(update={"model": "fraud-scorer", "version": "14", **fields})


def seen(*evidence: EvidenceView, **fields: object) -> VersionView:
    view = version(signoff(), **fields)
    stage = view.stages[0].model_copy(update={"evidence": evidence})
    return view.model_copy(update={"stages": (stage,)})


BYTES = ArtifactView(name="model", uri="s3://m", digest=DIGEST)


@pytest.mark.parametrize("text", ["\N{GRINNING FACE}" * 40_000, '"\\\n' * 9_000, WORST * 3_000, ""])
def test_a_message_of_any_length_is_remembered_within_what_slack_takes(text: str) -> None:
    taken = attachment(WHERE, "1" * 20, WIDE, text, "https://x.slack.com/" + "p" * 250)
    about = taken.model_copy(update={"model": LONG, "version": WIDE})
    written = about.metadata()
    assert len(written) <= 3_000
    again = Attachment.model_validate_json(written)
    assert about.text.startswith(again.text)
    assert again.model_copy(update={"text": about.text}) == about
    assert len(again.text) > 300 or not text


def test_the_digest_is_of_the_whole_message() -> None:
    one, other = message("x" * 5_000), message("x" * 4_999 + "y")
    assert one.text == other.text
    assert one.digest != other.digest
    assert one.digest == message("x" * 5_000).digest


def test_versions_of_the_longest_names_are_choices_of_their_own() -> None:
    open_ = [OpenVersion(model=LONG, version=WIDE[:-3] + f"{n:03}", status="x") for n in range(101)]
    view = attaching.choose(message(WORST * 900), open_)
    check_view(view, "modal")
    options = next(b for b in view["blocks"] if b.get("block_id") == "version")["element"][
        "options"
    ]
    assert [each["value"] for each in options] == [attaching.place_of(one) for one in open_[:100]]
    assert "The newest 100 versions are listed" in str(view["blocks"])


def test_only_names_that_are_taken_from_people_are_offered() -> None:
    measured = EvidenceView(name="evaluation", is_met=False, why="x", sources=("eval",))
    written = EvidenceView(name="notes", is_met=False, why="x", sources=("slack", "eval"))
    view = attaching.evidence(message(), seen(measured, written, artifacts=(BYTES,)))
    check_view(view, "modal")
    inputs = {b["block_id"]: b for b in view["blocks"] if b["type"] == "input"}
    assert [o["value"] for o in inputs["name"]["element"]["options"]] == ["notes"]
    assert inputs["other_name"]["optional"]
    assert [o["value"] for o in inputs["subject"]["element"]["options"]] == [DIGEST]
    alone = attaching.evidence(message(), seen(measured, artifacts=(BYTES,)))
    inputs = {b["block_id"]: b for b in alone["blocks"] if b["type"] == "input"}
    assert "name" not in inputs
    assert "optional" not in inputs["other_name"]


def test_the_same_bytes_under_two_names_are_one_choice() -> None:
    twin = BYTES.model_copy(update={"name": "twin"})
    view = attaching.evidence(message(), seen(artifacts=(BYTES, twin)))
    [subject] = [b for b in view["blocks"] if b.get("block_id") == "subject"]
    assert len(subject["element"]["options"]) == 1


def test_bytes_that_are_not_known_yet_can_not_be_spoken_of() -> None:
    unknown = BYTES.model_copy(update={"digest": None})
    with pytest.raises(ValueError, match="not known yet"):
        attaching.evidence(message(), seen(artifacts=(unknown,)))


def test_the_largest_modals_are_ones_that_slack_takes() -> None:
    largest = message(WORST * 900, author=WIDE, model=LONG, version=WIDE)
    names = tuple(
        EvidenceView(name=f"{'n' * 97}{n:02}", is_met=False, why="x", sources=("slack",))
        for n in range(64)
    )
    files = tuple(
        ArtifactView(name=LONG, uri="s3://m", digest=f"sha256:{n:064x}") for n in range(8)
    )
    check_view(attaching.evidence(largest, seen(*names, artifacts=files)), "modal")
    asked = [question(id=str(n), name="&" * 200, text=WORST * 50) for n in range(20)]
    check_view(attaching.answer(largest, asked), "modal")


@pytest.mark.parametrize("text", ["", "May and June.", "x" * 5_000])
def test_an_answer_names_its_author_and_place_within_its_length(text: str) -> None:
    said = attaching.answer_text(message(text))
    assert said.startswith("Ben Ode wrote: ")
    assert said.endswith("\nhttps://x.slack.com/archives/C1/p11")
    assert len(said) <= 1_000


def test_open_questions_are_those_of_the_round() -> None:
    asked = (question(), question(id="6", round=2), question(id="7", answered_at=signoff().due))
    view = version(signoff())
    stage = view.stages[0].model_copy(update={"questions": asked})
    view = view.model_copy(update={"stages": (stage,)})
    assert [one.id for one in attaching.open_questions_of(view)] == ["5"]
