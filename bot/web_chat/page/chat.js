// The page's beginning: joins the thread, the status lines, the field and the stream of events.

import { newId, post, why } from "./api.js";
import { answer, complain, fill } from "./composer.js";
import { listen } from "./events.js";
import * as statuses from "./statuses.js";
import * as thread from "./thread.js";
import { view } from "./viewer.js";
import { say } from "./words.js";

const ONE_CLICK = 700; // milliseconds within which a second click is the same click
const BRIEFLY = 3000;

const connection = document.getElementById("connection");
const pressed = new WeakMap();

async function press(token, button) {
  const id = pressed.get(button) ?? newId();
  if (!pressed.has(button)) setTimeout(() => pressed.delete(button), ONE_CLICK);
  pressed.set(button, id);
  try {
    await post("/api/press", { id, token });
    complain("");
  } catch (problem) {
    complain(why(problem));
  }
}

function notice(words) {
  connection.textContent = words;
}

function line(said) {
  thread.add(said);
  if (said.question) answer(said);
}

const told = {
  hello: statuses.clear,
  line,
  status: (status) => statuses.move(status, press),
  ended: statuses.end,
  gone: thread.drop,
  over: start,
  lost: () => notice(say("lost")),
  signedOut: () => notice(say("signed_out")),
  connected: () => {
    if (!connection.textContent) return;
    notice(say("back"));
    setTimeout(() => notice(""), BRIEFLY);
  },
};

async function start() {
  try {
    const last = await thread.load({ press, view });
    if (last.line?.question) answer(last.line);
    listen(last.reach, told);
  } catch (problem) {
    notice(why(problem));
    if (!problem.signedOut) setTimeout(start, BRIEFLY);
  }
}

for (const example of document.querySelectorAll("#welcome button")) {
  example.addEventListener("click", () => fill(example.textContent));
}
start();
