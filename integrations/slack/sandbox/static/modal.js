// The topmost modal of the person, and the question that a dangerous button asks first.
import { drawBlocks, text } from "./blocks.js";
import { make } from "./dom.js";
import { plain } from "./mrkdwn.js";

const entered = new Map(); // by view id: what was entered stays while the app changes the view
const dialog = document.getElementById("modal");
let drawn = "";

export function drawModal(state, surface, perform) {
  const view = state.modals.at(-1);
  if (!view) {
    drawn = "";
    entered.clear();
    if (dialog.open) dialog.close();
    return;
  }
  const now = JSON.stringify([state.me, view]);
  if (now === drawn && dialog.open) return;
  const isNew = !dialog.open || dialog.dataset.view !== view.id;
  drawn = now;
  if (!entered.has(view.id)) entered.set(view.id, {});
  const values = entered.get(view.id);
  const on = surface({ view: view.id, entered: values, errors: view.errors });
  const back = focused();
  dialog.dataset.view = view.id;
  dialog.replaceChildren(form(state, view, on, values, perform));
  if (!dialog.open) dialog.showModal();
  focus(isNew, back);
}

function form(state, view, on, values, perform) {
  const close = () => perform({ do: "close", view: view.id });
  dialog.oncancel = (event) => {
    event.preventDefault(); // the app's answer to closing decides what is on screen
    close();
  };
  const submit = async (event) => {
    event.preventDefault();
    const button = event.target.querySelector("button.primary");
    if (button) button.disabled = true;
    await perform({ do: "submit", view: view.id, values });
    if (button) button.disabled = false;
  };
  const trouble = view.errors[""];
  return make(
    "form",
    { onsubmit: submit },
    make(
      "header",
      {},
      make("h2", { id: "modal-title" }, plain(view.title)),
      make("button", { type: "button", class: "plain", "aria-label": "Close", onclick: close }, "✕"),
    ),
    make("div", { class: "blocks" }, ...drawBlocks(view.blocks, on)),
    make("p", { class: "error", role: "alert", id: "modal-error" }, trouble ?? ""),
    make(
      "footer",
      {},
      state.modals.length > 1
        ? make("span", { class: "hint" }, `${state.modals.length - 1} below`)
        : null,
      make("button", { type: "button", onclick: close }, view.close ?? "Cancel"),
      view.submit ? make("button", { class: "primary" }, plain(view.submit)) : null,
    ),
  );
}

const fields = () => [...dialog.querySelectorAll(".blocks :is(input, select, textarea, button)")];
const focused = () => fields().indexOf(document.activeElement);

function focus(isNew, back) {
  const wrong = dialog.querySelector("[aria-invalid]");
  const asked = dialog.querySelector("[autofocus]");
  const first = fields()[0] ?? dialog.querySelector("footer button");
  const target = wrong ?? (isNew ? (asked ?? first) : fields()[back]);
  target?.focus();
}

export function confirmed(question, on) {
  const asking = document.getElementById("confirm");
  return new Promise((resolve) => {
    const answer = (isYes) => () => asking.close(isYes ? "yes" : "");
    asking.returnValue = "";
    asking.onclose = () => resolve(asking.returnValue === "yes");
    asking.replaceChildren(
      make("h2", { id: "confirm-title" }, plain(question.title.text)),
      make("div", {}, text(question.text, on)),
      make(
        "footer",
        {},
        make("button", { type: "button", onclick: answer(false) }, plain(question.deny.text)),
        make(
          "button",
          { type: "button", class: question.style ?? "primary", onclick: answer(true) },
          plain(question.confirm.text),
        ),
      ),
    );
    asking.showModal();
  });
}
