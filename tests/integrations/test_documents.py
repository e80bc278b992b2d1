import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.documents import (
    MAX_FILE_BYTES,
    Document,
    DocumentError,
    Place,
    Problem,
    parse_documents,
    parse_json_document,
)
from integrations.strict import MAX_DEPTH, MAX_INTEGER


def read(text: str | bytes) -> object:
    (document,) = parse_documents(text, name="file.yaml")
    return document.data


def refusals(text: str | bytes) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        parse_documents(text, name="file.yaml")
    assert len(caught.value.problems) == len(str(caught.value).splitlines())
    return str(caught.value).splitlines()


def json_refusals(body: bytes) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        parse_json_document(body)
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("plain", "value"),
    [
        ("1.10", "1.10"),
        ("1.1", "1.1"),
        ("0.9", "0.9"),
        ("1e3", "1e3"),
        ("on", "on"),
        ("no", "no"),
        ("yes", "yes"),
        ("0x10", "0x10"),
        ("0o17", "0o17"),
        ("010", "010"),
        ("+1", "+1"),
        ("-0", "-0"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2026-01-31", "2026-01-31"),
        ("nan", "nan"),
        ("50%", "50%"),
        ("2", 2),
        ("-7", -7),
        ("0", 0),
        (str(MAX_INTEGER), MAX_INTEGER),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ('"2"', "2"),
        ("'true'", "true"),
        ('"1.10"', "1.10"),
    ],
)
def test_a_scalar_is_read_as_its_writing_says(plain: str, value: object) -> None:
    data = read(f"key: {plain}\n")

    assert data == {"key": value}
    assert isinstance(data, dict)
    assert type(data["key"]) is type(value)


def test_several_documents_each_have_their_places() -> None:
    people, model = parse_documents(
        "people:\n  ana: {name: Ana}\n---\nmodel: fraud\nowners:\n  - ana\n", name="file.yaml"
    )

    assert people.data == {"people": {"ana": {"name": "Ana"}}}
    assert people.places[("people", "ana", "name")] == Place(2, 15)
    assert people.key_places[("people", "ana")] == Place(2, 3)
    assert model.data == {"model": "fraud", "owners": ["ana"]}
    assert model.places[("owners", 0)] == Place(6, 5)
    assert model.place_of(("owners", 7, "x")) == Place(6, 3)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: &x 1\n", "file.yaml:1:4: anchors (`&x`) are not read"),
        ("a: *x\n", "file.yaml:1:4: aliases (`*x`) are not read"),
        ("a:\n  <<: {b: 1}\n", "file.yaml:2:3: merge keys (`<<`) are not read"),
        ("a: !!python/name:os.system x\n", "file.yaml:1:4: tags (`tag:yaml.org,2002:python/"),
        ("a: ! x\n", "file.yaml:1:4: tags (`!`) are not read"),
        ("a: !!str 1\n", "file.yaml:1:4: tags"),
        ("a: !!map {}\n", "file.yaml:1:4: tags"),
        ("1: a\n", "file.yaml:1:1: a key is text; write it in quotes: '1'"),
        ("true: a\n", "file.yaml:1:1: a key is text; write it in quotes: 'true'"),
        ("? [a, b]\n: c\n", "file.yaml:1:3: a key is text"),
        (": c\n", "file.yaml:1:1: a key is text"),
        ("a: .nan\n", "file.yaml:1:4: `.nan` is not a finite number"),
        ("a: -.inf\n", "file.yaml:1:4: `-.inf` is not a finite number"),
        ("a: 1e999\n", "file.yaml:1:4: `1e999` is not a finite number"),
        (f"a: {MAX_INTEGER + 1}\n", "file.yaml:1:4: integers of 2^53 and more"),
        (f"a: -{MAX_INTEGER + 1}\n", "file.yaml:1:4: integers of 2^53 and more"),
        (f"a: {'9' * 5000}\n", "file.yaml:1:4: integers of 2^53 and more"),
        ("a: 1\nb: \x00\n", "file.yaml:2:4: the character U+0000 is not allowed"),
        ("a: 1\r\nb: x\x1b[31m\n", "file.yaml:2:5: the character U+001B is not allowed"),
        ("a: x\u2028y\n", "file.yaml:1:5: the character U+2028 is not allowed"),
        ('a: "\\0"\n', "file.yaml:1:4: the text holds the character U+0000"),
        ('"a\\x07": 1\n', "file.yaml:1:1: the text holds the character U+0007"),
        ('a: "\\ud83d"\n', "file.yaml:1:4: the text holds the character U+D83D"),
        ("", "file.yaml:1:1: the file holds no document"),
        ("# only a comment\n", "file.yaml:1:1: the file holds no document"),
        ("---\n...\n", "file.yaml:1:1: the document is empty"),
        ("a: 1\n---\n---\nb: 1\n", "file.yaml:2:1: the document is empty"),
        ("%YAML 1.1\n---\na: on\n", "file.yaml:2:1: only YAML 1.2 is read"),
        ("a: [1, 2\nb: 3\n", "file.yaml:2:2: this is not YAML: expected ',' or ']', but got ':'"),
        ("a: b: c\n", "file.yaml:1:5: this is not YAML: mapping values are not allowed here"),
        ("a:\n\t- b\n", "file.yaml:2:1: this is not YAML: found character '\\t'"),
        ('a: "open\n', "file.yaml:2:1: this is not YAML: found unexpected end of stream"),
        ('a: "\\UFFFFFFFF"\n', "file.yaml:1:"),
    ],
)
def test_what_reads_differently_than_it_looks_is_refused_at_its_place(text: str, line: str) -> None:
    assert refusals(text)[0].startswith(line)


def test_a_duplicate_key_names_both_places() -> None:
    text = "people:\n  ana: {name: Ana}\n  ben: {}\n  ana: {name: Other}\n"

    assert refusals(text) == [
        "file.yaml:4:3: the key `ana` is given twice; the first is at line 2, column 3"
    ]


def test_all_problems_are_told_at_once_up_to_a_limit() -> None:
    assert [line[:13] for line in refusals("a: &x 1\nb: !t 2\nc: .inf\n")] == [
        "file.yaml:1:4",
        "file.yaml:2:4",
        "file.yaml:3:4",
    ]
    assert len(refusals("".join(f"k{n}: .nan\n" for n in range(100)))) == 20


def test_text_that_is_not_utf8_is_refused_at_its_byte() -> None:
    assert refusals("ä: 1\nbé: ".encode() + b"\xff\n") == [
        "file.yaml:2:5: the byte 0xff is not UTF-8; save the text as UTF-8"
    ]
    assert refusals("a: 1".encode("utf-16"))[0].startswith("file.yaml:1:1: the byte 0xff")


def test_a_byte_order_mark_is_no_text() -> None:
    assert read(b"\xef\xbb\xbfa: 1\n") == {"a": 1}


def test_a_file_of_256_kib_is_read_and_one_byte_more_is_not() -> None:
    fitting = "a: " + "x" * (MAX_FILE_BYTES - 3)

    assert read(fitting) == {"a": "x" * (MAX_FILE_BYTES - 3)}
    assert "at most 256 KiB" in refusals(fitting + "x")[0]


def test_nesting_is_read_to_its_limit_and_refused_at_the_place_below() -> None:
    read("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    expected = f"file.yaml:1:{MAX_DEPTH + 1}: values are nested deeper than {MAX_DEPTH}"

    assert refusals("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)) == [expected]
    assert refusals("[" * 100_000) == [expected]
    assert refusals("? " * 2_000)[0].endswith("nested deeper than 32")


def test_json_with_escaped_characters_is_read_as_yaml() -> None:
    assert read('{"a": "\\ud83d\\ude00 \\/ \\u00e9", "b": [1, 2.50, null, true]}') == {
        "a": "😀 / é",
        "b": [1, "2.50", None, True],
    }


@given(st.text(alphabet=st.sampled_from(list("ab:-?[]{},#&*!|>'\"%@`\\ \n\t01.<~/xuU"))))
def test_any_text_gives_documents_or_a_document_error(text: str) -> None:
    problems: tuple[Problem, ...] = ()
    documents: tuple[Document, ...] = ()
    try:
        documents = parse_documents(text, name="file.yaml")
    except DocumentError as error:
        problems = error.problems

    assert documents or problems
    assert all(problem.line and problem.column for problem in problems)
    assert all(() in document.places for document in documents)


_JSON_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | _JSON_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_JSON_TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(_JSON.filter(lambda data: data is not None))
def test_json_says_the_same_to_both_readers(data: object) -> None:
    text = json.dumps(data)

    assert parse_json_document(text.encode()).data == data
    assert read(text) == data


def test_json_bodies_keep_their_types() -> None:
    body = b'{"a": 1.0, "b": 1, "c": "1.10", "d": [true, null, -2.5]}'

    assert parse_json_document(body) == Document(
        "body", {"a": 1.0, "b": 1, "c": "1.10", "d": [True, None, -2.5]}
    )


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b'{"a": {"b": 1, "b": 2}}', "body: at `a.b`: the key `b` is given twice"),
        (b'{"a": NaN}', "body: at `a`: `NaN` is not a finite number"),
        (b'{"a": [1, -Infinity]}', "body: at `a[1]`: `-Infinity` is not a finite number"),
        (b'{"a": 1e999}', "body: at `a`: the number is too great"),
        (b"9007199254740992", "body: integers of 2^53 and more"),
        (b"9" * 5000, "body: integers of 2^53 and more"),
        (b'{"a": "\\u0000"}', "body: at `a`: the text holds the character U+0000"),
        (b'{"\\u0007": 1}', "body: at `\\u0007`: in a key, the text holds the character U+0007"),
        (b'{"a": "\\ud83d"}', "body: at `a`: the text holds the character U+D83D"),
        (b"", "body:1:1: this is not JSON: Expecting value"),
        (b'{\n"a": 1,}', "body:2:8: this is not JSON:"),
        (b'{"a": "\xff"}', "body:1:8: the byte 0xff is not UTF-8"),
        (b"[" * 33 + b"]" * 33, "body: at `[0][0]"),
        (b"[" * 100_000, "body: values are nested deeper than 32"),
        (b" " * (1024 * 1024 + 1), "body:1:1: 1048577 bytes are too many"),
    ],
)
def test_json_bodies_are_refused_with_their_path(body: bytes, line: str) -> None:
    assert json_refusals(body)[0].startswith(line)
