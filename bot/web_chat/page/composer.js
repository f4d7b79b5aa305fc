// The message field: Enter sends, Shift+Enter breaks the line, Up brings back what was said.

import { newId, post, why } from "./api.js";
import * as completion from "./completion.js";
import { wordsSaid } from "./thread.js";
import { say } from "./words.js";

const form = document.getElementById("composer");
const field = document.getElementById("words");
const problem = document.getElementById("problem");
const answering = document.getElementById("answering");

let unsent = { words: "", id: "" };
let sending = false;
let question = "";
let recalled = -1;

/** Let the next words answer a question. */
export function answer(line) {
  question = line.key;
  answering.querySelector("span").textContent = say("answering", { question: line.text });
  answering.hidden = false;
}

/** Put words into the field, for the person to send or to change. */
export function fill(words) {
  field.value = words;
  grow();
  field.focus();
  field.setSelectionRange(words.length, words.length);
}

/** Show what went wrong above the field; nothing clears it. */
export function complain(words) {
  problem.textContent = words;
}

async function send() {
  const words = field.value.trim();
  if (!words || sending) return;
  // The same words sent again after a failure are the same asking.
  if (unsent.words !== words) unsent = { words, id: newId() };
  sending = true;
  const answered = question;
  try {
    await post("/api/say", { ...unsent, reply_to: answered });
    unsent = { words: "", id: "" };
    if (field.value.trim() === words) fill("");
    // The next question may have come in already.
    if (question === answered) stopAnswering();
    complain("");
  } catch (refusal) {
    complain(why(refusal));
  } finally {
    sending = false;
  }
}

function stopAnswering() {
  question = "";
  answering.hidden = true;
}

function recall(event) {
  const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
  const untouched = field.value === "" || recalled >= 0;
  if (!step || !untouched) return false;
  const words = wordsSaid();
  const to = Math.min(Math.max(recalled + step, -1), words.length - 1);
  fill(words[to] ?? "");
  recalled = to;
  return true;
}

function grow() {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}

field.addEventListener("keydown", (event) => {
  // While an input method composes a character, Enter belongs to it.
  if (event.isComposing) return;
  const taken = completion.key(event) || recall(event);
  const enter = event.key === "Enter" && !event.shiftKey;
  if (taken || enter) event.preventDefault();
  if (enter && !taken) send();
});
field.addEventListener("input", () => {
  recalled = -1;
  grow();
  completion.suggest();
});
field.addEventListener("blur", completion.close);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
answering.querySelector("button").addEventListener("click", () => {
  stopAnswering();
  field.focus();
});
