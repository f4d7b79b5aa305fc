// The status lines of jobs that are not finished: where they are, and a way to stop them.

import { element } from "./element.js";
import { atEnd, toEnd } from "./thread.js";
import { say } from "./words.js";

const region = document.getElementById("statuses");
const shown = new Map();

/** Show or move the status line of a job. */
export function move(status, press) {
  const follow = atEnd();
  if (!shown.has(status.job)) shown.set(status.job, build(status, press));
  const { words, bar } = shown.get(status.job);
  // The same words again would be read aloud again.
  if (words.textContent !== status.text) words.textContent = status.text;
  if (status.percent === null) bar.removeAttribute("value");
  else bar.value = status.percent;
  if (follow) toEnd();
}

/** Take a status line away. */
export function end(job) {
  shown.get(job)?.line.remove();
  shown.delete(job);
}

/** Take all away: the server says anew which there are. */
export function clear() {
  shown.clear();
  region.replaceChildren();
}

function build(status, press) {
  const words = element("p", { className: "words" });
  const bar = element("progress", { max: 100, "aria-label": say("progress") });
  const cancel = element("button", { type: "button", className: "chip" }, status.cancel);
  cancel.addEventListener("click", () => press(status.token, cancel));
  const line = element("div", { className: "status" }, words, bar, cancel);
  region.append(line);
  return { line, words, bar };
}
