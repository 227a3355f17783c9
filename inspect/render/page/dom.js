// Elements, and how names and numbers are shown. Names come from hostile files: they become text
// nodes and attribute values, never markup.
"use strict";

const SVG = "http://www.w3.org/2000/svg";

function append(parent, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) parent.setAttribute(key, value);
  for (const child of children) {
    if (child !== null) parent.append(child);  // strings become text nodes
  }
  return parent;
}

function element(tag, attributes = {}, ...children) {
  return append(document.createElement(tag), attributes, children);
}

function drawing(tag, attributes = {}, ...children) {
  return append(document.createElementNS(SVG, tag), attributes, children);
}

function find(id) {
  return document.getElementById(id);
}

function button(action, attributes, ...children) {
  const made = element("button", {type: "button", ...attributes}, ...children);
  made.addEventListener("click", action);
  return made;
}

// Characters that nobody sees or that reorder a line, in C's and Unicode's blocks of them.
const UNSEEN =
    /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb]/g;

// A name as it is shown: characters that would deceive are written out.
function show(name) {
  return String(name).replace(
      UNSEEN, (c) => `\\u{${c.charCodeAt(0).toString(16).padStart(4, "0")}}`);
}

function shorten(text, limit) {
  const characters = Array.from(text);
  return characters.length <= limit ? text : characters.slice(0, limit - 1).join("") + "…";
}

function showNumber(number) {
  return Number(number).toLocaleString("en-US");
}

function showBytes(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  const units = ["KiB", "MiB", "GiB", "TiB"];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit + 1 < units.length) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toFixed(value < 10 ? 2 : 1)} ${units[unit]}`;
}

function showShare(part, whole) {
  if (whole === 0) return "0 %";
  const percent = (100 * part) / whole;
  return percent > 0 && percent < 0.1 ? "< 0.1 %" : `${percent.toFixed(1)} %`;
}

function plural(count, noun) {
  return `${showNumber(count)} ${noun}${count === 1 ? "" : "s"}`;
}

// A table's content: headings, then rows of cells, which are strings or elements. A heading that
// begins with ">" is of a column of numbers.
function fillTable(table, headings, rows) {
  const classes = headings.map((heading) => (heading.startsWith(">") ? {class: "number"} : {}));
  const head = headings.map(
      (heading, i) => element("th", {scope: "col", ...classes[i]}, heading.replace(/^>/, "")));
  const body = rows.map(
      (row) => element("tr", {}, ...row.map((cell, i) => element("td", classes[i], cell))));
  table.replaceChildren(element("thead", {}, element("tr", {}, ...head)),
                        element("tbody", {}, ...body));
}

// The entries whose `text` (lower case) has all words of `query`: first those whose name is it,
// then those that begin with it, then the others.
function filterEntries(entries, query) {
  const wanted = query.trim().toLowerCase();
  if (wanted === "") return entries;
  const words = wanted.split(/\s+/);
  const ranks = [[], [], []];
  for (const entry of entries) {
    if (!words.every((word) => entry.text.includes(word))) continue;
    const name = entry.name.toLowerCase();
    ranks[name === wanted ? 0 : name.startsWith(wanted) ? 1 : 2].push(entry);
  }
  return ranks[0].concat(ranks[1], ranks[2]);
}
