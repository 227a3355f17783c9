// The page as a whole: which file is shown, its summary and its findings.
"use strict";

const MAX_FILE_ROWS = 200;

let index = {files: [], problems: []};
let shownFile = null;

function readBlock(id) {
  const block = find(id);
  return block === null ? null : JSON.parse(block.textContent);
}

function describeKind(file, facts) {
  const kinds = {
    object: "relocatable object",
    shared: "shared module (dylink.0)",
    component: "component, which is not looked into",
    bundle: "bundle of kernels",
    module: "finished module",
  };
  const models = {
    command: ", a command (exports _start)",
    reactor: ", a reactor (exports _initialize)",
  };
  const model = file.kind === "module" ? models[file.model] ?? "" : "";
  const bits = facts === null || file.kind === "component" ? "" : facts.wasm64 ? ", wasm64" : ", wasm32";
  return `${kinds[file.kind] ?? file.kind}${model}${bits}, ${plural(file.size, "byte")}`;
}

function describeValidity(validity) {
  if (validity === undefined || validity.state === "not_checked") return "not checked";
  if (validity.state === "valid") return "yes";
  const where = validity.offset == null ? "" : ` (${showOffset(validity.offset)})`;
  return `${validity.state === "invalid" ? "NO" : "not known"}: ${validity.message}${where}`;
}

function listProducers(facts) {
  return (facts.producers ?? [])
      .flatMap((field) => field.values.map((value) => `${value.name} ${value.version}`.trim()))
      .join(", ");
}

function countKinds(entries) {
  const counts = new Map();
  for (const entry of entries) counts.set(entry.kind, (counts.get(entry.kind) ?? 0) + 1);
  const parts = [...counts].map(
      ([kind, count]) => kind === "data" ? `${showNumber(count)} data` :
          kind === "memory" && count > 1 ? `${showNumber(count)} memories` : plural(count, kind));
  return parts.length === 0 ? "none" : parts.join(", ");
}

function summaryLines(file, block) {
  const facts = block.facts;
  const memory = (facts.spaces ?? []).filter((space) => space.kind === "memory");
  const lines = [
    ["valid", describeValidity(facts.validity)],
    ["exports", countKinds(facts.exports)],
    ["imports", countKinds(facts.imports)],
    ["kernels", facts.kernels?.length ? plural(facts.kernels.length, "kernel") : ""],
    ["symbols", facts.symbols.length === 0 ? "" : countKinds(facts.symbols)],
    ["memory", memory.map((space) => `${space.type} pages`).join("; ")],
    ["features", facts.features.map((feature) => feature.prefix + feature.name).join(" ")],
    ["made by", listProducers(facts)],
    ["name", facts.module_name ?? ""],
    ...(facts.metadata ?? []).map((entry) => [entry.name, entry.value]),
    ["needs", (facts.dylink?.needed ?? []).join(", ")],
    ...block.cuts.map((cut) => [
      "not all",
      `of ${showNumber(cut.of)} ${cut.list} this page has ${showNumber(cut.shown)}; inspect --json has all`,
    ]),
  ];
  return lines.filter(([, value]) => value !== "");
}

// The chain's state is that of its node in the picture.
function chainState(block) {
  const node = block.chain.nodes.find((candidate) => candidate.kind === "chain");
  if (node !== undefined) return node.state;
  return block.facts.init.chain === "unknown" ? "unknown" : "neutral";
}

// The folder and the rest: "/a/" and "lib.a(x.o)".
function splitName(name) {
  const end = name.split("(")[0].lastIndexOf("/") + 1;
  return [name.slice(0, end), name.slice(end)];
}

function showOffset(offset) {
  return offset == null ? "" : `offset 0x${offset.toString(16)}`;
}

function showSummary(file, block) {
  const state = block === null ? "neutral" : chainState(block);
  const answer = element(
      "p", {class: `answer ${state}`}, element("span", {class: "label"}, "Constructors"),
      element("bdi", {}, show(file.constructors)));
  const lines = block === null
      ? [["not all", "this page has no room for more of this file: inspect it alone, or with --json"]]
      : summaryLines(file, block);
  const list = element("dl");
  for (const [term, value] of lines) {
    list.append(element("dt", {}, show(term)),
                element("dd", {}, element("bdi", {}, show(value))));
  }
  find("summary").replaceChildren(answer, list);
}

function makeFinding(finding) {
  const place = [finding.section, showOffset(finding.offset)].filter(Boolean).join(", ");
  return element(
      "article", {class: `finding ${finding.severity}`},
      element("h3", {}, element("span", {class: "badge"}, finding.severity), " ", finding.id),
      element("p", {}, element("bdi", {}, show(finding.message))),
      place === "" ? null : element("p", {class: "place"}, show(place)),
      ...(finding.notes ?? []).map(
          (note) => element("p", {class: "place"}, element("bdi", {}, show(note)))),
      finding.help ? element("p", {class: "help"}, element("strong", {}, "Fix: "),
                             element("bdi", {}, show(finding.help))) : null);
}

function showFindings(findings) {
  find("finding-list").replaceChildren(
      ...(findings.length === 0 ? [element("p", {class: "note"}, "None.")]
                                : findings.map(makeFinding)));
}

function showFiles(query) {
  const found = filterEntries(index.files, query);
  const rows = found.slice(0, MAX_FILE_ROWS).map((file) => [
    button(() => goTo({file: String(file.position), map: "", q: "", kind: "all"}),
           file.position === shownFile ? {class: "link", "aria-current": "true"} : {class: "link"},
           element("bdi", {}, show(file.name))),
    file.kind,
    showBytes(file.size),
    element("bdi", {}, show(file.constructors)),
    String(file.errors),
    String(file.warnings),
  ]);
  fillTable(find("file-table"), ["file", "kind", ">size", "constructors", ">errors", ">warnings"], rows);
  const total = index.files.length + index.unlisted;
  find("file-count").textContent = `${showNumber(rows.length)} of ${plural(total, "file")}` +
      (index.unlisted > 0 ? `; ${showNumber(index.unlisted)} are not in this page` : "");
}

function showProblems() {
  const list = index.problems.map((problem) => {
    const place = [problem.file, problem.member, problem.section].filter(Boolean).join(", ");
    return makeFinding({...problem, message: place === "" ? problem.message : `${place}: ${problem.message}`,
                        section: "", offset: problem.offset});
  });
  if (index.problem_count > list.length)
    list.push(element("p", {class: "note"}, plural(index.problem_count - list.length, "more problem")));
  find("problems").replaceChildren(...list);
}

function showFile(position) {
  const file = index.files[position];
  if (file === undefined) return;
  shownFile = position;
  const block = file.block ? readBlock(`file-${position}`) : null;
  const [folder, name] = splitName(file.name);
  find("name").replaceChildren(element("bdi", {class: "folder"}, show(folder)),
                               element("bdi", {}, show(name)));
  find("kind").textContent = describeKind(file, block?.facts ?? null);
  showSummary(file, block);
  for (const id of ["findings", "chain", "sizes", "names"]) find(id).hidden = block === null;
  if (block === null) return;
  showFindings(block.facts.findings ?? []);
  showChain(block.chain);
  openMap(block.sizes, name);
  openSearch(block.facts);
}

function applyState() {
  const state = readState();
  const position = Number(state.file);
  if (position !== shownFile && index.files[position] !== undefined) {
    showFile(position);
    if (!find("files").hidden) showFiles(find("file-filter").value);
  }
  showMap(state.map);
  showSearch(state.q, state.kind);
}

function start() {
  index = readBlock("index");
  index.files.forEach((file, position) => {
    file.position = position;
    file.text = `${file.name} ${file.kind} ${file.constructors}`.toLowerCase();
  });
  find("files").hidden = index.files.length + index.unlisted < 2 && index.problem_count === 0;
  if (index.files.length === 0) {
    find("name").textContent = "Nothing could be read";
    for (const id of ["summary", "findings", "chain", "sizes", "names"]) find(id).hidden = true;
  }
  showProblems();
  showFiles("");
  find("file-filter").addEventListener("input", (event) => showFiles(event.target.value));
  listenToMap();
  listenToSearch();
  addEventListener("hashchange", applyState);
  applyState();
}

addEventListener("DOMContentLoaded", start);
