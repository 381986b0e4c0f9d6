// Where boxes and edges are on the page, for the boxes that stand open: the sums of layout.py, which a
// test holds them to. Rows and lanes come from arrange.py with the data.
"use strict";
/** The places of all boxes to be seen, and of the edges between them. `open` holds numbers. */
function laidOut({ boxes, graphs, lengths }, open) {
  /** Whether all boxes around a box stand open. */
  function isShown(number) {
    for (let at = boxes[number].parent; at >= 0; at = boxes[at].parent) {
      if (!open.has(at)) return false;
    }
    return true;
  }

  /** The graph that a box holds (-1: the whole), around its axis. */
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

  // Those within come after those around, and are ready before them.
  const inner = new Map();
  const shown = [...open].filter((number) => isShown(number)).sort((a, b) => b - a);
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
