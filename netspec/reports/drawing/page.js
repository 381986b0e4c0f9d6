// What the page of a network does: opens and folds boxes, in the graph and in the table alike, sorts,
// searches, and shows what a box reads of the input.
//
// Its data is in the block `data`, which html.py writes. Which row and lane a box has is found there,
// in arrange.py; where that is on the page is worked out here, as in layout.py.
"use strict";
(() => {
  const began = performance.now();
  const data = JSON.parse(document.getElementById("data").textContent);
  const { boxes, graphs, lengths } = data;
  const byId = (id) => document.getElementById(id);
  const canvas = byId("canvas"), rows = byId("rows"), search = byId("search");
  const open = new Set(); // numbers of boxes that stand open
  let selected = 0; // the box that the keyboard is at, in the graph
  let matches = null; // numbers of boxes that the search finds; null where there is none
  let order = null; // {key, down}: how rows are sorted; null for the order of execution
  let scale = 1;
  let layout = null;

  boxes.forEach((box, number) => {
    box.number = number;
    box.children = [];
  });
  const top = [];
  boxes.forEach((box) => (box.parent < 0 ? top : boxes[box.parent].children).push(box));

  // --- small things -------------------------------------------------------------------------------

  const SVG = "http://www.w3.org/2000/svg";

  /** A new element. What is given as text never is markup. */
  function element(name, attributes, ...content) {
    const made = document.createElement(name);
    return filled(made, attributes, content);
  }

  function drawn(name, attributes, ...content) {
    return filled(document.createElementNS(SVG, name), attributes, content);
  }

  function filled(made, attributes, content) {
    for (const [key, value] of Object.entries(attributes || {})) {
      if (value !== null && value !== undefined) made.setAttribute(key, value);
    }
    made.append(...content.filter((part) => part !== null && part !== undefined));
    return made;
  }

  /** Whether all boxes around a box stand open. */
  function isShown(box) {
    for (let at = box.parent; at >= 0; at = boxes[at].parent) if (!open.has(at)) return false;
    return true;
  }

  // --- where things are, as in layout.py ----------------------------------------------------------

  /** The graph that a box holds (-1: the whole), with the boxes open in it; those within first. */
  function laidOut() {
    const inner = new Map();
    const shown = [...open].filter((number) => isShown(boxes[number])).sort((a, b) => b - a);
    for (const number of shown) inner.set(number, placedGraph(number, inner));
    const whole = placedGraph(-1, inner);
    const margin = lengths.margin;
    const found = {
      boxes: [], lines: [],
      width: whole.left + whole.right + 2 * margin,
      height: whole.height + 2 * margin,
    };
    const waiting = [[whole, margin + whole.left, margin]];
    for (const [graph, x, y] of waiting) {
      for (const place of graph.placed) {
        place.x += x;
        place.y += y;
        found.boxes.push(place);
        if (place.open) {
          waiting.push([inner.get(place.box.number), place.x, place.y + lengths.head]);
        }
      }
      for (const line of graph.lines) {
        for (const point of line.points) {
          point[0] += x;
          point[1] += y;
        }
        line.at[0] += x;
        line.at[1] += y;
        found.lines.push(line);
      }
    }
    return found;
  }

  function placedGraph(number, inner) {
    const graph = graphs[number];
    const placed = graph.rows.map((_, place) => {
      const box = boxes[graph.first + place];
      const within = inner.get(box.number);
      if (!within) {
        const [width, height] = box.size;
        return { box, left: width / 2, right: width / 2, height, x: 0, y: 0, open: false };
      }
      return {
        box,
        left: Math.max(within.left + lengths.pad, lengths.box / 2),
        right: Math.max(within.right + lengths.pad, lengths.box / 2),
        height: within.height + lengths.head + lengths.pad,
        x: 0, y: 0, open: true,
      };
    });
    const whole = { placed, lines: [], left: 0, right: 0, height: 0 };
    const heights = graph.regions.map(() => 0);
    placed.forEach((place, i) => {
      heights[graph.rows[i]] = Math.max(heights[graph.rows[i]], place.height);
    });
    const tops = [];
    let y = 0;
    for (const height of heights) {
      tops.push(y);
      y += height + lengths.gap;
    }
    whole.height = Math.max(y - lengths.gap, 0);
    const lanes = lanesOf(graph, placed, whole);
    placed.forEach((place, i) => {
      const row = graph.rows[i];
      place.x = lanes[graph.regions[row]].get(graph.lanes[i]);
      place.y = tops[row] + (heights[row] - place.height) / 2;
    });
    route(graph, whole, tops, heights, lanes);
    return whole;
  }

  /** The axis of each lane, by region. */
  function lanesOf(graph, placed, whole) {
    const sides = Array.from({ length: Math.max(-1, ...graph.regions) + 1 }, () => new Map());
    const need = (region, lane, left, right) => {
      const extent = sides[region].get(lane) || [0, 0];
      sides[region].set(lane, [Math.max(extent[0], left), Math.max(extent[1], right)]);
    };
    placed.forEach((place, i) => {
      need(graph.regions[graph.rows[i]], graph.lanes[i], place.left, place.right);
    });
    for (const [source, target, via, text] of graph.edges) {
      const wide = lengths.off + lengths.letter * text.length;
      const low = Math.min(graph.rows[source], graph.rows[target]);
      const high = Math.max(graph.rows[source], graph.rows[target]);
      for (const end of [source, target]) {
        need(graph.regions[graph.rows[end]], graph.lanes[end], 0, wide);
      }
      if (via !== null) need(graph.regions[Math.min(low + 1, high)], via, lengths.off, wide);
    }
    return sides.map((extents, region) => {
      const axes = new Map();
      const order = [...extents.keys()].sort((a, b) => a - b);
      let x = 0;
      for (const lane of order) {
        const [left, right] = extents.get(lane);
        axes.set(lane, x + left);
        x += left + right + lengths.aside;
      }
      const across = x - lengths.aside;
      const first = axes.get(order[0]), last = axes.get(order[order.length - 1]);
      const middle = graph.centred.includes(region) ? (first + last) / 2 : axes.get(0);
      whole.left = Math.max(whole.left, middle);
      whole.right = Math.max(whole.right, across - middle);
      for (const lane of order) axes.set(lane, axes.get(lane) - middle);
      return axes;
    });
  }

  function route(graph, whole, tops, heights, lanes) {
    const leaving = new Map(), meeting = new Map();
    for (const [source, target] of graph.edges) {
      leaving.set(source, (leaving.get(source) || 0) + 1);
      meeting.set(target, (meeting.get(target) || 0) + 1);
    }
    for (const [from, to, via, text, tap] of graph.edges) {
      const source = whole.placed[from], target = whole.placed[to];
      const below = tops[graph.rows[from]] + heights[graph.rows[from]];
      const arrive = tops[graph.rows[to]] - lengths.arrive;
      let x = leaving.get(from) > 1 ? target.x : source.x;
      if (via !== null) {
        const low = Math.min(graph.rows[from], graph.rows[to]);
        const high = Math.max(graph.rows[from], graph.rows[to]);
        x = lanes[graph.regions[Math.min(low + 1, high)]].get(via);
      }
      const leave = below + lengths.leave - (x < source.x ? lengths.apart : 0);
      const crossing = via === null && leaving.get(from) > 1 && meeting.get(to) > 1;
      whole.lines.push({
        points: straightened([
          [source.x, source.y + source.height], [source.x, leave], [x, leave],
          [x, arrive], [target.x, arrive], [target.x, target.y],
        ]),
        text, tap,
        at: [(crossing ? source.x : x) + lengths.off, below + lengths.gap / 2 + 2],
        source: source.box.number, target: target.box.number,
      });
    }
  }

  /** Without the points at which a line does not turn. */
  function straightened(corners) {
    const found = [];
    for (const point of corners) {
      const last = found[found.length - 1], before = found[found.length - 2];
      if (last && last[0] === point[0] && last[1] === point[1]) continue;
      if (before && ((before[0] === last[0] && last[0] === point[0]) ||
                     (before[1] === last[1] && last[1] === point[1]))) found.pop();
      found.push(point);
    }
    return found;
  }

  // --- the graph ----------------------------------------------------------------------------------

  const ROUND = 6;

  function pathOf(points) {
    const towards = ([x, y], [tox, toy]) => {
      const far = Math.abs(tox - x) + Math.abs(toy - y), by = Math.min(ROUND, far / 2) / far;
      return [x + (tox - x) * by, y + (toy - y) * by];
    };
    let text = `M${points[0]}`;
    for (let i = 1; i + 1 < points.length; i++) {
      text += `L${towards(points[i], points[i - 1])}Q${points[i]} ${towards(points[i], points[i + 1])}`;
    }
    return `${text}L${points[points.length - 1]}`;
  }

  function drawGraph() {
    layout = laidOut();
    const svg = drawn("svg", {
      viewBox: `0 0 ${layout.width} ${layout.height}`,
      role: "tree", "aria-label": "The network's boxes. Arrows move, right and left open and fold.",
    });
    const wires = drawn("g", { "aria-hidden": "true" });
    for (const place of layout.boxes) if (place.open) svg.append(drawnBox(place));
    for (const line of layout.lines) {
      const [endX, endY] = line.points[line.points.length - 1];
      const up = endY < line.points[line.points.length - 2][1] ? -1 : 1;
      wires.append(
        drawn("path", { class: line.tap ? "wire tap" : "wire", d: pathOf(line.points) }),
        drawn("path", { class: "tip", d: `M${endX} ${endY}l-4 ${-7 * up}h8z` }),
        drawn("text", { class: "shape", x: line.at[0], y: line.at[1] }, line.text),
      );
    }
    svg.append(wires);
    for (const place of layout.boxes) if (!place.open) svg.append(drawnBox(place));
    canvas.replaceChildren(svg);
    zoom(scale);
    rove();
    highlight();
  }

  /** A box, as an item of a tree for screen readers; its place in the tree is told by numbers. */
  function drawnBox({ box, x, y, left, right, height, open: isOpen }) {
    const port = box.kind === "port";
    const siblings = (box.parent < 0 ? top : boxes[box.parent].children)
      .filter((other) => other.kind !== "port");
    const group = drawn("g", {
      class: `item ${box.kind}`,
      "data-box": box.number,
      ...(port ? { "aria-hidden": "true" } : {
        role: "treeitem",
        tabindex: -1,
        "aria-label": spoken(box),
        "aria-level": box.level + 1,
        "aria-setsize": siblings.length,
        "aria-posinset": siblings.indexOf(box) + 1,
        "aria-expanded": box.holds ? String(isOpen) : null,
      }),
    }, drawn("title", {}, box.told));
    const wide = left + right, from = x - left;
    const look = `box of-${box.family}${box.training ? " training" : ""}`;
    if (port && !box.name) {
      group.append(drawn("circle", { class: look, cx: x, cy: y + height / 2, r: height / 2 }));
      return group;
    }
    const flat = port || box.kind === "merge";
    if (!isOpen && box.holds) {
      // A second edge below: there is more inside.
      group.append(drawn("path", {
        class: `of-${box.family}`, "fill-opacity": 0, d: `M${from + 5} ${y + height + 3}h${wide - 10}`,
      }));
    }
    group.append(drawn("rect", {
      class: look, x: from, y, width: wide, height, rx: isOpen ? 8 : flat ? 13 : 6,
    }));
    const [head, beneath, mark] = box.texts;
    if (flat) {
      const words = box.name || box.word;
      group.append(drawn("text", { class: "name", x, y: y + 17, "text-anchor": "middle" },
        words.length > 11 ? `${words.slice(0, 10)}…` : words));
      return group;
    }
    if (box.holds) group.append(drawn("path", {
      class: "turn",
      d: isOpen ? `M${from + 10} ${y + 11}h8l-4 5z` : `M${from + 11} ${y + 8}v8l5 -4z`,
    }));
    const indent = box.holds ? 22 : 10;
    if (isOpen) {
      const letters = Math.floor((wide - indent - 10) / 7.45);
      const words = [box.name, box.word, mark].filter(Boolean).join(" ");
      group.append(drawn("text", { class: "name", x: from + indent, y: y + 18 },
        words.length > letters ? `${words.slice(0, letters - 1)}…` : words));
      return group;
    }
    group.append(
      drawn("text", { class: "name", x: from + indent, y: y + 16 },
        box.holds && head.length + mark.length > 21 ? `${head.slice(0, 20 - mark.length)}…` : head),
      drawn("text", { class: "detail", x: from + 10, y: y + 31 }, beneath),
    );
    if (mark) group.append(drawn("text",
      { class: "mark", x: from + wide - 10, y: y + 16, "text-anchor": "end" }, mark));
    if (box.bar !== undefined) {
      const long = Math.max(box.bar * (wide - 20), 1);
      group.append(
        drawn("path", { class: "track", d: `M${from + 10} ${y + height - 7}h${wide - 20}` }),
        drawn("rect", {
          class: `bar-${box.family}`, x: x - long / 2, y: y + height - 9, width: long, height: 4,
        }),
      );
    }
    return group;
  }

  /** A box in words, its receptive field with it. */
  function spoken(box) {
    return [box.told, ...(box.fields || []).map((field) => `reads ${inWords(field)}`)].join(", ");
  }

  function inWords(field) {
    const input = data.inputs.length > 1 ? ` of ${data.inputs[field.input].name}` : "";
    return `${field.size}${input}${field.stride ? ` every ${field.stride}` : ""}`;
  }

  const itemOf = (number) => canvas.querySelector(`[data-box="${number}"]`);

  /** One box takes part in the order of the tab key: the one that is selected, or what holds it. */
  function rove() {
    let box = boxes[selected];
    while (!isShown(box) || box.kind === "port") box = box.parent < 0 ? top[0] : boxes[box.parent];
    selected = box.number;
    for (const item of canvas.querySelectorAll("[tabindex]")) {
      item.setAttribute("tabindex", item.dataset.box === String(selected) ? 0 : -1);
    }
  }

  function zoom(to) {
    scale = Math.min(Math.max(to, 0.05), 4);
    const svg = canvas.firstElementChild;
    svg.setAttribute("width", layout.width * scale);
    svg.setAttribute("height", layout.height * scale);
  }

  function fit() {
    zoom(Math.min((canvas.clientWidth - 2) / layout.width, 1.25));
  }

  /** Open or fold a box; what the reader looks at stays where it is. */
  function turn(number, to = !open.has(number)) {
    const box = boxes[number];
    if (!box.holds || open.has(number) === to) return;
    const before = itemOf(number) && itemOf(number).getBoundingClientRect();
    if (to) open.add(number);
    else open.delete(number);
    redraw();
    const place = layout.boxes.find((other) => other.box === box);
    if (!place) return;
    const wide = place.left + place.right + 2 * lengths.margin;
    if (to && wide * scale > canvas.clientWidth) {
      // All of it is seen across, as long as its letters can be read.
      zoom(Math.max(canvas.clientWidth / wide, Math.min(scale, 0.7)));
    }
    const after = itemOf(number).getBoundingClientRect();
    if (before) canvas.scrollTop += after.top - before.top;
    canvas.scrollLeft = (place.x + (place.right - place.left) / 2) * scale - canvas.clientWidth / 2;
  }

  /** Draw all anew; the keyboard stays at what it is at. */
  function redraw() {
    const active = document.activeElement;
    const inGraph = canvas.contains(active) && active.dataset.box !== undefined;
    const row = rows.contains(active) ? active.closest("tr").dataset.box : null;
    const kind = row === null ? null : active.tagName;
    drawGraph();
    drawRows();
    if (inGraph) itemOf(selected).focus({ preventScroll: true });
    if (row !== null) {
      const again = rows.querySelector(`tr[data-box="${row}"] ${kind}`);
      if (again) again.focus({ preventScroll: true });
    }
  }

  /** The boxes that are to be seen, in the order of execution, those within after those around. */
  function shownBoxes() {
    const found = [], stack = [...top].reverse();
    while (stack.length) {
      const box = stack.pop();
      if (box.kind === "port") continue;
      found.push(box);
      if (open.has(box.number)) stack.push(...[...box.children].reverse());
    }
    return found;
  }

  function moveTo(box) {
    selected = box.number;
    rove();
    const item = itemOf(selected);
    item.focus({ preventScroll: true });
    item.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  canvas.addEventListener("keydown", (event) => {
    const item = event.target.closest("[data-box]");
    if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
    const box = boxes[item.dataset.box], all = shownBoxes(), at = all.indexOf(box);
    const does = {
      ArrowDown: () => at + 1 < all.length && moveTo(all[at + 1]),
      ArrowUp: () => at > 0 && moveTo(all[at - 1]),
      Home: () => moveTo(all[0]),
      End: () => moveTo(all[all.length - 1]),
      ArrowRight: () => {
        if (!box.holds) return;
        if (open.has(box.number)) moveTo(box.children.find((inner) => inner.kind !== "port") || box);
        else turn(box.number, true);
      },
      ArrowLeft: () => {
        if (open.has(box.number)) turn(box.number, false);
        else if (box.parent >= 0) moveTo(boxes[box.parent]);
      },
      Enter: () => turn(box.number),
      " ": () => turn(box.number),
      "+": () => zoom(scale * 1.25),
      "-": () => zoom(scale / 1.25),
      "0": fit,
    }[event.key];
    if (does) {
      event.preventDefault();
      does();
    }
  });

  // A press that moves is a drag, and no click.
  let drag = null;
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch") return;
    drag = { x: event.clientX, y: event.clientY, left: canvas.scrollLeft, top: canvas.scrollTop,
      moved: false };
  });
  window.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const x = event.clientX - drag.x, y = event.clientY - drag.y;
    if (!drag.moved && Math.abs(x) + Math.abs(y) < 5) return;
    drag.moved = true;
    canvas.classList.add("dragged");
    canvas.scrollLeft = drag.left - x;
    canvas.scrollTop = drag.top - y;
  });
  window.addEventListener("pointerup", () => {
    if (drag && drag.moved) setTimeout(() => canvas.classList.remove("dragged"));
    else canvas.classList.remove("dragged");
    drag = null;
  });
  canvas.addEventListener("click", (event) => {
    const item = event.target.closest("[data-box]");
    if (!item || canvas.classList.contains("dragged")) return;
    const box = boxes[item.dataset.box];
    if (box.kind === "port") return;
    selected = box.number;
    rove();
    itemOf(selected).focus({ preventScroll: true });
    turn(selected);
    look(boxes[selected]);
  });
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const svg = canvas.firstElementChild, frame = svg.getBoundingClientRect();
    const x = (event.clientX - frame.left) / scale, y = (event.clientY - frame.top) / scale;
    const before = scale;
    zoom(scale * Math.exp(-event.deltaY / 300));
    canvas.scrollLeft += x * (scale - before);
    canvas.scrollTop += y * (scale - before);
  }, { passive: false });
  byId("zoom-in").addEventListener("click", () => zoom(scale * 1.25));
  byId("zoom-out").addEventListener("click", () => zoom(scale / 1.25));
  byId("zoom-fit").addEventListener("click", fit);

  // --- the table ----------------------------------------------------------------------------------

  /** What a column is sorted by; NaN for what cannot be compared, which goes last. */
  const KEYS = {
    name: (box) => box.name || box.word,
    word: (box) => box.word,
    shape: (box) => box.elements ?? NaN,
    params: (box) => box.costs[0],
    macs: (box) => box.costs[1] ?? NaN,
    reads: (box) => box.extent ?? NaN,
    line: (box) => (box.line ? box.line[0] * 1e7 + box.line[1] : NaN),
  };

  function sorted(list) {
    if (!order) return list;
    const key = KEYS[order.key], sign = order.down ? -1 : 1;
    return [...list].sort((one, other) => {
      const a = key(one), b = key(other);
      if (typeof a === "string") return sign * a.localeCompare(b, "en", { numeric: true });
      if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b);
      return sign * (a - b);
    });
  }

  /** What the search finds, with all around it: rows that are shown whatever is folded. */
  let around = new Set();

  function drawRows() {
    const made = document.createDocumentFragment();
    const stack = [...sorted(top)].reverse();
    while (stack.length) {
      const box = stack.pop();
      if (box.kind === "port" || (matches && !matches.has(box.number) && !around.has(box.number))) {
        continue;
      }
      made.append(rowOf(box));
      if (open.has(box.number) || around.has(box.number)) {
        stack.push(...[...sorted(box.children)].reverse());
      }
    }
    rows.replaceChildren(made);
    highlight();
  }

  function rowOf(box) {
    const isOpen = open.has(box.number) || around.has(box.number);
    const name = box.name || (box.kind === "group" ? box.word : "–");
    const marked = [box.texts[2], box.shared && "shared", box.training && "training"]
      .filter(Boolean).map((word) => element("span", { class: "mark" }, word));
    const turned = box.holds
      ? element("button", {
        type: "button", class: "turn", "aria-expanded": String(isOpen),
        "aria-label": `${isOpen ? "Fold" : "Open"} ${box.path || box.name || box.word}`,
      }, isOpen ? "▾" : "▸")
      : element("span", { class: "turn", "aria-hidden": "true" });
    const head = element("th", { scope: "row" },
      element("div", { class: "cell", "data-level": box.level }, turned,
        element("span", { class: "label" }, name), ...marked));
    // The depth is set by the object model: the page's policy allows no style in markup.
    head.firstChild.style.paddingInlineStart = `${Math.min(box.level, 12) * 1.1}rem`;
    const swatch = drawn("svg", { class: "swatch", viewBox: "0 0 10 10", "aria-hidden": "true" },
      drawn("rect", { class: `of-${box.family}`, x: 1, y: 1, width: 8, height: 8, rx: 2 }));
    const link = box.line
      ? element("a", { href: `#f${box.line[0]}L${box.line[1]}` },
        `${data.files[box.line[0]]}:${box.line[1]}`)
      : null;
    return element("tr", { "data-box": box.number },
      head,
      element("td", {}, swatch, box.word),
      element("td", { class: "number" }, box.shape),
      element("td", { class: "number" }, box.params || "–"),
      element("td", { class: "number" }, box.macs || "–"),
      element("td", { class: "number" }, box.fields ? box.fields[0].size : "–"),
      element("td", { class: "number" }, link));
  }

  rows.addEventListener("click", (event) => {
    const row = event.target.closest("tr"), box = row && boxes[row.dataset.box];
    if (!box) return;
    if (event.target.closest("button.turn")) turn(box.number);
    look(box);
    if (!event.target.closest("a")) reveal(box.number);
  });
  for (const head of document.querySelectorAll("th[data-key]")) {
    head.firstElementChild.addEventListener("click", () => {
      const key = head.dataset.key, numbers = head.classList.contains("number");
      // Numbers begin with the largest, words with the first; the third time, as the net runs.
      if (!order || order.key !== key) order = { key, down: numbers };
      else order = order.down === numbers ? { key, down: !numbers } : null;
      for (const other of document.querySelectorAll("th[data-key]")) {
        const sorts = order && other.dataset.key === order.key;
        other.setAttribute("aria-sort",
          sorts ? (order.down ? "descending" : "ascending") : "none");
      }
      drawRows();
    });
    head.setAttribute("aria-sort", "none");
  }

  // --- search -------------------------------------------------------------------------------------

  function find() {
    const words = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    around = new Set();
    matches = words.length ? new Set() : null;
    for (const box of matches ? boxes : []) {
      if (box.kind === "port") continue;
      const text = `${box.path || box.name || ""} ${box.word} ${box.shape}`.toLowerCase();
      if (!words.every((word) => text.includes(word))) continue;
      matches.add(box.number);
      for (let at = box.parent; at >= 0 && !around.has(at); at = boxes[at].parent) around.add(at);
    }
    byId("found").textContent = matches ? `${matches.size.toLocaleString("en")} found` : "";
    drawRows();
  }
  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(find, 80);
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && matches && matches.size) {
      find();
      showInGraph(boxes[matches.values().next().value]);
    }
  });

  /** Open all around a box, and go there. */
  function showInGraph(box) {
    for (let at = box.parent; at >= 0; at = boxes[at].parent) open.add(at);
    selected = box.number;
    redraw();
    moveTo(box);
    look(box);
  }

  /** Mark what is found, and what is looked at, in the graph and the table. */
  function highlight() {
    for (const item of document.querySelectorAll("[data-box]")) {
      const number = Number(item.dataset.box);
      item.classList.toggle("hot", number === looked);
      const found = matches !== null && (matches.has(number) ||
        (!open.has(number) && around.has(number)));
      item.classList.toggle("found", found);
      item.classList.toggle("dim", matches !== null && !found);
    }
  }

  // --- what a box reads ---------------------------------------------------------------------------

  let looked = -1;

  /** Show the receptive field of a box, and mark the box. */
  function look(box) {
    if (looked === box.number) return;
    for (const item of document.querySelectorAll(`[data-box="${looked}"]`)) {
      item.classList.remove("hot");
    }
    looked = box.number;
    for (const item of document.querySelectorAll(`[data-box="${looked}"]`)) {
      item.classList.add("hot");
    }
    byId("field").replaceChildren(...fieldOf(box));
  }

  for (const place of [canvas, rows]) {
    for (const kind of ["pointerover", "focusin"]) {
      place.addEventListener(kind, (event) => {
        const item = event.target.closest("[data-box]");
        if (!item) return;
        const box = boxes[item.dataset.box];
        if (box.kind === "port") return;
        look(box);
        if (kind === "focusin" && place === canvas) {
          selected = box.number;
          rove();
        }
      });
    }
  }

  function fieldOf(box) {
    const title = element("p", { class: "which" },
      element("strong", {}, box.path || box.name || box.word), ` ${box.name ? box.word : ""}`,
      ` ${box.texts[2]}`);
    const facts = element("dl", {});
    const fact = (name, ...values) => facts.append(
      element("div", {}, element("dt", {}, name), element("dd", {}, ...values)));
    fact("output", box.shape);
    fact("parameters", box.params || "–");
    fact("MACs", box.macs || "–");
    const found = [title];
    for (const field of box.fields || []) {
      const input = data.inputs[field.input];
      const many = data.inputs.length > 1 ? ` of ${input.name}` : "";
      fact(`reads${many}`, `${field.size} of ${field.of}`);
      fact("stride", field.stride || "–");
      const picture = fieldPicture(field, input);
      if (picture) found.push(picture);
    }
    if (!box.fields) {
      fact("reads", "no positions of an input");
      fact("stride", "–");
    }
    if (box.line) {
      fact("source", element("a", { href: `#f${box.line[0]}L${box.line[1]}` },
        `${data.files[box.line[0]]}:${box.line[1]}`));
    }
    found.push(facts);
    return found;
  }

  /** The input, to its own proportions, and over it what the central output position reads. */
  function fieldPicture(field, input) {
    const across = field.parts[field.parts.length - 1];
    const down = field.parts.length > 1 ? field.parts[field.parts.length - 2] : null;
    if (!across || (field.parts.length > 1 && !down)) return null;
    const [width, left, right] = across;
    const [height, from, to] = down || [width / 8, 0, width / 8];
    const most = 220 / Math.max(width, height);
    const size = (number) => number * most;
    const x = Math.max(left, 0), y = Math.max(from, 0);
    const x2 = Math.min(right, width), y2 = Math.min(to, height);
    return drawn("svg", {
      class: "field", role: "img",
      viewBox: `-1 -1 ${size(width) + 2} ${size(height) + 2}`,
      width: size(width) + 2, height: size(height) + 2,
      "aria-label": `over the input ${input.shape}, the field of the central position: ${field.size}`,
    },
    drawn("rect", { class: "whole", width: size(width), height: size(height) }),
    drawn("rect", {
      class: "seen", x: size(x), y: size(y),
      width: Math.max(size(x2 - x), 1.5), height: Math.max(size(y2 - y), 1.5),
    }));
  }

  // --- costs by stage -----------------------------------------------------------------------------

  function drawStages() {
    const [params, macs] = data.totals;
    const body = element("tbody");
    for (const number of data.stages) {
      const box = boxes[number];
      const bar = (own, whole, text, kind) => {
        const share = whole && own !== null && own !== undefined ? own / whole : null;
        const fill = element("span", { class: `fill ${kind}` });
        fill.style.inlineSize = `${100 * (share || 0)}%`;
        return element("td", {},
          element("div", { class: "track", "aria-hidden": "true" }, fill),
          element("span", { class: "amount" }, text || (share === null ? "–" : "0"), " ",
            share === null ? null
              : element("span", { class: "share" }, `(${(100 * share).toFixed(1)}%)`)));
      };
      body.append(element("tr", {},
        element("th", { scope: "row" }, box.path || box.name || box.word),
        bar(box.costs[0], params, box.params, "params"),
        bar(box.costs[1], macs, box.macs, "macs")));
    }
    byId("stages").append(element("table", { class: "stages" },
      element("thead", {}, element("tr", {},
        element("th", { scope: "col" }, "Stage"),
        element("th", { scope: "col" }, "Parameters"),
        element("th", { scope: "col" }, "MACs"))),
      body));
  }

  // --- the rest -----------------------------------------------------------------------------------

  /** What is selected comes into the middle of the graph: all around it has moved. */
  function centre() {
    const place = layout.boxes.find(({ box }) => box.number === selected);
    canvas.scrollLeft = place.x * scale - canvas.clientWidth / 2;
    canvas.scrollTop = (place.y + place.height / 2) * scale - canvas.clientHeight / 2;
  }
  byId("open-all").addEventListener("click", () => {
    for (const box of boxes) if (box.holds) open.add(box.number);
    redraw();
    centre();
  });
  byId("fold-all").addEventListener("click", () => {
    open.clear();
    redraw();
    centre();
  });
  /** Bring a box into what is seen of the graph, or what holds it. */
  function reveal(number) {
    let box = boxes[number];
    while (!isShown(box)) box = boxes[box.parent];
    const place = layout.boxes.find((other) => other.box === box);
    const [x, y] = [place.x * scale, place.y * scale];
    const height = Math.min(place.height * scale, canvas.clientHeight);
    if (y < canvas.scrollTop || y + height > canvas.scrollTop + canvas.clientHeight) {
      canvas.scrollTop = y + height / 2 - canvas.clientHeight / 2;
    }
    if (x < canvas.scrollLeft || x > canvas.scrollLeft + canvas.clientWidth) {
      canvas.scrollLeft = x - canvas.clientWidth / 2;
    }
  }

  const theme = byId("theme");
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark" : prefersDark.matches);
  function nameTheme() {
    theme.textContent = isDark() ? "Light" : "Dark";
    theme.setAttribute("aria-label", `${theme.textContent} colours`);
  }
  theme.addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    nameTheme();
  });
  prefersDark.addEventListener("change", nameTheme);
  nameTheme();

  selected = top.findIndex((box) => box.kind !== "port");
  selected = selected < 0 ? 0 : top[selected].number;
  drawGraph();
  fit();
  drawRows();
  drawStages();
  if (boxes.length) look(boxes[selected]);
  performance.measure("drawn", { start: began });
})();
