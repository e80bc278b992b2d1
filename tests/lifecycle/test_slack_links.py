"""Whose a Slack account may become, by an address and by a confirmation."""

import pytest

from lifecycle.commands import Refused
from lifecycle.roster import PersonFile
from lifecycle.slack_links import SlackLink, SlackUser, check_confirmation, check_proposal

ANA = PersonFile(name="Ana Ruiz")
U1 = SlackUser(team="T1", user="U1")
IN_E1 = SlackUser(enterprise="E1", team="T1", user="U1")


def link(person: str, user: str = "U1", *, confirmed: bool = False, **more: str) -> SlackLink:
    place = {"team": "T1", **more}
    return SlackLink(person=person, user=user, is_confirmed=confirmed, **place)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (U1, U1, True),
        (U1, SlackUser(team="T2", user="U1"), False),
        (U1, SlackUser(team="T1", user="U2"), False),
        (IN_E1, U1, True),
        (IN_E1, SlackUser(enterprise="E1", team="T2", user="U1"), True),
        (IN_E1, SlackUser(enterprise="E2", team="T2", user="U1"), False),
        (IN_E1, SlackUser(enterprise="E1", team="T2", user="U2"), False),
    ],
)
def test_an_account_is_one_in_its_workspace_and_its_enterprise(
    one: SlackUser, other: SlackUser, is_same: bool
) -> None:
    assert one.is_same(other) is is_same
    assert other.is_same(one) is is_same


def test_an_address_proposes_what_nobody_has() -> None:
    assert check_proposal(U1, "ana", ANA, ())
    assert check_proposal(U1, "ana", ANA, (link("ana", team="T2"),))


@pytest.mark.parametrize("confirmed", [True, False])
def test_an_address_changes_nothing_that_is_known(confirmed: bool) -> None:
    assert not check_proposal(U1, "ana", ANA, (link("ana", confirmed=confirmed),))
    for known in (link("ben", confirmed=confirmed), link("ana", "U2", confirmed=confirmed)):
        with pytest.raises(Refused) as refused:
            check_proposal(U1, "ana", ANA, (known,))
        assert refused.value.code in {"account-taken", "has-account"}


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (None, "unknown-person"),
        (PersonFile(machine=True), "machine"),
        (PersonFile(left=True), "left"),
    ],
)
def test_nobody_machines_and_leavers_have_no_account(file: PersonFile | None, code: str) -> None:
    for check in (check_proposal, check_confirmation):
        with pytest.raises(Refused) as refused:
            check(U1, "ana", file, ())
        assert refused.value.code == code


def test_a_confirmation_ends_proposals_that_are_in_its_way() -> None:
    others, own = link("ben"), link("ana", "U2")
    assert check_confirmation(U1, "ana", ANA, (others, own)) == (others, own)
    assert check_confirmation(U1, "ana", ANA, (link("ana"),)) == ()
    assert check_confirmation(U1, "ana", ANA, (link("ana", confirmed=True),)) == ()


@pytest.mark.parametrize(
    ("known", "code", "todo"),
    [
        (link("ben", confirmed=True), "account-taken", "people unlink ben --slack T1/U1"),
        (link("ana", "U2", confirmed=True), "has-account", "people unlink ana --slack T1/U2"),
        (
            link("ben", confirmed=True, team="T2", enterprise="E1"),
            "account-taken",
            "people unlink ben --slack T2/U1",
        ),
    ],
)
def test_a_confirmed_account_gives_way_to_nobody(known: SlackLink, code: str, todo: str) -> None:
    with pytest.raises(Refused, match=todo) as refused:
        check_confirmation(IN_E1, "ana", ANA, (known,))
    assert refused.value.code == code


def test_a_person_may_have_an_account_in_each_workspace() -> None:
    known = link("ana", "U2", confirmed=True, team="T2")
    assert check_confirmation(U1, "ana", ANA, (known,)) == ()
