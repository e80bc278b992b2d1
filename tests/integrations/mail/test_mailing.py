"""Letters through a real SMTP server: once each, refusals as receipts, trouble tried again."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from integrations.database import mail_store, registry
from integrations.mail.mailing import NO_ADDRESS, Mailing
from integrations.mail.server import MailServer, MailUnavailable
from lifecycle.mailing import Unasked
from lifecycle.receipts import Receipt
from lifecycle.roster import PersonFile
from tests.integrations.mail.mailbox import HOST, Mailbox, knows, mailbox, text_of
from tests.integrations.slack.examples import NAMES, NOON, asked, signoff, version

REQUEST = signoff()
VIEW = version(REQUEST)
SENDER = "undersigned@models.example"


@pytest.fixture
async def box() -> AsyncIterator[Mailbox]:
    async with mailbox() as found:
        yield found


@pytest.fixture
async def mailing(box: Mailbox, engine: AsyncEngine) -> Mailing:
    for person in NAMES:
        await describe(engine, person, email=f"{person}@example.com")
    return Mailing(box.server, engine, sender=SENDER)


async def describe(engine: AsyncEngine, person: str, **fields: Any) -> None:
    file = PersonFile(name=NAMES[person], **fields)
    async with engine.begin() as connection:
        await registry.put_person(connection, person, file, by="key:k", at=NOON)


def to(*people: str) -> tuple[Unasked, ...]:
    return (
        Unasked(signoff=REQUEST.id, stage="validate", round=1, role="validator", people=people),
    )


def receipt(outcome: Any, person: str, why: str = "") -> Receipt:
    return Receipt(
        stage="validate",
        round=1,
        role="validator",
        way="email",
        outcome=outcome,
        why=why,
        people=(person,),
    )


async def test_everybody_gets_one_letter_however_often_it_is_sent(
    box: Mailbox, mailing: Mailing
) -> None:
    for _ in range(3):
        found = await mailing.send(VIEW, to("ana", "ben"))
        assert found.receipts == (receipt("sent", "ana"), receipt("sent", "ben"))
        assert found.trouble is None
    assert box.recipients == [["ana@example.com"], ["ben@example.com"]]
    [one] = box.to("ana@example.com")
    assert "you are asked to sign as validator." in text_of(one)


async def test_an_address_that_is_refused_for_good_is_a_receipt_and_not_tried_again(
    box: Mailbox, mailing: Mailing
) -> None:
    box.refusals["ana@example.com"] = "550 5.1.1 no such user"
    for _ in range(2):
        found = await mailing.send(VIEW, to("ana", "ben"))
        refused = receipt("failed", "ana", "550 5.1.1 no such user")
        assert found.receipts == (refused, receipt("sent", "ben"))
    assert box.tries == ["ana@example.com", "ben@example.com"]


async def test_a_delay_of_one_does_not_hold_up_others_and_is_tried_again(
    box: Mailbox, mailing: Mailing
) -> None:
    box.refusals["ana@example.com"] = "451 4.7.1 greylisted, try again"
    found = await mailing.send(VIEW, to("ana", "ben"))
    assert found.receipts == (receipt("sent", "ben"),)
    assert "greylisted" in str(found.trouble)
    box.refusals.clear()
    found = await mailing.send(VIEW, to("ana"))
    assert found.receipts == (receipt("sent", "ana"),)
    assert [each["To"] for each in box.letters] == [
        "Ben Ode <ben@example.com>", "Ana Ruiz <ana@example.com>",
    ]  # fmt: skip


async def test_after_a_lost_reply_the_letter_goes_again_under_the_same_name(
    box: Mailbox, mailing: Mailing, engine: AsyncEngine
) -> None:
    box.after = "451 4.3.0 lost it"
    found = await mailing.send(VIEW, to("ana"))
    assert found.receipts == ()
    async with engine.connect() as connection:
        row = (await mail_store.letters_of(connection, [REQUEST.id]))[REQUEST.id, "ana"]
    assert row.state == "posting"
    box.after = ""
    await mailing.send(VIEW, to("ana"))
    first, second = box.letters
    assert first["Message-ID"] == second["Message-ID"] == row.message_id


async def test_a_server_that_is_away_is_trouble_and_nothing_else(
    box: Mailbox, engine: AsyncEngine, mailing: Mailing
) -> None:
    away = Mailing(MailServer(HOST, 1, "none"), engine, sender=SENDER)
    found = await away.send(VIEW, to("ana"))
    assert found.receipts == ()
    assert isinstance(found.trouble, MailUnavailable)
    await mailing.send(VIEW, to("ana"))
    assert len(box.letters) == 1


@pytest.mark.parametrize("fields", [{}, {"email": "ana@ex,ample.com"}])
async def test_who_has_no_address_or_none_that_works_is_a_receipt(
    box: Mailbox, mailing: Mailing, engine: AsyncEngine, fields: dict[str, Any]
) -> None:
    await describe(engine, "ana", **fields)
    [found] = (await mailing.send(VIEW, to("ana"))).receipts
    assert found.outcome == "failed"
    assert found.why == NO_ADDRESS or "is no e-mail address" in found.why
    assert box.tries == []


async def test_who_is_not_in_the_view_any_more_gets_nothing(box: Mailbox, mailing: Mailing) -> None:
    view = version(signoff(asked=asked("ben"), can_decide=("ben",)))
    assert (await mailing.send(view, to("ana"))).receipts == ()
    assert box.tries == []


# What aiosmtpd says of its own ways; there is no TLS between this process and itself.
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
@pytest.mark.filterwarnings("ignore:Session.login_data is deprecated:DeprecationWarning")
async def test_it_signs_in_where_the_server_asks_for_it(engine: AsyncEngine) -> None:
    await describe(engine, "ana", email="ana@example.com")
    check = knows("robot", "s3cret")
    options = {"authenticator": check, "auth_required": True, "auth_require_tls": False}
    async with mailbox(**options) as box:
        for password, count in (("wrong", 0), ("s3cret", 1)):
            server = MailServer(HOST, box.port, "none", "robot", SecretStr(password))
            found = await Mailing(server, engine, sender=SENDER).send(VIEW, to("ana"))
            assert len(found.receipts) == len(box.letters) == count
            assert password not in str(found.trouble)


async def test_a_server_without_encryption_is_not_trusted_where_it_is_asked_for(
    box: Mailbox, engine: AsyncEngine
) -> None:
    await describe(engine, "ana", email="ana@example.com")
    server = MailServer(HOST, box.port)
    found = await Mailing(server, engine, sender=SENDER).send(VIEW, to("ana"))
    assert isinstance(found.trouble, MailUnavailable)
    assert box.tries == []
