// What the page of a network does: opens and folds boxes, in the graph and in the table alike, sorts,
// searches, and shows what a box reads of the input.
//
// Its data is in the block `data`, which html.py writes; where boxes are is worked out in layout.js.
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

  /** Whether all boxes around a box stand open. */
  function isShown(box) {
    for (let at = box.parent; at >= 0; at = boxes[at].parent) if (!open.has(at)) return false;
    return true;
  }

  // --- the graph ----------------------------------------------------------------------------------

  function drawGraph() {
    layout = laidOut(data, open);
    const svg = drawn("svg", {
      viewBox: `0 0 ${layout.width} ${layout.height}`,
      role: "tree", "aria-label": "The network's boxes. Arrows move, right and left open and fold.",
    });
    const wires = drawn("g", { "aria-hidden": "true" });
    for (const place of layout.boxes) if (place.open) svg.append(itemFor(place));
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
    for (const place of layout.boxes) if (!place.open) svg.append(itemFor(place));
    canvas.replaceChildren(svg);
    zoom(scale);
    rove();
    highlight();
  }

  /** A box as it is drawn, with what screen readers are told. */
  function itemFor(place) {
    const around = place.box.parent < 0 ? top : boxes[place.box.parent].children;
    return drawnBox(place, around.filter((box) => box.kind !== "port"), spoken(place.box));
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
    params: (box) => box.costs[0] ?? NaN,
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
  // At first letters can be read, and the first box is seen; the rest is a matter of scrolling.
  fit();
  zoom(Math.max(scale, 0.7));
  canvas.scrollLeft = layout.boxes[0].x * scale - canvas.clientWidth / 2;
  drawRows();
  drawStages();
  if (boxes.length) look(boxes[selected]);
  performance.measure("drawn", { start: began });
})();
