// Draws what can be clicked, chosen and filled in.
// https://docs.slack.dev/reference/block-kit/block-elements
import { make, webLink } from "./dom.js";
import { mrkdwn, plain } from "./mrkdwn.js";

const GROUPS = new Set([
  "checkboxes", "radio_buttons", "multi_static_select", "multi_users_select",
  "multi_channels_select",
]);
let counter = 0;

export const isGroup = ({ type }) => GROUPS.has(type);

export function element(block, described, on) {
  const field = (DRAW[described.type] ?? unknown)(described, {
    on,
    start: start(block, described, on),
    enter: (value) => enter(block, described, on, value),
    act: (value) => on.act(block, described, value),
  });
  field.id ||= `field-${++counter}`;
  if (block.dispatch_action) field.dataset.dispatches = "yes";
  if (described.focus_on_load) field.setAttribute("autofocus", "");
  return field;
}

// What was entered stays when the blocks are drawn anew, as long as the field is the same.
function start(block, described, on) {
  const entered = on.entered[block.block_id];
  if (entered && described.action_id in entered) return entered[described.action_id];
  const found = Object.keys(described).find((name) => /^initial_/.test(name));
  const value = found && described[found];
  if (Array.isArray(value)) return value.map((each) => each.value ?? each);
  return value?.value ?? value;
}

// Slack's client tells the app of a choice at once, but of an input block's only where it asks.
function enter(block, described, on, value) {
  (on.entered[block.block_id] ??= {})[described.action_id] = value;
  const isTold = block.type !== "input" || block.dispatch_action;
  if (isTold && !isTyped(described)) on.act(block, described, value);
}

const isTyped = ({ type }) => /_input$/.test(type);

const DRAW = {
  button(described, { act }) {
    const click = async ({ currentTarget: pressed }) => {
      const address = webLink(described.url ?? "");
      if (address) window.open(address, "_blank", "noopener,noreferrer");
      pressed.setAttribute("aria-busy", "true"); // until the app has acknowledged
      await act(null);
      pressed.removeAttribute("aria-busy");
    };
    const label = described.accessibility_label;
    return make(
      "button",
      { type: "button", class: described.style ?? "", "aria-label": label, onclick: click },
      plain(described.text.text),
    );
  },
  overflow(described, { act }) {
    const menu = make("details", { class: "overflow" });
    const choose = (option) => () => {
      menu.open = false;
      act(option.value);
    };
    const close = (event) => {
      if (event.key === "Escape" && menu.open) {
        event.preventDefault();
        menu.open = false;
        menu.firstChild.focus();
      }
    };
    menu.addEventListener("keydown", close);
    menu.addEventListener("focusout", (event) => {
      if (!menu.contains(event.relatedTarget)) menu.open = false;
    });
    const options = described.options.map((each) =>
      make("button", { type: "button", onclick: choose(each) }, ...optionWords(each)),
    );
    const panel = make("div", {}, ...options);
    menu.append(make("summary", { "aria-label": "More" }, "⋯"), panel);
    menu.addEventListener("toggle", () => panel.scrollIntoView({ block: "nearest" }));
    return menu;
  },
  static_select: (described, given) =>
    select(described, given, described.options ?? [], described.option_groups ?? []),
  users_select: (described, given) => select(described, given, given.on.people.map(asOption)),
  channels_select: (described, given) => select(described, given, given.on.channels.map(asOption)),
  conversations_select: (described, given) =>
    select(described, given, given.on.channels.map(asOption)),
  multi_static_select: (described, given) =>
    several(described, given, [
      ...(described.options ?? []),
      ...(described.option_groups ?? []).flatMap((group) => group.options),
    ]),
  multi_users_select: (described, given) => several(described, given, given.on.people.map(asOption)),
  multi_channels_select: (described, given) =>
    several(described, given, given.on.channels.map(asOption)),
  checkboxes: (described, given) => several(described, given, described.options),
  radio_buttons(described, { start: chosen, enter }) {
    const name = `radio-${++counter}`;
    const radios = described.options.map((each) =>
      choice("radio", each, { name, checked: each.value === chosen }, () => enter(each.value)),
    );
    return make("fieldset", {}, ...radios);
  },
  datepicker: (described, given) => picker("date", described, given),
  timepicker: (described, given) => picker("time", described, given),
  datetimepicker(described, { start: seconds, enter }) {
    const local = (at) => new Date(at * 1000 - new Date(at * 1000).getTimezoneOffset() * 60_000);
    const value = seconds ? local(seconds).toISOString().slice(0, 16) : "";
    const changed = (event) => enter(Math.floor(new Date(event.target.value) / 1000) || null);
    return make("input", { type: "datetime-local", value, onchange: changed });
  },
  plain_text_input(described, given) {
    const lengths = {
      minlength: described.min_length,
      maxlength: described.max_length ?? 3000,
    };
    if (!described.multiline) return typed("input", { ...lengths, type: "text" }, described, given);
    const area = typed("textarea", { ...lengths, rows: 4 }, described, given);
    area.value = given.start ?? "";
    return area;
  },
  email_text_input: (described, given) => typed("input", { type: "email" }, described, given),
  url_text_input: (described, given) => typed("input", { type: "url" }, described, given),
  number_input(described, given) {
    const step = described.is_decimal_allowed ? "any" : "1";
    const limits = { min: described.min_value, max: described.max_value };
    return typed("input", { type: "number", step, ...limits }, described, given);
  },
};

const unknown = (described) => make("i", {}, `(an element of kind ${described.type})`);
const asOption = ({ id, name }) => ({ value: id, text: { type: "plain_text", text: name } });

function typed(tag, attributes, described, { start: value, enter, act }) {
  const wanted = described.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const tellOn = (when, event) => {
    if (!event.target.dataset.dispatches || !wanted.includes(when)) return;
    event.preventDefault();
    act(event.target.value);
  };
  const onkeydown = (event) => {
    if (tag === "input" && event.key === "Enter") tellOn("on_enter_pressed", event);
  };
  const oninput = (event) => {
    enter(event.target.value || null);
    tellOn("on_character_entered", event);
  };
  return make(tag, {
    ...attributes,
    value: tag === "input" ? value : undefined,
    placeholder: described.placeholder?.text,
    oninput,
    onkeydown,
  });
}

function picker(type, described, { start: value, enter }) {
  return make("input", {
    type,
    value,
    "aria-label": described.placeholder?.text,
    onchange: (event) => enter(event.target.value || null),
  });
}

function select(described, { start: chosen, enter }, options, groups = []) {
  const one = (option) =>
    make("option", { value: option.value, selected: option.value === chosen }, plain(option.text.text));
  const first = make("option", { value: "" }, described.placeholder?.text ?? "Choose…");
  return make(
    "select",
    {
      "aria-label": described.placeholder?.text ?? "Choose",
      onchange: (event) => enter(event.target.value || null),
    },
    first,
    ...options.map(one),
    ...groups.map((group) =>
      make("optgroup", { label: group.label.text }, ...group.options.map(one)),
    ),
  );
}

function several(described, { start: chosen = [], enter }, options) {
  const values = new Set(chosen);
  const flip = (value) => (event) => {
    if (event.target.checked) values.add(value);
    else values.delete(value);
    enter(options.map((each) => each.value).filter((each) => values.has(each)));
  };
  const boxes = options.map((each) =>
    choice("checkbox", each, { checked: values.has(each.value) }, flip(each.value)),
  );
  return make("fieldset", { "aria-label": described.placeholder?.text }, ...boxes);
}

function choice(type, option, attributes, changed) {
  const box = make("input", { ...attributes, type, onchange: changed });
  return make("label", { class: "choice" }, box, make("span", {}, ...optionWords(option)));
}

function optionWords(option) {
  const words = (object) =>
    object.type === "mrkdwn" ? mrkdwn(object.text, {}) : plain(object.text);
  const small = option.description
    ? make("small", { class: "hint" }, words(option.description))
    : null;
  return [words(option.text), small].filter(Boolean);
}
