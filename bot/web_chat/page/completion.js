// Suggestions while typing a command: what they are comes from the server's own list of commands.

import { get } from "./api.js";
import { element } from "./element.js";
import { jobsShown } from "./thread.js";
import { say } from "./words.js";

const MOST = 12;

const box = document.getElementById("suggestions");
const field = document.getElementById("words");
const announcer = document.getElementById("announcer");

let offer = null;
let chosen = -1;

/** Take a key if suggestions are open; tells whether it was taken. */
export function key(event) {
  if (box.hidden) return false;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) choose((chosen + step + box.children.length) % box.children.length);
  else if (event.key === "Escape") close();
  else if (["Tab", "Enter"].includes(event.key) && !event.shiftKey) take();
  else return leave(event);
  return true;
}

function leave(event) {
  if (event.key === "Tab") close(); // before the focus looks for its next place
  return false;
}

/** Suggest what fits at the caret. */
export async function suggest() {
  const typed = field.value.slice(0, field.selectionStart);
  if (!/^\//.test(typed) && !/(^|\s)-/.test(typed)) return close();
  offer ??= await get("/api/commands");
  const token = /\S*$/.exec(typed)[0];
  const found = fitting(typed, token).filter((one) => one.value.startsWith(token)).slice(0, MOST);
  const finished = found.length === 1 && found[0].value === token;
  if (!found.length || finished) return close();
  show(found);
}

/** Put the suggestions away. */
export function close() {
  box.hidden = true;
  chosen = -1;
  field.removeAttribute("aria-activedescendant");
}

function fitting(typed, token) {
  const [head, ...rest] = typed.split(/\s+/);
  if (head === token && head.startsWith("/")) {
    return offer.commands.map((one) => ({ value: `/${one.name}`, about: one.about }));
  }
  const name = head.startsWith("/") ? head.slice(1) : "imagine";
  const command = offer.commands.find((one) => one.name === name);
  if (!command) return [];
  const before = head.startsWith("/") ? rest.at(-2) : [head, ...rest].at(-2);
  const flagged = command.options.find((one) => one.flag === before || `--${one.name}` === before);
  if (flagged) return values(flagged);
  if (token.startsWith("-")) return flags(command, typed);
  const first = command.options.find((one) => one.name === command.words);
  return first && rest.length === 1 ? values(first) : [];
}

function values(option) {
  const list = option.list === "jobs" ? jobsShown() : offer.lists[option.list];
  return (list ?? option.choices ?? []).map((value) => ({ value, about: "" }));
}

function flags(command, typed) {
  const free = command.options.filter(
    (one) => one.name !== command.words && !typed.includes(` ${one.flag} `),
  );
  return free.map((one) => ({ value: one.flag, about: one.about }));
}

function show(found) {
  const made = found.map((one, place) => {
    const option = element(
      "li",
      { role: "option", id: `suggestion-${place}`, "aria-selected": "false" },
      element("strong", {}, one.value),
      element("span", {}, one.about),
    );
    option.dataset.value = one.value;
    option.addEventListener("click", () => {
      choose(place);
      take();
    });
    return option;
  });
  box.replaceChildren(...made);
  box.hidden = false;
  choose(0);
  announcer.textContent = say("suggested", { count: made.length });
}

function choose(place) {
  box.children[chosen]?.setAttribute("aria-selected", "false");
  chosen = place;
  const option = box.children[place];
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", option.id);
}

function take() {
  const typed = field.value.slice(0, field.selectionStart);
  const start = typed.length - /\S*$/.exec(typed)[0].length;
  const value = `${box.children[chosen].dataset.value} `;
  field.setRangeText(value, start, field.selectionStart, "end");
  close();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// Pressing a suggestion leaves the focus in the field.
box.addEventListener("mousedown", (event) => event.preventDefault());
