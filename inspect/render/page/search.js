// Exports, imports, kernels, symbols and functions in one table that is filtered while one types.
"use strict";

const MAX_SEARCH_ROWS = 200;  // more would make typing slow

let searchEntries = [];

function collectEntries(facts) {
  const entries = [];
  const add = (kind, name, detail, size) => {
    entries.push({kind, name, detail, size, text: `${name}\n${detail}`.toLowerCase()});
  };
  for (const kernel of facts.kernels ?? [])
    add("kernel", kernel.name, `${kernel.type}, ${kernel.symbol} of ${kernel.library}`, null);
  for (const entry of facts.exports) {
    const inner = entry.internal_name && entry.internal_name !== entry.name ? `, ${entry.internal_name}` : "";
    add("export", entry.name, `${entry.kind} ${entry.type}${inner}`, null);
  }
  for (const entry of facts.imports)
    add("import", entry.name, `${entry.kind} ${entry.type} from ${entry.module}`, null);
  for (const symbol of facts.symbols)
    add("symbol", symbol.name, `${symbol.kind} ${symbol.flags.join(" ")}`, symbol.size ?? null);
  for (const entry of facts.functions ?? []) {
    add("function", entry.name === "" ? `func[${entry.index}]` : entry.name, entry.type, entry.size);
  }
  return entries;
}

function openSearch(facts) {
  searchEntries = collectEntries(facts);
  const kinds = ["all", ...new Set(searchEntries.map((entry) => entry.kind))];
  find("search-kind").replaceChildren(
      ...kinds.map((kind) => element("option", {value: kind}, kind === "all" ? "all" : `${kind}s`)));
}

function showSearch(query, kind) {
  if (find("search").value !== query) find("search").value = query;
  find("search-kind").value = kind;
  const among = kind === "all" ? searchEntries : searchEntries.filter((entry) => entry.kind === kind);
  const found = filterEntries(among, query);
  const rows = found.slice(0, MAX_SEARCH_ROWS).map((entry) => [
    entry.kind,
    element("bdi", {class: "name"}, show(entry.name)),
    element("bdi", {}, show(entry.detail)),
    entry.size === null ? "" : showNumber(entry.size),
  ]);
  fillTable(find("search-table"), ["what", "name", "type, place, flags", ">bytes"], rows);
  find("search-count").textContent = `${showNumber(found.length)} of ${showNumber(among.length)}` +
      (found.length > rows.length ? `, the first ${showNumber(rows.length)} are shown` : "");
}

function listenToSearch() {
  const follow = () => {
    noteState({q: find("search").value, kind: find("search-kind").value});
    showSearch(find("search").value, find("search-kind").value);
  };
  find("search").addEventListener("input", follow);
  find("search-kind").addEventListener("change", follow);
}
