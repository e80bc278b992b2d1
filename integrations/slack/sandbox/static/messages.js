// The messages of a place, each with its thread.
import { drawBlocks } from "./blocks.js";
import { make } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";

const list = document.getElementById("messages");
const shown = new Map(); // by timestamp: what is on screen, drawn anew only where it changed
let where = "";

export function drawMessages(state, surface, perform) {
  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const isNewPlace = where !== `${state.me} ${state.place}`;
  where = `${state.me} ${state.place}`;
  if (isNewPlace) shown.clear();
  const threads = grouped(state.messages);
  const menu = (message) => shortcuts(message, state.shortcuts, perform);
  const drawn = [...threads].map(([ts, messages]) => thread(ts, messages, surface, perform, menu));
  const empty = make("p", { class: "hint" }, "Nothing here yet.");
  const wanted = drawn.length ? drawn : [empty];
  arrange(list, wanted);
  for (const ts of shown.keys()) if (!threads.has(ts)) shown.delete(ts);
  if (isAtEnd || isNewPlace) list.scrollTop = list.scrollHeight;
}

function grouped(messages) {
  const found = new Map();
  for (const each of messages) {
    if (!found.has(each.thread)) found.set(each.thread, []);
    found.get(each.thread).push(each);
  }
  return found;
}

function thread(ts, messages, surface, perform, menu) {
  let known = shown.get(ts);
  if (!known) {
    const replies = make("div", { class: "replies" });
    const box = make("article", { class: "thread" });
    known = { box, replies, parts: new Map(), answer: answering(ts, perform) };
    shown.set(ts, known);
  }
  const parts = messages.map((each) => one(known, each, surface, menu));
  const isParentHere = messages[0].ts === ts;
  const head = isParentHere ? [parts[0]] : [];
  const rest = isParentHere ? parts.slice(1) : parts;
  arrange(known.replies, rest);
  arrange(known.box, [...head, ...(rest.length ? [known.replies] : []), known.answer]);
  return known.box;
}

// What stays is not moved: an element that moves loses the focus, and half a sentence with it.
function arrange(box, wanted) {
  for (const each of [...box.children]) if (!wanted.includes(each)) each.remove();
  wanted.forEach((each, index) => {
    if (box.children[index] !== each) box.insertBefore(each, box.children[index] ?? null);
  });
}

function one(known, message, surface, menu) {
  const now = JSON.stringify(message);
  const before = known.parts.get(message.ts);
  if (before?.now === now) return before.drawn;
  const entered = before?.entered ?? {};
  const drawn = draw(message, surface({ message, entered, errors: {} }), menu(message));
  known.parts.set(message.ts, { now, drawn, entered });
  return drawn;
}

function draw(message, on, menu) {
  const at = new Date(Number(message.ts) * 1000);
  const time = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit" }).format(at);
  const { name, is_bot: isBot } = message.author;
  const content = message.blocks.length
    ? drawBlocks(message.blocks, on)
    : [make("div", {}, mrkdwn(message.text, on.names))];
  return make(
    "div",
    { class: `message${message.is_private ? " private" : ""}`, "data-ts": message.ts },
    avatar(name, isBot),
    make(
      "div",
      { class: "said" },
      make(
        "p",
        { class: "by" },
        make("b", {}, make("bdi", {}, name)),
        isBot ? make("span", { class: "badge" }, "APP") : null,
        make("time", { datetime: at.toISOString(), title: at.toString() }, time),
        message.is_private ? make("span", { class: "hint" }, "Only visible to you") : null,
        menu,
      ),
      ...content,
      message.is_edited ? make("span", { class: "hint" }, "(edited)") : null,
    ),
  );
}

// What the app offers in the menu of a message; nobody else sees a private one to act on.
function shortcuts(message, offered, perform) {
  const found = Object.entries(offered);
  if (!found.length || message.is_private) return null;
  const items = found.map(([callback, name]) => {
    const onclick = (event) => {
      event.target.closest("details").open = false;
      perform({ do: "shortcut", ts: message.ts, callback });
    };
    return make("button", { type: "button", onclick }, name);
  });
  const summary = make("summary", { "aria-label": "Message menu", title: "Message menu" }, "⋮");
  return make("details", { class: "overflow menu" }, summary, make("div", {}, ...items));
}

function avatar(name, isBot) {
  const letters = isBot ? "✓" : name.split(" ").map((each) => each[0] ?? "").join("").slice(0, 2);
  const colour = [...name].reduce((sum, each) => sum + each.codePointAt(0), 0) % 6;
  return make("span", { class: `avatar ${isBot ? "bot" : `c${colour}`}`, "aria-hidden": "true" }, letters);
}

function answering(ts, perform) {
  const words = make("input", {
    "aria-label": "Reply in the thread",
    placeholder: "Reply…",
    maxlength: 4000,
    autocomplete: "off",
  });
  const send = async (event) => {
    event.preventDefault();
    const text = words.value.trim();
    if (text && (await perform({ do: "say", text, thread: ts }))) words.value = "";
  };
  const form = make("form", { class: "reply", onsubmit: send }, words, make("button", {}, "Reply"));
  return make("details", { class: "answer" }, make("summary", {}, "Reply in the thread"), form);
}
