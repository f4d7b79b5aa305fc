// The thread: every line once, the newest in view unless somebody reads further up.

import { get } from "./api.js";
import { build } from "./line.js";
import { say } from "./words.js";

const NEAR = 160; // pixels from the end within which the thread follows what is new

const list = document.getElementById("thread");
const older = document.getElementById("older");
const welcome = document.getElementById("welcome");
const announcer = document.getElementById("announcer");

let first = null;
let acts = null;

/** Load the newest lines; tells the last of them and how far into the history they reach. */
export async function load(effects) {
  acts = effects;
  const page = await get("/api/messages");
  list.replaceChildren();
  page.lines.forEach(put);
  reached(page);
  toEnd();
  return { reach: page.last, line: page.lines.at(-1) };
}

/** Add a line at the end, unless it is there already. */
export function add(line) {
  const follow = atEnd() || line.who === "person";
  if (line.removes) dropJob(line.removes);
  if (!put(line)) return;
  settle();
  if (follow) toEnd();
  if (line.who === "studio") announcer.textContent = announced(line);
}

/** Take lines out by their keys. */
export function drop(keys) {
  for (const one of list.querySelectorAll("li[data-key]")) {
    if (keys.includes(one.dataset.key)) one.remove();
  }
  settle();
}

/** List what the person said here, newest first. */
export function wordsSaid() {
  const said = list.querySelectorAll("li.person:not(.pressed) .words");
  return [...new Set(Array.from(said, (one) => one.textContent).reverse())];
}

/** List the jobs shown here, newest first. */
export function jobsShown() {
  const shown = list.querySelectorAll("li[data-job]");
  return [...new Set(Array.from(shown, (one) => one.dataset.job).reverse())];
}

/** Tell whether the end of the thread is in view. */
export function atEnd() {
  const page = document.documentElement;
  return page.scrollHeight - page.scrollTop - page.clientHeight < NEAR;
}

/** Bring the end of the thread into view. */
export function toEnd() {
  window.scrollTo({ top: document.documentElement.scrollHeight });
}

function put(line) {
  if (has(line.key)) return false;
  list.append(build(line, acts));
  return true;
}

function has(key) {
  return Array.from(list.children).some((one) => one.dataset.key === key);
}

function dropJob(job) {
  list.querySelectorAll(`li[data-job="${CSS.escape(job)}"]`).forEach((one) => one.remove());
}

function announced(line) {
  if (!line.shots.length) return line.text;
  return say("pictures_here", { count: line.shots.length, text: line.text });
}

function reached(page) {
  first = page.first;
  older.hidden = first === null;
  settle();
}

function settle() {
  welcome.hidden = list.children.length > 0;
}

async function loadOlder() {
  older.disabled = true;
  try {
    const page = await get(`/api/messages?before=${first}`);
    const before = document.documentElement.scrollHeight;
    const fresh = page.lines.filter((line) => !has(line.key)).map((line) => build(line, acts));
    list.prepend(...fresh);
    reached(page);
    // What was being read stays where it is.
    window.scrollBy({ top: document.documentElement.scrollHeight - before });
  } finally {
    older.disabled = false;
  }
}

older.addEventListener("click", loadOlder);
new IntersectionObserver((seen) => {
  const inView = seen.some((one) => one.isIntersecting);
  if (inView && !older.disabled && first !== null && window.scrollY < NEAR && !atEnd()) loadOlder();
}).observe(older);
