// What the page is made of: elements, the boxes and lines of the graph, the picture of a field.
// Nothing here knows what is open or looked at. What is given as text never is markup.
const SVG = "http://www.w3.org/2000/svg";

/** A new element. */
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

const cut = (text, letters) => (text.length > letters ? `${text.slice(0, letters - 1)}…` : text);

/** A box, as an item of a tree for screen readers; its place in the tree is told by numbers. */
function drawnBox({ box, x, y, left, right, height, open: isOpen }, siblings, words) {
  const port = box.kind === "port";
  const group = drawn("g", {
    class: `item ${box.kind}`,
    "data-box": box.number,
    ...(port ? { "aria-hidden": "true" } : {
      role: "treeitem",
      tabindex: -1,
      "aria-label": words,
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
    group.append(drawn("text", { class: "name", x, y: y + 17, "text-anchor": "middle" },
      cut(box.name || box.word, 11)));
    return group;
  }
  if (box.holds) group.append(drawn("path", {
    class: "turn",
    d: isOpen ? `M${from + 10} ${y + 11}h8l-4 5z` : `M${from + 11} ${y + 8}v8l5 -4z`,
  }));
  const indent = box.holds ? 22 : 10;
  if (isOpen) {
    const letters = Math.floor((wide - indent - 10) / 7.45);
    const special = [box.shared && "(shared)", box.training && "(training)"];
    group.append(drawn("text", { class: "name", x: from + indent, y: y + 18 },
      cut([box.name, box.word, mark, ...special].filter(Boolean).join(" "), letters)));
    return group;
  }
  group.append(
    drawn("text", { class: "name", x: from + indent, y: y + 16 },
      box.holds ? cut(head, 21 - mark.length) : head),
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
