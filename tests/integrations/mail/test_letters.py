"""What is in an e-mail, with the largest and the most hostile words."""

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from integrations.mail.letters import BadAddress, address_in, letter
from lifecycle.view import AskedView, SignoffView
from tests.integrations.mail.mailbox import text_of
from tests.integrations.slack.examples import NOON, STATEMENT, largest, signoff

SENDER = address_in("Undersigned <undersigned@models.example>")
URL = "https://undersigned.example.com"
BEN = AskedView(
    person="ben", name="Ben Ode", delivery="not in Slack", undelivered="no account with b@x.org"
)


def written(view: SignoffView, person: AskedView = BEN, url: str | None = URL) -> EmailMessage:
    made = letter(view, person, "ben@example.com", SENDER, url, NOON)
    parsed = message_from_bytes(made.as_bytes(), policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def test_it_says_what_is_asked_of_whom_about_what_until_when_and_where_to_answer() -> None:
    made = written(signoff())
    assert made["To"] == "Ben Ode <ben@example.com>"
    assert made["From"] == "Undersigned <undersigned@models.example>"
    assert made["Subject"] == "Sign-off asked as validator: fraud-scorer 14, stage validate"
    assert made["Auto-Submitted"] == "auto-generated"
    assert made.get_content_type() == "text/plain"
    text = text_of(made)
    for words in (
        "you are asked to sign as validator.",
        f"> {STATEMENT}",
        "Model:    fraud-scorer",
        "Version:  14",
        "Stage:    validate, round 1",
        "Due:      2026-03-05 12:00 UTC",
        "Next:     2026-03-03 12:00 UTC: Ana Ruiz is reminded.",
        "it did not reach you in Slack: no account with b@x.org.",
        f"undersigned sign fraud-scorer:14:validate:1:validator approve --url {URL}",
        f"{URL}/v1/signoffs/fraud-scorer%3A14%3Avalidate%3A1%3Avalidator",
        "Answering this e-mail decides nothing.",
    ):
        assert words in text


def test_without_a_public_address_there_is_no_link() -> None:
    text = text_of(written(signoff(), url=None))
    assert "https://" not in text
    assert "undersigned sign fraud-scorer:14:validate:1:validator approve\n" in text


def test_who_stands_in_for_somebody_is_told_for_whom() -> None:
    stand_in = BEN.model_copy(update={"on_behalf_of": "ana", "undelivered": ""})
    text = text_of(written(signoff(), stand_in))
    assert "asked to sign as validator on behalf of Ana Ruiz." in text
    assert "in Slack" not in text


def test_a_request_and_person_give_one_message_id_and_others_another() -> None:
    ids = [
        written(signoff())["Message-ID"],
        written(signoff(due=NOON + timedelta(days=9)))["Message-ID"],
        written(signoff(), BEN.model_copy(update={"person": "ana"}))["Message-ID"],
        written(signoff(round=2))["Message-ID"],
    ]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert all(each.endswith("@models.example>") for each in ids)


def test_words_from_outside_make_no_header_no_command_and_no_second_line() -> None:
    evil = "14\r\nBcc: all@example.com\n\n`rm -rf ~` $(x) ; y"
    person = BEN.model_copy(update={"name": "Ben\r\nBcc: x@example.com\u202e", "person": "ben"})
    made = written(signoff(version=evil, statement=f"Sign.\n{evil}"), person)
    assert made["Bcc"] is None
    assert made["To"].addresses[0].addr_spec == "ben@example.com"
    assert len(made["To"].addresses) == 1
    assert "\n" not in made["Subject"]
    text = text_of(made)
    commands = [line for line in text.split("\n") if line.startswith("  undersigned")]
    assert len(commands) == 3
    assert all("'" in line for line in commands if "$(x)" in line)
    assert not any(line.startswith("Bcc") for line in text.split("\n"))
    assert "\u202e" not in text


def test_the_largest_request_is_a_letter_of_a_bounded_size() -> None:
    crowd = largest()
    made = written(crowd, crowd.asked[0])
    assert len(made["Subject"]) <= 200
    assert len(made.as_bytes()) < 64 * 1024
    assert all(len(line) <= 998 for line in made.as_bytes().split(b"\n"))


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b@c", "ana@example.com\r\nBcc: x@example.com", "a b@example.com"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(BadAddress):
        address_in(address)
