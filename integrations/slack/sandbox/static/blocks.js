// Draws blocks. https://docs.slack.dev/reference/block-kit/blocks
import { link, make } from "./dom.js";
import { element, isGroup } from "./elements.js";
import { emoji, mention, moment, mrkdwn, plain } from "./mrkdwn.js";

// `on` is what the blocks are drawn on:
//   names     words for ids
//   people, channels   who and what can be chosen, as {id, name}
//   entered   what people entered here so far, {block id: {action id: value}}
//   errors    {block id: words}
//   act       called with (block, element, value) when somebody clicks or chooses
export function drawBlocks(blocks, on) {
  forget(on.entered, blocks);
  return blocks.map((block) => make("div", { class: `block ${block.type}` }, ...draw(block, on)));
}

// Slack sends no values of fields that are gone.
function forget(entered, blocks) {
  for (const id of Object.keys(entered)) {
    const block = blocks.find((each) => each.block_id === id) ?? {};
    const there = [block.element, block.accessory, ...(block.elements ?? [])];
    for (const action of Object.keys(entered[id]))
      if (!there.some((each) => each?.action_id === action)) delete entered[id][action];
  }
}

function draw(block, on) {
  switch (block.type) {
    case "section":
      return section(block, on);
    case "header":
      return [make("h3", {}, plain(block.text.text))];
    case "divider":
      return [make("hr")];
    case "context":
      return block.elements.map((each) =>
        each.type === "image" ? image(each) : make("span", {}, text(each, on)),
      );
    case "actions":
      return block.elements.map((each) => element(block, each, on));
    case "input":
      return [input(block, on)];
    case "rich_text":
      return block.elements.map((each) => rich(each, on));
    case "image":
      return [image(block)];
    case "markdown":
      return [make("pre", {}, block.text)];
    default:
      return [make("i", {}, `(a block of kind ${block.type})`)];
  }
}

export function text(object, on) {
  return object.type === "mrkdwn" ? mrkdwn(object.text, on.names) : plain(object.text);
}

function section(block, on) {
  const words = make("div", { class: "words" });
  if (block.text) words.append(make("div", {}, text(block.text, on)));
  if (block.fields) {
    const fields = block.fields.map((each) => make("div", {}, text(each, on)));
    words.append(make("div", { class: "fields" }, ...fields));
  }
  if (!block.accessory) return [words];
  const beside =
    block.accessory.type === "image" ? image(block.accessory) : element(block, block.accessory, on);
  return [words, make("div", { class: "beside" }, beside)];
}

// The page loads nothing from elsewhere: a picture is its words, and a link to it.
function image({ image_url: address, alt_text: words }) {
  return make("span", { class: "picture" }, "🖼 ", address ? link(address, words) : words);
}

function input(block, on) {
  const field = element(block, block.element, on);
  field.removeAttribute("aria-label"); // the block's own label names it
  const error = on.errors?.[block.block_id];
  const words = [plain(block.label.text)];
  if (block.optional) words.push(make("span", { class: "hint" }, " (optional)"));
  const about = [];
  const note = (kind, said) => {
    const id = `${kind}-${field.id || block.block_id}`;
    about.push(id);
    return make("p", { id, class: kind }, said);
  };
  const below = [
    block.hint ? note("hint", plain(block.hint.text)) : null,
    error ? note("error", error) : null,
  ];
  if (about.length) field.setAttribute("aria-describedby", about.join(" "));
  if (error) field.setAttribute("aria-invalid", "true");
  if (isGroup(block.element)) {
    field.prepend(make("legend", {}, ...words));
    return make("div", {}, field, ...below);
  }
  field.required = !block.optional;
  return make("div", {}, make("label", { for: field.id }, ...words), field, ...below);
}

function rich(part, on) {
  const inside = () => part.elements.map((each) => richWord(each, on));
  switch (part.type) {
    case "rich_text_quote":
      return make("blockquote", {}, ...inside());
    case "rich_text_preformatted":
      return make("pre", {}, ...inside());
    case "rich_text_list": {
      const items = part.elements.map((each) => make("li", {}, rich(each, on)));
      return make(part.style === "ordered" ? "ol" : "ul", {}, ...items);
    }
    default:
      return make("p", {}, ...inside());
  }
}

function richWord(word, on) {
  const drawn = {
    text: () => word.text,
    link: () => link(word.url, word.text ?? word.url),
    emoji: () => emoji(word.name),
    user: () => mention(`@${on.names[word.user_id] ?? word.user_id}`),
    channel: () => mention(`#${on.names[word.channel_id] ?? word.channel_id}`),
    broadcast: () => mention(`@${word.range}`),
    date: () => moment(word.timestamp, word.format, word.fallback ?? ""),
  }[word.type]?.();
  const tags = { bold: "b", italic: "i", strike: "s", code: "code" };
  return Object.entries(word.style ?? {})
    .filter(([style, isOn]) => isOn && tags[style])
    .reduce((inner, [style]) => make(tags[style], {}, inner), drawn ?? "");
}
