// What is shown, as the fragment of the address: `#file=0&map=1.0&q=text&kind=export`. So a view can
// be linked to, and the browser's Back undoes a zoom.
"use strict";

const DEFAULT_STATE = {file: "0", map: "", q: "", kind: "all"};

function readState() {
  const words = new URLSearchParams(location.hash.slice(1));
  const state = {};
  for (const [key, value] of Object.entries(DEFAULT_STATE)) state[key] = words.get(key) ?? value;
  return state;
}

function addressOf(state) {
  const words = new URLSearchParams();
  for (const [key, value] of Object.entries(DEFAULT_STATE))
    if (state[key] !== value) words.set(key, state[key]);
  return `#${words}`;
}

// A step that Back undoes: the page follows by the event `hashchange`.
function goTo(change) {
  location.hash = addressOf({...readState(), ...change});
}

// Typing is no step.
function noteState(change) {
  history.replaceState(null, "", addressOf({...readState(), ...change}));
}
