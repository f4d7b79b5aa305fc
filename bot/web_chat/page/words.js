// The page's own words, as the server chose them for this browser.

const phrases = JSON.parse(document.getElementById("phrases").textContent);

/** Say a phrase, with {names} filled in. */
export function say(key, values = {}) {
  return phrases[key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Write a number of bytes as people read it. */
export function size(bytes) {
  const unit = bytes < 1e6 ? "kilobyte" : "megabyte";
  const number = bytes / (bytes < 1e6 ? 1e3 : 1e6);
  const style = { style: "unit", unit, maximumSignificantDigits: 3 };
  return new Intl.NumberFormat(document.documentElement.lang, style).format(number);
}
