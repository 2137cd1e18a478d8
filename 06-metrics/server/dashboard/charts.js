// Charts, by hand: a few lines of SVG. Everything is set as attributes and text nodes: the page needs no inline style.
"use strict";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 360, HEIGHT = 150, LEFT = 50, BOTTOM = 18, TOP = 8, RIGHT = 6;

function svg(name, attributes, parent) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (parent) parent.append(element);
  return element;
}

// A round number that is not below: 1, 2 or 5 times a power of ten.
function ceiling(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  for (const step of [1, 2, 5, 10]) if (value <= step * power) return step * power;
  return 10 * power;
}

// A chart of lines over time, made once and drawn again with each refresh.
//   lines: classes of the lines; format: a value as text; words: what the chart shows, for who cannot see it
class LineChart {
  constructor(place, lines, format, words, least) {
    this.format = format;
    this.words = words;
    this.least = least;
    this.root = svg("svg", {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": words}, place);
    this.labels = [0, 1, 2].map((step) => {
      const y = TOP + (HEIGHT - TOP - BOTTOM) * (1 - step / 2);
      svg("line", {class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y}, this.root);
      return svg("text", {x: LEFT - 6, y: y + 4, "text-anchor": "end"}, this.root);
    });
    this.begin = svg("text", {x: LEFT, y: HEIGHT - 4}, this.root);
    svg("text", {x: WIDTH - RIGHT, y: HEIGHT - 4, "text-anchor": "end"}, this.root).textContent = "now";
    this.lines = lines.map((line) => svg("path", {class: `line ${line}`}, this.root));
  }

  // points: [{time, values}], times in seconds; the last `longest` seconds are shown, or minutes as long as there are
  // not so many.
  draw(points, now, longest) {
    const age = points.length ? now - points[0].time : 0;
    const span = Math.min(longest, 60 * Math.max(1, Math.ceil(age / 60)));
    this.begin.textContent = `${span / 60} min ago`;
    const shown = points.filter((point) => now - point.time <= span);
    const top = ceiling(Math.max(this.least, ...shown.flatMap((point) => point.values)));
    this.labels.forEach((label, step) => { label.textContent = this.format(top * step / 2); });
    const x = (time) => WIDTH - RIGHT - (now - time) / span * (WIDTH - RIGHT - LEFT);
    const y = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top);
    this.lines.forEach((line, index) => {
      const at = (point) => `${x(point.time).toFixed(1)} ${y(point.values[index]).toFixed(1)}`;
      line.setAttribute("d", shown.map((point, i) => (i ? "L" : "M") + at(point)).join(""));
    });
    const last = shown.length ? shown[shown.length - 1].values.map(this.format).join(", ") : "nothing yet";
    this.root.setAttribute("aria-label", `${this.words}: now ${last}`);
  }
}

// How busy somebody was, a cell for each refresh: the taller, the busier.
class Strip {
  constructor(place, cells) {
    this.cells = cells;
    this.shares = [];
    this.root = svg("svg", {class: "strip", viewBox: `0 0 ${cells} 10`, preserveAspectRatio: "none", role: "img",
      "aria-label": "nothing is known yet"}, place);
    this.rects = Array.from({length: cells}, (_, i) => svg("rect", {x: i, width: 0.85, y: 10, height: 0}, this.root));
  }

  add(share, name) {
    this.shares.push(Math.min(1, Math.max(0, share)));
    if (this.shares.length > this.cells) this.shares.shift();
    const first = this.cells - this.shares.length;
    this.shares.forEach((value, i) => {
      const rect = this.rects[first + i];
      rect.setAttribute("y", (10 - 10 * value).toFixed(2));
      rect.setAttribute("height", (10 * value).toFixed(2));
    });
    this.root.setAttribute("aria-label", `${name} was busy for ${Math.round(100 * share)} % of the last refresh`);
  }
}
