import base64
import traceback

import pytest

from integrations.slack.sealing import KeysUnusable, Seal, SealBroken, new_key

TOKEN = "xoxb-1-secret"
OLD, NEW = new_key(), new_key()


def test_a_token_opens_where_it_was_sealed_for() -> None:
    sealed = Seal.of(OLD).close(TOKEN, "bot-token/T1")

    assert Seal.of(OLD).open(sealed, "bot-token/T1") == TOKEN
    assert TOKEN not in sealed
    assert base64.urlsafe_b64encode(TOKEN.encode()).decode().rstrip("=") not in sealed


def test_the_same_token_is_never_sealed_twice_alike() -> None:
    seal = Seal.of(OLD)

    assert seal.close(TOKEN, "bot-token/T1") != seal.close(TOKEN, "bot-token/T1")


def test_a_sealed_token_in_another_row_does_not_open() -> None:
    sealed = Seal.of(OLD).close(TOKEN, "bot-token/T1")

    with pytest.raises(SealBroken):
        Seal.of(OLD).open(sealed, "bot-token/T2")


@pytest.mark.parametrize("place", [0, 3, 12, -1])
def test_a_changed_byte_is_noticed(place: int) -> None:
    head, _, body = Seal.of(OLD).close(TOKEN, "bot-token/T1").rpartition(".")
    raw = bytearray(base64.urlsafe_b64decode(body))
    raw[place] ^= 1

    changed = base64.urlsafe_b64encode(bytes(raw)).decode()
    with pytest.raises(SealBroken):
        Seal.of(OLD).open(f"{head}.{changed}", "bot-token/T1")


@pytest.mark.parametrize("sealed", ["", "v1", "v1.0123456789abcdef.AAAA", "v2.x.y", "v1..ä"])
def test_what_is_no_sealed_text_is_refused(sealed: str) -> None:
    with pytest.raises(SealBroken):
        Seal.of(OLD).open(sealed, "bot-token/T1")


@pytest.mark.parametrize("body", ["", "AAAA", "ä", "====", "A"])
def test_a_sealed_text_that_was_cut_is_refused(body: str) -> None:
    head = Seal.of(OLD).close(TOKEN, "x").rpartition(".")[0]

    with pytest.raises(SealBroken):
        Seal.of(OLD).open(f"{head}.{body}", "x")


def test_an_older_key_still_opens_and_the_newest_one_seals() -> None:
    old, both, new = Seal.of(OLD), Seal.of(f"{NEW}, {OLD}"), Seal.of(NEW)
    sealed = old.close(TOKEN, "x")

    assert both.open(sealed, "x") == TOKEN
    assert not both.is_newest(sealed)
    again = both.close(TOKEN, "x")
    assert both.is_newest(again)
    assert new.open(again, "x") == TOKEN
    with pytest.raises(SealBroken, match="not among the keys"):
        new.open(sealed, "x")


@pytest.mark.parametrize(
    "keys", ["", ",", "short", "!" * 44, base64.b64encode(bytes(range(31))).decode()]
)
def test_keys_that_are_none_are_refused_and_not_repeated(keys: str) -> None:
    with pytest.raises(KeysUnusable) as refused:
        Seal.of(keys)

    assert "store-key" in str(refused.value)
    assert len(keys) < 2 or keys not in str(refused.value)


def test_neither_key_nor_token_is_in_what_a_failure_prints() -> None:
    sealed = Seal.of(OLD).close(TOKEN, "x")

    with pytest.raises(SealBroken) as broken:
        Seal.of(OLD).open(sealed, "y")

    told = "".join(traceback.format_exception(broken.value)) + repr(Seal.of(OLD).__dict__)
    assert TOKEN not in told
    assert OLD not in told
    assert broken.value.__cause__ is None
