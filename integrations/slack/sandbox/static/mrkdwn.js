// Draws Slack's mrkdwn. https://docs.slack.dev/messaging/formatting-message-text
import { link, make } from "./dom.js";

// What the app uses, and a few more; others stay as they are written.
const EMOJI = {
  alarm_clock: "⏰", arrows_counterclockwise: "🔄", bell: "🔔", books: "📚", bulb: "💡",
  calendar: "📅", eyes: "👀", fast_forward: "⏩", fire: "🔥", heavy_check_mark: "✔️", hourglass: "⌛",
  hourglass_flowing_sand: "⏳", inbox_tray: "📥", information_source: "ℹ️", key: "🔑",
  large_green_circle: "🟢", large_yellow_circle: "🟡", leftwards_arrow_with_hook: "↩️", link: "🔗",
  lock: "🔒", mega: "📣", memo: "📝", no_entry: "⛔", no_entry_sign: "🚫", octagonal_sign: "🛑",
  palm_tree: "🌴", question: "❓", raised_hand: "✋", raising_hand: "🙋", red_circle: "🔴",
  rotating_light: "🚨", speech_balloon: "💬", sunrise: "🌅", tada: "🎉", unlock: "🔓", warning: "⚠️",
  wastebasket: "🗑️", wave: "👋", white_check_mark: "✅", white_circle: "⚪", x: "❌", zzz: "💤",
};
const MARKS = { "*": "b", _: "i", "~": "s" };
const INLINE =
  /<([^<>\n]+)>|`([^`\n]+)`|(?<![\p{L}\p{N}])([*_~])(?=\S)((?:<[^<>\n]*>|(?!\3)[^\n])*?\S)\3(?![\p{L}\p{N}])|:([a-z0-9_+-]+):/gu;

const decoded = (text) =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

export const emoji = (name) => EMOJI[name] ?? `:${name}:`;

export function plain(text) {
  return text.replace(/:([a-z0-9_+-]+):/g, (_, name) => emoji(name));
}

export function mrkdwn(text, names) {
  const drawn = document.createDocumentFragment();
  text.split("```").forEach((part, index) => {
    if (index % 2) drawn.append(make("pre", {}, decoded(part.replace(/^\n|\n$/g, ""))));
    else drawn.append(...paragraphs(part, names));
  });
  return drawn;
}

function paragraphs(text, names) {
  const drawn = [];
  let quote = null;
  text.split("\n").forEach((line, index) => {
    const quoted = /^(?:&gt;|>) ?(.*)$/.exec(line);
    if (quoted && !quote) drawn.push((quote = make("blockquote")));
    else if (index && !quote) drawn.push(make("br"));
    else if (quoted) quote.append(make("br"));
    if (!quoted) quote = null;
    const pieces = inline(quoted ? quoted[1] : line, names);
    if (quote) quote.append(...pieces);
    else drawn.push(...pieces);
  });
  return drawn;
}

function inline(text, names) {
  const drawn = [];
  let end = 0;
  for (const found of text.matchAll(INLINE)) {
    const [whole, reference, code, mark, inside, shortcode] = found;
    if (found.index > end) drawn.push(decoded(text.slice(end, found.index)));
    if (reference) drawn.push(referred(reference, names));
    else if (code) drawn.push(make("code", {}, decoded(code)));
    else if (mark) drawn.push(make(MARKS[mark], {}, ...inline(inside, names)));
    else drawn.push(emoji(shortcode));
    end = found.index + whole.length;
  }
  if (end < text.length) drawn.push(decoded(text.slice(end)));
  return drawn;
}

function referred(reference, names) {
  const bar = reference.indexOf("|");
  const target = bar < 0 ? reference : reference.slice(0, bar);
  const words = bar < 0 ? "" : decoded(reference.slice(bar + 1));
  if (target.startsWith("!date^")) return date(target, words);
  if (target.startsWith("@")) return mention(`@${names[target.slice(1)] ?? target.slice(1)}`);
  if (target.startsWith("#")) return mention(`#${names[target.slice(1)] ?? (words || "channel")}`);
  if (target.startsWith("!")) return mention(`@${words || target.slice(1).split("^")[0]}`);
  const address = decoded(target);
  return link(address, words || address);
}

export const mention = (words) => make("span", { class: "mention" }, make("bdi", {}, words));

function date(target, fallback) {
  const [, seconds, format = "", address] = target.split("^");
  const drawn = moment(Number(seconds), format, fallback);
  return address ? link(decoded(address), drawn) : drawn;
}

export function moment(seconds, format, fallback) {
  const at = new Date(seconds * 1000);
  if (Number.isNaN(at.getTime())) return make("span", {}, fallback);
  const shown = format.replace(/\{(\w+)\}/g, (whole, name) => part(at, name) ?? whole);
  return make("time", { datetime: at.toISOString(), title: at.toString() }, shown || fallback);
}

function part(at, name) {
  const wanted = name.replace(/_pretty$/, "");
  const formats = {
    date_num: () => new Intl.DateTimeFormat("sv-SE").format(at),
    date: () => day(at, { month: "long", day: "numeric", year: "numeric" }),
    date_short: () => day(at, { month: "short", day: "numeric", year: "numeric" }),
    date_long: () =>
      day(at, { weekday: "long", month: "long", day: "numeric", year: "numeric" }),
    time: () => clock(at, { hour: "2-digit", minute: "2-digit" }),
    time_secs: () => clock(at, { hour: "2-digit", minute: "2-digit", second: "2-digit" }),
    ago: () => ago(at),
  };
  if (name.endsWith("_pretty") && near(at)) return near(at);
  return formats[wanted]?.();
}

const day = (at, options) => new Intl.DateTimeFormat("en", options).format(at);
const clock = (at, options) => new Intl.DateTimeFormat([], options).format(at);

function near(at) {
  const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());
  const days = Math.round((midnight(at) - midnight(new Date())) / 86_400_000);
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days];
}

function ago(at) {
  const minutes = Math.round((at - Date.now()) / 60_000);
  const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  if (Math.abs(minutes) < 60) return relative.format(minutes, "minute");
  if (Math.abs(minutes) < 1440) return relative.format(Math.round(minutes / 60), "hour");
  return relative.format(Math.round(minutes / 1440), "day");
}
