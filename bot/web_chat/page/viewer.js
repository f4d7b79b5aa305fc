// One picture large, with its recipe; arrow keys turn the pages, Escape closes.

import { say } from "./words.js";

const viewer = document.getElementById("viewer");
const find = (selector) => viewer.querySelector(selector);

let line = null;
let place = 0;

/** Show a picture among those of its line. */
export function view(shown, at) {
  line = shown;
  turn(at);
  viewer.showModal();
}

function turn(to) {
  const { shots, text } = line;
  place = (to + shots.length) % shots.length;
  const shot = shots[place];
  const where = { n: place + 1, total: shots.length };
  Object.assign(find("img"), { src: shot.source, alt: shot.alt, width: shot.width, height: shot.height });
  find(".prompt").textContent = text;
  find(".recipe").textContent = shot.recipe;
  find(".place").textContent = say("viewer", where);
  Object.assign(find(".download"), { href: `${shot.source}?save=1`, download: shot.name });
  for (const name of [".previous", ".next"]) find(name).hidden = shots.length === 1;
}

find(".previous").addEventListener("click", () => turn(place - 1));
find(".next").addEventListener("click", () => turn(place + 1));
find(".close").addEventListener("click", () => viewer.close());
viewer.addEventListener("keydown", (event) => {
  if (event.key === "ArrowLeft") turn(place - 1);
  if (event.key === "ArrowRight") turn(place + 1);
});
// A click beside the picture closes; one on it or on a tool does not.
viewer.addEventListener("click", (event) => {
  if (event.target === viewer || event.target.tagName === "FIGURE") viewer.close();
});
