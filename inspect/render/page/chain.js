// The ctor chain as a picture: host -> exports -> chain -> constructors -> what they register, in
// columns from left to right.
"use strict";

const ROW = 34;  // pixels from one node to the next below
const NODE_HEIGHT = 24;
const COLUMN_GAP = 64;
const MAX_LABEL = 36;  // characters
const CHARACTER = 7.3;  // pixels of the widest letter that is common
const CENTRE_BELOW = 640;  // a higher picture has its columns at the top

const STATE_TEXT = {
  once: "runs once",
  again: "runs again at every call",
  never: "never runs",
  unknown: "not known",
};

// Rows of the nodes of each column: a constructor takes as many rows as it registers things.
function placeRows(chain) {
  const rows = new Array(chain.nodes.length).fill(0);
  const heights = [];
  const targets = chain.nodes.map(() => []);
  for (const [from, to] of chain.edges) targets[from].push(to);
  const isRegistered = (node) => chain.nodes[node].column > constructorColumn;
  const constructorColumn =
      (chain.nodes.find((node) => node.kind === "chain")?.column ?? 0) + 1;
  chain.nodes.forEach((node, i) => {
    if (node.column > constructorColumn) return;
    rows[i] = heights[node.column] ?? 0;
    const registered = node.column === constructorColumn ? targets[i].filter(isRegistered) : [];
    registered.forEach((target, k) => { rows[target] = rows[i] + k; });
    heights[node.column] = rows[i] + Math.max(1, registered.length);
    if (registered.length > 0) heights[constructorColumn + 1] = rows[i] + registered.length;
  });
  return {rows, heights};
}

function placeNodes(chain) {
  const {rows, heights} = placeRows(chain);
  const labels = chain.nodes.map((node) => shorten(show(node.label), MAX_LABEL));
  const widths = [];
  chain.nodes.forEach((node, i) => {
    widths[node.column] = Math.max(widths[node.column] ?? 60, labels[i].length * CHARACTER + 22);
  });
  const lefts = [];
  let left = 12;
  for (let column = 0; column < widths.length; column += 1) {
    lefts[column] = left;
    left += (widths[column] ?? 0) + COLUMN_GAP;
  }
  const height = Math.max(1, ...heights.filter((rowCount) => rowCount !== undefined)) * ROW + 16;
  const places = chain.nodes.map((node, i) => {
    const space = height - 16 - (heights[node.column] ?? 1) * ROW;
    const isRegistration = node.kind === "registration" || node.column + 1 === widths.length;
    const top = height > CENTRE_BELOW || isRegistration ? 0 : space / 2;
    return {x: lefts[node.column], y: 8 + top + rows[i] * ROW + (ROW - NODE_HEIGHT) / 2,
            width: widths[node.column], label: labels[i]};
  });
  return {places, width: left - COLUMN_GAP + 12, height};
}

function drawNode(node, place) {
  const details = [show(node.label), STATE_TEXT[node.state], show(node.detail)].filter(Boolean);
  return drawing(
      "g", {class: `node ${node.kind} ${node.state}`},
      drawing("title", {}, details.join("\n")),
      drawing("rect", {x: place.x, y: place.y, width: place.width, height: NODE_HEIGHT,
                       rx: node.kind === "host" ? NODE_HEIGHT / 2 : 4}),
      drawing("text", {x: place.x + 11, y: place.y + NODE_HEIGHT / 2 + 4}, place.label));
}

function drawEdge(from, to, state) {
  const x1 = from.x + from.width;
  const y1 = from.y + NODE_HEIGHT / 2;
  const x2 = to.x;
  const y2 = to.y + NODE_HEIGHT / 2;
  const bend = Math.min(60, (x2 - x1) / 2);
  return drawing("path", {class: `edge ${state}`, "marker-end": "url(#arrow)",
                          d: `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2 - 1} ${y2}`});
}

function drawChain(chain) {
  const {places, width, height} = placeNodes(chain);
  const arrow = drawing(
      "marker", {id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7,
                 orient: "auto-start-reverse"},
      drawing("path", {d: "M0 0L8 4L0 8z"}));
  const states = chain.nodes.map((node) => node.state);
  return drawing(
      "svg", {width, height, viewBox: `0 0 ${width} ${height}`, role: "img",
              "aria-label": "Who runs the constructors; the same stands below as text"},
      drawing("defs", {}, arrow),
      ...chain.edges.map(([from, to]) => drawEdge(
          places[from], places[to],
          states[from] === "neutral" || states[to] === "never" ? states[to] : states[from])),
      ...chain.nodes.map((node, i) => drawNode(node, places[i])));
}

function listChain(chain) {
  const kinds = {start: "start section", export: "export", wrapper: "export (command wrapper)",
                 function: "function", constructor: "constructor", registration: "registers",
                 others: "others", idle: "exports"};
  const items = chain.nodes.filter((node) => kinds[node.kind] !== undefined).map((node) => {
    const more = [STATE_TEXT[node.state], show(node.detail)].filter(Boolean).join("; ");
    return element("li", {}, `${kinds[node.kind]} `, element("bdi", {}, show(node.label)),
                   more === "" ? "" : ` (${more})`);
  });
  return element("details", {}, element("summary", {}, "The same as text"),
                 element("ul", {}, ...items));
}

function showChain(chain) {
  const picture = find("chain-picture");
  if (chain.nodes.length === 0) {
    picture.replaceChildren(
        element("p", {class: "note"}, "Nothing to draw: ", element("bdi", {}, show(chain.note)), "."));
    find("chain-text").replaceChildren();
    find("chain-legend").replaceChildren();
    return;
  }
  picture.replaceChildren(drawChain(chain));
  find("chain-text").replaceChildren(listChain(chain));
  const states = new Set(chain.nodes.map((node) => node.state));
  find("chain-legend").replaceChildren(
      ...Object.keys(STATE_TEXT).filter((state) => states.has(state))
          .map((state) => element("span", {class: `key ${state}`}, STATE_TEXT[state])));
}
