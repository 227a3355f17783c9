// A squarified treemap of where the bytes go, which zooms into sections and libraries. What is shown
// is a path of positions from the root, "1.0.7", in the page's address.
"use strict";

const MAP_HEIGHT = 460;  // pixels
const HEADER = 18;
const MIN_GROUP = 1500;  // square pixels below which a group is one cell
const MIN_CELL = 70;     // and below which a cell is left out: zooming shows it
const MAX_PARTS = 200;   // of one group; smaller ones become a group of their own in it
const MAX_TABLE_ROWS = 201;

let mapRoot = null;
let mapShown = null;
let mapCells = [];  // {node, place, element}

// What a section is, for its colour.
function classOf(name) {
  if (name === "CODE") return "code";
  if (name === "DATA" || name === "ELEM") return "data";
  if (name.startsWith(".debug") || name === "sourceMappingURL" || name === "external_debug_info") return "debug";
  if (name.startsWith("reloc.") || name === "linking") return "linking";
  if (name === "name" || name === "producers" || name === "target_features") return "about";
  return "other";
}
const CLASS_TEXT = {
  code: "code", data: "data", linking: "relocations and symbols", debug: "debug information",
  about: "names, producers", other: "everything else",
};

// A level says nothing if it has one entry, or if its entries are no libraries but what is in none,
// which have brackets.
function simplify(node) {
  while (node.children?.length === 1) {
    const only = node.children[0];
    if (only.children === undefined) delete node.children;
    else node.children = only.children;
  }
  const isNoLibrary = (child) => child.children !== undefined && child.name.startsWith("[");
  if (node.children?.every(isNoLibrary)) {
    node.children = node.children.flatMap((child) => child.children);
  }
  // A section of which only header and content are known.
  if (node.children?.every((child) => child.name.startsWith("[section"))) delete node.children;
}

// Thousands of parts of one group could not be seen, nor clicked.
function gatherSmallParts(node) {
  if (node.children === undefined) return;
  node.children.sort((a, b) => b.size - a.size);
  if (node.children.length <= MAX_PARTS + 1) return;
  const small = node.children.splice(MAX_PARTS);
  node.children.push({
    name: "smaller ones",
    count: small.reduce((sum, child) => sum + (child.count ?? 1), 0),
    size: small.reduce((sum, child) => sum + child.size, 0),
    children: small,
  });
}

function prepareTree(sizes, name) {
  const root = {name, size: sizes.size, children: sizes.children, parent: null, colour: ""};
  const queue = [root];
  for (const node of queue) {
    if (node !== root) simplify(node);
    gatherSmallParts(node);
    (node.children ?? []).forEach((child, position) => {
      child.parent = node;
      child.position = position;
      child.colour = node === root ? classOf(child.name) : node.colour;
      queue.push(child);
    });
  }
  return root;
}

function nameOf(node) {
  if (node.count !== undefined) return `${showNumber(node.count)} ${node.name}`;
  return node.name === "" ? "(no name)" : show(node.name);
}

function pathOf(node) {
  const path = [];
  for (let at = node; at.parent !== null; at = at.parent) path.unshift(at);
  return path;
}

function findNode(path) {
  let node = mapRoot;
  for (const step of path === "" ? [] : path.split(".")) {
    const child = node.children?.[Number(step)];
    if (child?.children === undefined) break;
    node = child;
  }
  return node;
}

// Squarified (Bruls, Huizing, van Wijk 2000): rows along the shorter side, each as long as that
// makes its cells squarer. `nodes` are the largest first; gives a place for each.
function squarify(nodes, area) {
  const places = [];
  let {x, y, width, height} = area;
  let left = nodes.reduce((sum, node) => sum + node.size, 0);
  let begin = 0;
  while (begin < nodes.length && left > 0 && width > 0 && height > 0) {
    const side = Math.min(width, height);
    const scale = (width * height) / left;
    let end = begin;
    let row = 0;
    let worst = Infinity;
    while (end < nodes.length) {
      const grown = row + nodes[end].size;
      const thickness = (grown * scale) / side;
      const largest = (nodes[begin].size * scale) / thickness;
      const smallest = (nodes[end].size * scale) / thickness;
      const ratio = Math.max(largest / thickness, thickness / smallest);
      if (ratio > worst) break;
      worst = ratio;
      row = grown;
      end += 1;
    }
    if (end === begin) break;  // only sizes of 0 are left
    const thickness = (row * scale) / side;
    let along = 0;
    for (let i = begin; i < end; i += 1) {
      const length = (nodes[i].size * scale) / thickness;
      places.push(width >= height ? {x, y: y + along, width: thickness, height: length}
                                  : {x: x + along, y, width: length, height: thickness});
      along += length;
    }
    if (width >= height) {
      x += thickness;
      width -= thickness;
    } else {
      y += thickness;
      height -= thickness;
    }
    left -= row;
    begin = end;
  }
  return places;
}

// All cells, groups before what is in them.
function layOut(root, width, height) {
  const cells = [];
  const queue = [{node: root, inner: {x: 0, y: 0, width, height}, depth: 0}];
  for (const {node, inner, depth} of queue) {
    // The largest first, which the group of smaller ones may be.
    const children = [...node.children].sort((a, b) => b.size - a.size);
    squarify(children, inner).forEach((place, i) => {
      const child = children[i];
      const area = place.width * place.height;
      if (area < MIN_CELL) return;
      const isOpen = child.children !== undefined && child.count === undefined &&
          area >= MIN_GROUP && place.width > 40 && place.height > HEADER + 16;
      cells.push({node: child, place, depth: depth + 1, isOpen});
      if (!isOpen) return;
      queue.push({node: child, depth: depth + 1,
                  inner: {x: place.x + 2, y: place.y + HEADER, width: place.width - 4,
                          height: place.height - HEADER - 2}});
    });
  }
  return cells;
}

function describeNode(node) {
  return `${pathOf(node).map(nameOf).join(" › ") || nameOf(node)}: ${showBytes(node.size)} ` +
      `(${showNumber(node.size)} bytes), ${showShare(node.size, mapRoot.size)} of the file` +
      (node.children === undefined ? "" : `, ${plural(node.children.length, "part")}`);
}

function makeCell(cell) {
  const {node, place} = cell;
  const made = element(
      "div", {class: `cell ${node.colour}${cell.isOpen ? " open" : ""}`, role: "button", tabindex: "-1",
              "aria-label": describeNode(node)});
  made.style.left = `${place.x}px`;
  made.style.top = `${place.y}px`;
  made.style.width = `${Math.max(1, place.width - 1)}px`;
  made.style.height = `${Math.max(1, place.height - 1)}px`;
  if (place.width > 34 && place.height > 14) {
    const hasRoom = cell.isOpen ? place.width > 150 : place.height > 32;
    made.append(element("bdi", {class: cell.isOpen && hasRoom ? "title beside" : "title"},
                        shorten(nameOf(node), 120)));
    if (hasRoom) made.append(element("span", {class: "size"}, showBytes(node.size)));
  }
  cell.element = made;
  return made;
}

function zoomTo(node) {
  goTo({map: pathOf(node).map((step) => step.position).join(".")});
}

// A group is zoomed into; of a leaf its group, and within its group it is only told about.
function activate(cell) {
  const target = cell.node.children === undefined ? cell.node.parent : cell.node;
  if (target === mapShown) tellAbout(cell.node);
  else zoomTo(target);
}

function tellAbout(node) {
  find("map-info").replaceChildren(element("bdi", {}, describeNode(node)));
}

function showTrail() {
  const steps = [mapRoot, ...pathOf(mapShown)];
  find("map-trail").replaceChildren(...steps.map((node) => element(
      "li", {}, node === mapShown
          ? element("bdi", {"aria-current": "true"}, nameOf(node))
          : button(() => zoomTo(node), {class: "link"}, element("bdi", {}, nameOf(node))))));
}

function showMapTable() {
  const rows = (mapShown.children ?? []).slice(0, MAX_TABLE_ROWS).map((node) => [
    node.children === undefined
        ? element("bdi", {class: "name"}, nameOf(node))
        : button(() => zoomTo(node), {class: "link"}, element("bdi", {}, nameOf(node))),
    showNumber(node.size),
    showShare(node.size, mapShown.size),
  ]);
  fillTable(find("map-table"), ["part", ">bytes", ">share"], rows);
}

function drawMap() {
  const map = find("map");
  const width = map.clientWidth || 960;
  mapCells = mapShown.children === undefined ? [] : layOut(mapShown, width, MAP_HEIGHT);
  map.style.height = `${MAP_HEIGHT}px`;
  map.replaceChildren(...mapCells.map(makeCell));
  if (mapCells.length > 0) mapCells[0].element.tabIndex = 0;
}

function openMap(sizes, name) {
  mapRoot = prepareTree(sizes, name);
  mapShown = null;
  const colours = new Set((mapRoot.children ?? []).map((child) => child.colour));
  find("map-legend").replaceChildren(
      ...Object.keys(CLASS_TEXT).filter((name) => colours.has(name))
          .map((name) => element("span", {class: `key ${name}`}, CLASS_TEXT[name])));
}

function showMap(path) {
  if (mapRoot === null) return;
  const node = findNode(path);
  if (node === mapShown) return;
  const hadFocus = find("map").contains(document.activeElement);
  mapShown = node;
  drawMap();
  showTrail();
  showMapTable();
  tellAbout(node);
  if (hadFocus && mapCells.length > 0) mapCells[0].element.focus();
}

// The nearest cell in a direction; cells at its side count more than those ahead but far off.
function nearestCell(from, dx, dy) {
  const centre = ({place}) => [place.x + place.width / 2, place.y + place.height / 2];
  const [x, y] = centre(from);
  let best = null;
  let bestCost = Infinity;
  for (const cell of mapCells) {
    const [cx, cy] = centre(cell);
    const ahead = (cx - x) * dx + (cy - y) * dy;
    const aside = Math.abs((cx - x) * dy) + Math.abs((cy - y) * dx);
    const cost = ahead + 2 * aside;
    if (cell === from || ahead <= 0.5 || cost >= bestCost) continue;
    best = cell;
    bestCost = cost;
  }
  return best;
}

function listenToMap() {
  const map = find("map");
  const cellOf = (event) => {
    const target = event.target.closest(".cell");
    return mapCells.find((cell) => cell.element === target);
  };
  map.addEventListener("click", (event) => {
    const cell = cellOf(event);
    if (cell !== undefined) activate(cell);
  });
  for (const kind of ["mouseover", "focusin"]) {
    map.addEventListener(kind, (event) => {
      const cell = cellOf(event);
      if (cell !== undefined) tellAbout(cell.node);
    });
  }
  const arrows = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
  map.addEventListener("keydown", (event) => {
    const cell = cellOf(event);
    if (cell === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === " ") {
      activate(cell);
    } else if (event.key === "Escape" && mapShown.parent !== null) {
      zoomTo(mapShown.parent);
    } else if (arrows[event.key] !== undefined) {
      const next = nearestCell(cell, ...arrows[event.key]);
      if (next === null) return;
      cell.element.tabIndex = -1;
      next.element.tabIndex = 0;
      next.element.focus();
    } else {
      return;
    }
    event.preventDefault();
  });
  let isWaiting = false;
  addEventListener("resize", () => {
    if (isWaiting || mapShown === null) return;
    isWaiting = true;
    requestAnimationFrame(() => {
      isWaiting = false;
      drawMap();
    });
  });
}
