// One entry of the thread as elements.

import { element } from "./element.js";
import { say, size } from "./words.js";

/** Build a line; `acts.press(token, button)` and `acts.view(line, place)` are its effects. */
export function build(line, acts) {
  const said = line.text && !line.shots.length;
  const parts = [
    element("span", { className: "unseen" }, `${say(line.who === "person" ? "you" : "studio")}: `),
    said ? element("p", { className: "words" }, line.text) : null,
    line.shots.length ? pictures(line, acts) : null,
    buttons(line.buttons.filter((button) => !button.picture), acts),
  ];
  const made = element("li", { className: line.pressed ? "person pressed" : line.who, title: when(line.at) }, ...parts);
  made.dataset.key = line.key;
  if (line.job) made.dataset.job = line.job;
  return made;
}

function when(at) {
  const style = { dateStyle: "medium", timeStyle: "short" };
  return new Intl.DateTimeFormat(document.documentElement.lang, style).format(new Date(at));
}

function pictures(line, acts) {
  const shown = line.as_files ? files(line.shots) : grid(line, acts);
  const caption = element(
    "div",
    { className: "caption" },
    element("p", { className: "prompt" }, line.text),
    element("p", { className: "recipe" }, line.recipe),
  );
  return element("div", { className: "pictures" }, shown, caption);
}

function files(shots) {
  const links = shots.map((shot) => {
    const words = say("file", { ...shot, size: size(shot.bytes) });
    const link = element("a", { href: `${shot.source}?save=1`, download: shot.name }, words);
    return element("li", {}, link);
  });
  return element("ul", { className: "files" }, ...links);
}

function grid(line, acts) {
  const figures = line.shots.map((shot, place) => {
    const own = line.buttons.filter((button) => button.picture === place + 1);
    return figure(line, place, own, acts);
  });
  const made = element("div", { className: "grid" }, ...figures);
  made.dataset.count = line.shots.length;
  return made;
}

function figure(line, place, own, acts) {
  const shot = line.shots[place];
  const image = element("img", {
    src: `${shot.source}?w=512`,
    srcset: `${shot.source}?w=512 512w, ${shot.source}?w=1024 1024w`,
    sizes: line.shots.length > 1 ? "(min-width: 48rem) 22rem, 46vw" : "(min-width: 48rem) 32rem, 92vw",
    width: shot.width,
    height: shot.height,
    alt: shot.alt,
    decoding: "async",
    loading: "lazy",
  });
  const open = element("button", { type: "button", className: "picture" }, image);
  open.setAttribute("aria-haspopup", "dialog");
  open.addEventListener("click", () => acts.view(line, place));
  const facts = element("figcaption", {}, shot.facts);
  return element("figure", {}, open, facts, buttons(own, acts));
}

function buttons(list, acts) {
  if (!list.length) return null;
  const made = list.map((button) => {
    const one = element("button", { type: "button", className: "chip" }, button.label);
    one.addEventListener("click", () => acts.press(button.token, one));
    return one;
  });
  return element("div", { className: "buttons" }, ...made);
}
