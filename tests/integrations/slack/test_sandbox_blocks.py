from typing import Any

import pytest

from integrations.slack.sandbox.blocks import Surface, block_problems
from integrations.slack.sandbox.view_rules import view_problems
from tests.integrations.slack.bolt_app import REASON_MODAL, button, card

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def options(count: int) -> list[Json]:
    return [{"text": plain(f"o{number}"), "value": f"v{number}"} for number in range(count)]


def section(**fields: Any) -> Json:
    return {"type": "section", "text": plain("x"), **fields}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def entry(element: Json, **fields: Any) -> Json:
    return {"type": "input", "label": plain("x"), "element": element, **fields}


def field(**fields: Any) -> Json:
    return {"type": "plain_text_input", "action_id": "a", **fields}


def menu(**fields: Any) -> Json:
    return {"type": "static_select", "action_id": "a", **fields}


def several(**fields: Any) -> Json:
    return {"type": "multi_static_select", "action_id": "a", **fields}


CONFIRM = {"title": plain("t"), "text": plain("x"), "confirm": plain("y"), "deny": plain("n")}

WELL: list[Json] = [
    section(text=plain("x" * 3000)),
    section(fields=[plain("x" * 2000)] * 10),
    section(accessory={**button("a"), "confirm": CONFIRM, "style": "danger"}),
    section(accessory={"type": "image", "image_url": "https://e.com/i.png", "alt_text": "i"}),
    {"type": "header", "text": plain("x" * 150)},
    {"type": "divider"},
    {"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 10},
    {"type": "image", "image_url": "https://e.com/i.png", "alt_text": "i", "title": plain("t")},
    actions(*(button(str(number)) for number in range(25))),
    actions({"type": "overflow", "action_id": "o", "options": options(5)}),
    actions(menu(options=options(100), initial_option=options(1)[0])),
    actions({"type": "users_select", "action_id": "u", "placeholder": plain("who")}),
    entry(field(multiline=True, min_length=1, max_length=3000), hint=plain("h"), optional=True),
    entry({"type": "datepicker", "action_id": "d", "initial_date": "2026-01-31"}),
    entry({"type": "checkboxes", "action_id": "c", "options": options(10)}),
    entry({"type": "users_select", "action_id": "u", "initial_user": "U0SBX000001"}),
    entry(several(options=options(100), initial_options=options(3), max_selected_items=3)),
    {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}],
    },
    {"type": "markdown", "text": "# x"},
]

ILL: list[tuple[Json, str]] = [
    (section(text=plain("x" * 3001)), "less than 3001 characters [json-pointer:/blocks/0/text"),
    (section(text=plain("")), "more than 0 characters"),
    (section(text="x"), "must provide an object"),
    ({"type": "section"}, "at least one of: text, fields"),
    (section(fields=[plain("x")] * 11), "no more than 10 items allowed"),
    (section(fields=[plain("x" * 2001)]), "less than 2001"),
    (section(colour="red"), "invalid additional property: colour [json-pointer:/blocks/0]"),
    (section(block_id="b" * 256), "less than 256"),
    (section(accessory=field()), "unsupported type: plain_text_input"),
    (section(accessory={**button("a"), "confirm": {**CONFIRM, "when": 1}}), "property: when"),
    (
        section(accessory={**button("a"), "confirm": {**CONFIRM, "deny": plain("n" * 31)}}),
        "less than 31",
    ),
    ({"type": "header", "text": plain("x" * 151)}, "less than 151"),
    ({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}, "unsupported type: mrkdwn"),
    ({"type": "context", "elements": [plain("x")] * 11}, "no more than 10"),
    ({"type": "context", "elements": [button("a")]}, "unsupported type: button"),
    ({"type": "divider", "text": plain("x")}, "invalid additional property: text"),
    ({"type": "image", "image_url": "https://e.com/i.png"}, "required field: alt_text"),
    ({"type": "image", "image_url": "i.png", "alt_text": "i"}, "valid url"),
    ({"type": "shout"}, "unsupported type: shout"),
    ({"text": "x"}, "missing required field: type"),
    (actions(), "no less than 1"),
    (actions(*(button(str(number)) for number in range(26))), "no more than 25"),
    (actions(button("a"), button("a")), '"action_id" a already exists'),
    (actions(field()), "unsupported type: plain_text_input"),
    (actions({**button("a"), "text": plain("x" * 76)}), "less than 76"),
    (actions({**button("a"), "value": "x" * 2001}), "less than 2001"),
    (actions({**button("a"), "action_id": "x" * 256}), "less than 256"),
    (actions({**button("a"), "url": "https://e.com/" + "x" * 3000}), "less than 3001"),
    (actions({**button("a"), "style": "loud"}), "valid enum value"),
    (actions({**button("a"), "text": {"type": "mrkdwn", "text": "x"}}), "unsupported type"),
    (actions({"type": "overflow", "action_id": "o", "options": options(6)}), "no more than 5"),
    (actions({"type": "overflow", "action_id": "o", "options": []}), "no less than 1"),
    (actions(menu(options=options(101))), "no more than 100"),
    (actions(menu()), "exactly one of: options, option_groups"),
    (actions(menu(options=options(2) + options(1))), "values must be unique"),
    (actions(menu(options=options(1), initial_option=options(2)[1])), "not among"),
    (actions(menu(options=[{"text": plain("x" * 76), "value": "v"}])), "less than 76"),
    (actions(menu(options=[{"text": plain("x"), "value": "v" * 151}])), "less than 151"),
    (entry(field(max_length=3001)), "between 1 and 3000"),
    (entry(field(min_length=5, max_length=4)), "min_length"),
    (entry(field(placeholder=plain("x" * 151))), "less than 151"),
    (entry(field(), label=plain("x" * 2001)), "less than 2001"),
    (entry(field(), optional="yes"), "must provide a boolean"),
    (entry(button("a")), "unsupported type: button"),
    (entry({"type": "datepicker", "action_id": "d", "initial_date": "soon"}), "regexp"),
    (entry({"type": "checkboxes", "action_id": "c", "options": options(11)}), "no more than 10"),
    (entry({"type": "datepicker", "action_id": "d", "initial_date": "2026-02-30"}), "valid date"),
    (entry({"type": "datepicker", "action_id": "d", "min_date": "2026-02-03"}), "property: min"),
    (entry({"type": "users_select", "action_id": "u", "initial_user": "ana"}), "regexp"),
    (entry({"type": "users_select", "action_id": "u", "options": []}), "property: options"),
    (entry({"type": "overflow", "action_id": "o", "options": options(2)}), "unsupported type"),
    (
        actions({"type": "overflow", "action_id": "o", "options": options(1), "value": "v"}),
        "property: value",
    ),
    (
        actions(
            {
                "type": "overflow",
                "action_id": "o",
                "options": [{"text": plain("x"), "value": "v" * 151}],
            }
        ),
        "less than 151 characters",
    ),
    (actions(several(options=options(2))), "unsupported type: multi_static_select"),
    (entry(several(options=options(101))), "no more than 100 items"),
    (entry(several(options=options(2), max_selected_items=0)), "between 1 and"),
    (
        entry(several(options=options(3), initial_options=options(3), max_selected_items=2)),
        "not exceed max_selected_items",
    ),
    ({"type": "markdown", "text": "x" * 12_001}, "less than 12001"),
]


@pytest.mark.parametrize("block", WELL, ids=str)
def test_a_block_within_the_limits_is_shown(block: Json) -> None:
    assert block_problems([block], "message") == []


@pytest.mark.parametrize(("block", "words"), ILL, ids=[words for _, words in ILL])
def test_a_block_past_a_limit_is_refused_with_its_place(block: Json, words: str) -> None:
    [problem] = block_problems([block], "message")
    assert words in problem
    assert "[json-pointer:/blocks/0" in problem


@pytest.mark.parametrize(("surface", "most"), [("message", 50), ("modal", 100), ("home", 100)])
def test_a_surface_holds_so_many_blocks(surface: Surface, most: int) -> None:
    assert block_problems([{"type": "divider"}] * most, surface) == []
    assert block_problems([{"type": "divider"}] * (most + 1), surface) != []


def test_block_ids_differ_within_a_message() -> None:
    assert "already exists" in block_problems([section(block_id="a")] * 2, "message")[0]


def test_the_same_action_id_may_stand_in_two_blocks() -> None:
    assert block_problems([actions(button("a")), actions(button("a"))], "message") == []


def test_markdown_is_for_messages_only() -> None:
    assert block_problems([{"type": "markdown", "text": "x"}], "modal") != []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": plain("x" * 25)}, "less than 25 characters [json-pointer:/view/title/text]"),
        ({"submit": plain("x" * 25)}, "less than 25"),
        ({"close": plain("x" * 25)}, "less than 25"),
        ({"private_metadata": "x" * 3001}, "less than 3001"),
        ({"callback_id": "x" * 256}, "less than 256"),
        ({"external_id": "x" * 256}, "less than 256"),
        ({"blocks": []}, "no less than 1"),
        ({"id": "V1"}, "invalid additional property: id"),
        ({"type": "window"}, "unsupported type: window"),
    ],
)
def test_a_modal_past_a_limit_is_refused(change: Json, words: str) -> None:
    assert words in view_problems({**REASON_MODAL, **change}, ("modal",))[0]


def test_a_modal_with_inputs_needs_a_submit_button() -> None:
    without = {name: value for name, value in REASON_MODAL.items() if name != "submit"}
    assert view_problems(without, ("modal",)) == [
        "missing required field: submit [json-pointer:/view]"
    ]


def test_a_home_tab_has_no_title() -> None:
    home = {"type": "home", "blocks": card(button("a"))}
    assert view_problems(home, ("home",)) == []
    assert view_problems({**home, "title": plain("x")}, ("home",)) != []
