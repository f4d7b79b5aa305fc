// The stream of what happens, kept alive through restarts, sleep and lost networks.

import { get } from "./api.js";

const PATIENCE = 1500; // milliseconds: a shorter interruption is nobody's concern
const SLOWEST = 10000;

/** Listen from a place in the history on; `told` holds one function per kind of event. */
export function listen(after, told) {
  let last = after;
  let wait = 500;
  let lost = null;

  function connected() {
    wait = 500;
    clearTimeout(lost);
    lost = null;
    told.connected();
  }

  async function again() {
    try {
      await get("/api/commands");
    } catch (problem) {
      if (problem.signedOut) return told.signedOut();
    }
    wait = Math.min(wait * 2, SLOWEST);
    setTimeout(connect, wait);
  }

  function connect() {
    const source = new EventSource(`/api/events?after=${last}`);
    const on = (name, act) =>
      source.addEventListener(name, (event) => {
        last = event.lastEventId || last;
        act(JSON.parse(event.data));
      });
    on("hello", () => { connected(); told.hello(); });
    for (const name of ["line", "status", "ended", "gone"]) on(name, told[name]);
    on("over", () => { source.close(); told.over(); });
    source.onerror = () => {
      lost ??= setTimeout(told.lost, PATIENCE);
      // A browser tries again by itself, except after an answer that is no stream.
      if (source.readyState === EventSource.CLOSED) again();
    };
  }

  connect();
}
