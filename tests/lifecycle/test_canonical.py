"""Canonical bytes, digests and the chain of facts."""

import json
from typing import Any

import pytest
from temporalio.contrib.pydantic import pydantic_data_converter

from lifecycle.canonical import GENESIS, Entry, Head, append, digest_of, digest_of_bytes, short
from lifecycle.facts import fact_json, parse_fact
from lifecycle.state import VersionState
from lifecycle.values import SignoffKey, json_problems, signoff_id
from tests.lifecycle.definitions import CLASSIC, classic
from tests.lifecycle.world import World


def _chain(facts: list[dict[str, Any]]) -> list[Entry]:
    entries, head = [], Head()
    for fact in facts:
        entries.append(append("version/m/1", head, fact))
        head = entries[-1].head
    return entries


def test_each_entry_names_the_hash_before_it() -> None:
    first, second = _chain([{"kind": "A"}, {"kind": "B"}])
    assert json.loads(first.body) == {
        "subject": "version/m/1", "seq": 1, "prev": GENESIS, "fact": {"kind": "A"}
    }  # fmt: skip
    assert json.loads(second.body)["prev"] == first.hash
    assert [e.hash for e in (first, second)] == [
        digest_of_bytes(e.body.encode()) for e in (first, second)
    ]


@pytest.mark.parametrize("changed", [0, 1])
def test_another_fact_anywhere_gives_every_later_entry_another_hash(changed: int) -> None:
    facts: list[dict[str, Any]] = [{"n": 0}, {"n": 1}, {"n": 2}]
    others = [*facts]
    others[changed] = {"n": "changed"}
    pairs = zip(_chain(facts), _chain(others), strict=True)
    assert [a.hash == b.hash for a, b in pairs] == [n < changed for n in range(3)]


def test_the_same_fact_has_another_hash_in_another_chain_or_place() -> None:
    fact = {"kind": "A"}
    first, second = _chain([fact, fact])
    elsewhere = append("version/m/2", Head(), fact)
    assert len({first.hash, second.hash, elsewhere.hash}) == 3


def test_the_order_of_keys_and_the_form_of_numbers_do_not_matter() -> None:
    assert digest_of({"a": 1, "b": 2.0}) == digest_of({"b": 2, "a": 1.0})
    assert short(digest_of({})) == digest_of({})[7:19]


def test_every_fact_of_a_story_reads_back_from_its_stored_form() -> None:
    world = World(classic())
    world.approve_classic()
    for fact in world.facts:
        assert parse_fact(json.loads(json.dumps(fact_json(fact)))) == fact


def test_a_definition_keeps_its_digest_through_json_and_the_writing_out_of_defaults() -> None:
    lifecycle = classic()
    assert type(lifecycle).model_validate_json(lifecycle.model_dump_json()) == lifecycle
    assert type(lifecycle).model_validate(lifecycle.content()).digest == lifecycle.digest
    release = {**CLASSIC["stages"][2], "needs": ["validate"]}
    assert classic(stages=[*CLASSIC["stages"][:2], release]).digest == lifecycle.digest


def test_the_state_reads_back_from_what_temporal_carries() -> None:
    world = World(classic())
    world.approve_classic()
    converter = pydantic_data_converter.payload_converter
    (state,) = converter.from_payloads(converter.to_payloads([world.state]), [VersionState])
    assert state == world.state


def test_another_statement_is_another_lifecycle() -> None:
    data = CLASSIC["stages"][0]
    signoff = {**data["signoffs"][0], "statement": "I looked."}
    other = classic(stages=[{**data, "signoffs": [signoff]}, *CLASSIC["stages"][1:]])
    assert other.digest != classic().digest


@pytest.mark.parametrize(
    ("value", "is_fine"),
    [
        ({"a": [1, "x", None, True, 0.5]}, True),
        ({"a": 2**53 - 1}, True),
        ({"a": 2**53}, False),
        ({"a": -(2**53)}, False),
        ({"a": float("nan")}, False),
        ({"a": float("inf")}, False),
        ({"a": "\ud800"}, False),
        ({1: "a"}, False),
        ({"a": b"bytes"}, False),
    ],
)
def test_what_canonical_json_cannot_hold_is_named(value: Any, is_fine: bool) -> None:
    assert (not list(json_problems(value))) == is_fine


def test_json_that_is_nested_too_deep_is_refused_without_recursing_forever() -> None:
    deep: Any = {}
    for _ in range(5000):
        deep = {"a": deep}
    assert set(json_problems(deep)) == {"nested deeper than 32 levels"}


@pytest.mark.parametrize("version", ["14", "1:2/3", "v 1", "ü", "%3A", "a:b:c"])
def test_a_signoff_id_reads_back_whatever_the_version_is_called(version: str) -> None:
    key = SignoffKey.parse(signoff_id("m", version, "review", 3, "validator"))
    assert (key.version, key.round, str(key)) == (
        version, 3, signoff_id("m", version, "review", 3, "validator")
    )  # fmt: skip


@pytest.mark.parametrize("text", ["", "a:b:c", "a:b:c:x:d", "a:b:c:-1:d", "a:b:c:1:d:e"])
def test_what_is_no_signoff_id_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="model:version:stage:1:role"):
        SignoffKey.parse(text)
