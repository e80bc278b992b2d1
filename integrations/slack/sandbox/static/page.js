// The page: who looks at which place, what the sandbox shows them, what they do.
import { drawBlocks } from "./blocks.js";
import { make } from "./dom.js";
import { drawMessages } from "./messages.js";
import { confirmed, drawModal } from "./modal.js";

const PAUSE = 150; // milliseconds between two looks, where changes come fast
const PATIENCE = 2000; // before the sandbox is asked again after it was gone
const HOME = "home";
const at = (id) => document.getElementById(id);
const seen = new Map(); // "person place" → the newest message that they saw
let state = null;
let known = ""; // the version of the state on screen
let looking = new AbortController();
let homeShown = "";
let homeOf = ""; // who looks at their home tab: the app hears of it once, when they come
let isLost = false;

// Who looks where is in the address, so that two windows can be two people.
function here() {
  const [who = "", place = ""] = location.hash.slice(1).split("/").map(decodeURIComponent);
  return { who, place };
}

function go(who, place) {
  location.hash = `${encodeURIComponent(who)}/${encodeURIComponent(place)}`;
}

async function look() {
  for (;;) {
    looking = new AbortController();
    try {
      const asked = new URLSearchParams({ ...here(), since: known });
      const answer = await fetch(`/page/state?${asked}`, { signal: looking.signal });
      if (!answer.ok) throw new Error((await answer.json()).trouble);
      state = await answer.json();
      if (isLost) tell("");
      isLost = false;
      known = state.version;
      draw();
      await pause(PAUSE);
    } catch (error) {
      if (error.name === "AbortError") continue;
      isLost = true;
      tell(`The sandbox does not answer: ${error.message}`);
      await pause(PATIENCE);
    }
  }
}

const pause = (duration) => new Promise((resolve) => setTimeout(resolve, duration));

function lookAnew() {
  known = "";
  at("screen").inert = true; // what is still on screen belongs to somebody or somewhere else
  looking.abort();
}

async function post(path, body, method = "POST") {
  try {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
    const { trouble } = await answer.json();
    tell(trouble ?? "");
    return answer.ok && !trouble;
  } catch (error) {
    tell(`The sandbox does not answer: ${error.message}`);
    return false;
  }
}

const perform = (doing) =>
  post("/page/acts", {
    who: state.me,
    ...(["say", "shortcut"].includes(doing.do) ? { place: state.place } : {}),
    ...doing,
  });

let fading = 0;
function tell(sentence) {
  clearTimeout(fading);
  at("told").textContent = sentence;
  if (sentence) fading = setTimeout(() => (at("told").textContent = ""), 12_000);
}

// What blocks are drawn on: a message, or a view.
function surface({ message, view, entered, errors }) {
  const on = {
    names: state.names,
    people: state.people,
    channels: state.places.filter((each) => each.kind !== "im"),
    entered,
    errors,
    async act(block, element, value) {
      if (element.confirm && !(await confirmed(element.confirm, on))) return;
      const where = { block: block.block_id, action: element.action_id };
      const isButton = element.type === "button";
      if (view) {
        await perform({ do: "click_view", view, ...where, value, values: entered });
      } else if (isButton) {
        const { version } = message;
        await perform({ do: "click", ...of(message), ...where, version, values: entered });
      } else {
        await perform({ do: "choose", ...of(message), ...where, value });
      }
    },
  };
  return on;
}

const of = (message) => ({ place: state.place, ts: message.ts });

function draw() {
  at("screen").inert = false;
  drawSide();
  drawTroubles();
  const isHome = state.place === HOME;
  at("messages").hidden = at("say").hidden = isHome;
  at("home").hidden = !isHome;
  const place = state.places.find((each) => each.id === state.place);
  const name = isHome ? "Home" : `${place.kind === "im" ? "" : "# "}${place.name}`;
  at("place").textContent = name;
  document.title = `${name} · ${state.names[state.me]} · Slack sandbox`;
  if (isHome) drawHome();
  else {
    homeOf = "";
    seen.set(`${state.me} ${state.place}`, place.latest);
    at("words").placeholder = `Message ${name}, or /undersigned …`;
    drawMessages(state, surface, perform);
  }
  drawModal(state, surface, perform);
}

function drawHome() {
  if (homeOf !== state.me) {
    homeOf = state.me;
    perform({ do: "look_home" });
  }
  const now = JSON.stringify([state.me, state.home]);
  if (now === homeShown) return;
  homeShown = now;
  const blocks = state.home
    ? drawBlocks(state.home.blocks, surface({ view: state.home.id, entered: {}, errors: {} }))
    : [make("p", { class: "hint" }, "The app has published no home tab for you.")];
  at("home").replaceChildren(...blocks);
}

function drawSide() {
  at("team").textContent = state.team;
  const people = state.people.map(({ id, name }) =>
    make("option", { value: id, selected: id === state.me }, name),
  );
  same(at("who"), people, JSON.stringify([state.me, state.people]));
  const key = JSON.stringify([state.me, state.place, state.places, [...seen]]);
  const rooms = state.places.filter((each) => each.kind !== "im");
  same(at("channels"), rooms.map((each) => entry(each.id, `# ${each.name}`, each.latest)), key);
  const direct = state.places.filter((each) => each.kind === "im");
  const apps = direct.map((each) => entry(each.id, each.name, each.latest));
  same(at("direct"), apps, key);
  same(at("apps"), [entry(HOME, "Home", "")], key);
  at("app").textContent = state.app ? `Clicks go to ${state.app}` : "No app is connected.";
}

function entry(id, words, latest) {
  const isHere = id === state.place;
  const isUnread = !isHere && latest > (seen.get(`${state.me} ${id}`) ?? "");
  const attributes = {
    type: "button",
    onclick: () => go(state.me, id),
    "aria-current": isHere ? "page" : null,
    class: isUnread ? "unread" : null,
  };
  const dot = make("span", { class: "dot" }, make("span", { class: "unseen" }, " (new)"));
  return make("li", {}, make("button", attributes, words, isUnread ? dot : null));
}

// Draws children anew only when what they show has changed: focus stays where it is.
function same(parent, children, key) {
  if (parent.dataset.key === key) return;
  const index = [...parent.children].findIndex((each) => each.contains(document.activeElement));
  parent.dataset.key = key;
  parent.replaceChildren(...children);
  if (index >= 0) parent.children[index]?.querySelector("button")?.focus();
}

function drawTroubles() {
  const isFailing = state.troubles.length > 0;
  const onclick = () => post("/page/troubles", null, "DELETE");
  const clear = make("button", { type: "button", onclick }, "Clear");
  const items = state.troubles.map((each) => make("li", {}, each));
  const drawn = isFailing ? [make("b", {}, "Slack fails."), make("ul", {}, ...items), clear] : [];
  same(at("failing"), drawn, JSON.stringify(state.troubles));
}

// Another person looks at the same channel; direct messages are each person's own.
at("who").addEventListener("change", (event) => {
  const place = state.places.find((each) => each.id === state.place);
  go(event.target.value, place?.kind === "im" ? "" : state.place);
});
addEventListener("hashchange", lookAnew);

at("say").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = at("words").value.trim();
  if (text && (await perform({ do: "say", text }))) at("words").value = "";
});

at("arm").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  const times = Number(form.get("times"));
  await post("/page/troubles", {
    kind: form.get("kind"),
    method: form.get("method"),
    times: times || null,
    seconds: Number(form.get("seconds")),
  });
});

look();
