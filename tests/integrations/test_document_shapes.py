"""Documents read into models, and what is told where they do not fit."""

from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from integrations.documents import located, parse_documents, parse_json_document
from lifecycle.values import Whole
from tests.integrations.test_documents import read


class Signoff(BaseModel):
    model_config = ConfigDict(extra="forbid")
    role: str
    quorum: int | str = 1
    statement: str = ""


class Stage(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    version: str = ""
    threshold: float = 0.0
    machine: bool = False
    start: Literal["on_request", "on_registration"] = "on_request"
    signoffs: tuple[Signoff, ...] = ()
    owners: dict[str, list[str]] = Field(default_factory=dict)

    @field_validator("name")
    @classmethod
    def _is_lower(cls, name: str) -> str:
        if name != name.lower():
            raise ValueError("names are written in small letters")
        return name


class File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    stages: tuple[Stage, ...]


class Turn(BaseModel):
    weeks: Whole


def validation_lines(text: str) -> list[str]:
    (document,) = parse_documents(text, name="file.yaml")
    with pytest.raises(ValidationError) as caught:
        File.model_validate(document.data)
    return str(located(document, caught.value, model=File)).splitlines()


def test_pydantic_reads_the_scalars_by_the_type_of_the_field() -> None:
    stage = Stage.model_validate(
        read(
            "name: data\nversion: 1.10\nthreshold: 0.9\nmachine: true\n"
            "signoffs: [{role: a, quorum: 2}, {role: b, quorum: 50%}, {role: c, quorum: all}]\n"
        )
    )

    assert stage.version == "1.10"
    assert stage.threshold == 0.9
    assert stage.machine is True
    assert [signoff.quorum for signoff in stage.signoffs] == [2, "50%", "all"]


def test_an_unknown_key_names_the_key_that_it_resembles() -> None:
    text = "stages:\n  - name: data\n    signoffs:\n      - {role: a, statment: I agree.}\n"

    assert validation_lines(text) == [
        "file.yaml:4:19: unknown key `statment`; did you mean `statement`?"
    ]


def test_an_unknown_key_like_no_other_lists_the_known_ones() -> None:
    assert validation_lines("stages: []\nzzz: 1\n") == [
        "file.yaml:2:1: unknown key `zzz`; known here: `stages`"
    ]


def test_a_missing_key_is_told_at_its_parent() -> None:
    assert validation_lines("stages:\n  - version: 1.10\n") == [
        "file.yaml:2:5: the key `name` is missing in `stages[0]`"
    ]
    assert validation_lines("{}\n") == ["file.yaml:1:1: the key `stages` is missing"]


def test_wrong_types_are_told_in_words_in_the_order_of_the_file() -> None:
    text = (
        "stages:\n"
        "  - name: 14\n"
        "    machine: perhaps\n"
        "    start: sometime\n"
        "    signoffs:\n"
        "      - {role: a, quorum: [2]}\n"
        "    owners: {security: no}\n"
        "  - name: Data\n"
    )

    assert validation_lines(text) == [
        'file.yaml:2:11: `stages[0].name` should be text, not `14`; write it in quotes: "14"',
        "file.yaml:3:14: `stages[0].machine` should be true or false, not `perhaps`",
        (
            "file.yaml:4:12: `stages[0].start` should be 'on_request' or 'on_registration', "
            "not `sometime`"
        ),
        (
            "file.yaml:6:27: `stages[0].signoffs[0].quorum` should be a whole number or text, "
            "not a list"
        ),
        "file.yaml:7:24: `stages[0].owners.security` should be a list, not `no`",
        "file.yaml:8:11: `stages[1].name`: names are written in small letters",
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ('"2"', "a whole number, not `2`; leave out its quotes: 2"),
        ("two", "a whole number, not `two`"),
        ("true", "a whole number, not true"),
        ("2.5", "a whole number, not `2.5`"),
    ],
)
def test_a_number_is_no_text_and_no_truth(given: str, said: str) -> None:
    (document,) = parse_documents(f"weeks: {given}\n", name="file.yaml")
    with pytest.raises(ValidationError) as caught:
        Turn.model_validate(document.data)
    assert str(located(document, caught.value)) == f"file.yaml:1:8: `weeks` should be {said}"


def test_a_document_of_another_shape_is_told_as_a_whole() -> None:
    assert validation_lines("- a\n- b\n") == [
        "file.yaml:1:1: the document should be a mapping, not a list"
    ]


def test_problems_of_a_json_body_carry_their_path() -> None:
    document = parse_json_document(b'{"stages": [{"name": "a", "versoin": "1"}]}')
    with pytest.raises(ValidationError) as caught:
        File.model_validate(document.data)

    error = located(document, caught.value, model=File)

    assert error.problems[0].path == ("stages", 0, "versoin")
    assert error.problems[0].line is None
    assert str(error) == (
        "body: at `stages[0].versoin`: unknown key `versoin`; did you mean `version`?"
    )


def test_a_list_is_not_called_too_short_when_its_item_is_wrong() -> None:
    class Signed(BaseModel):
        signoffs: tuple[Signoff, ...] = Field(min_length=1)

    (document,) = parse_documents("signoffs:\n  - {role: a, quorm: 2}\n", name="file.yaml")
    with pytest.raises(ValidationError) as caught:
        Signed.model_validate(document.data)
    (problem,) = located(document, caught.value, model=Signed).problems
    assert problem.message.startswith("unknown key `quorm`")

    (document,) = parse_documents("signoffs: []\n", name="file.yaml")
    with pytest.raises(ValidationError) as caught:
        Signed.model_validate(document.data)
    (problem,) = located(document, caught.value, model=Signed).problems
    assert "at least 1" in problem.message
