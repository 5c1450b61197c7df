// A chart in the page: its title, its legend with values, the drawing, and what pointer and keyboard do to it.

import {el, text, arrange, speak} from './dom.js';
import {nearest, paint, paintCursor, palette} from './canvas.js';
import {number, place} from './format.js';
import {change, state} from './state.js';

const SHORTEST_DRAG = 6;
const KEY_STEPS = 60;

const plots = new Set();
const seen = new Map();
/** One place on the axis for all charts: pointing at one shows the values in all. */
const cursor = {x: null, owner: null, selection: null};
let theme = null;
let scheduled = false;

const watcher = new IntersectionObserver((entries) => {
  let isNew = false;
  for (const entry of entries) {
    const plot = seen.get(entry.target);
    if (plot && plot.isVisible !== entry.isIntersecting) {
      plot.isVisible = entry.isIntersecting;
      isNew ||= entry.isIntersecting;
    }
  }
  if (isNew) {
    drawAll();
    onSight();
  }
}, {rootMargin: '120px'});
const sizes = new ResizeObserver(() => drawAll());
let onSight = () => {};

/** Calls back when another chart comes into sight. */
export function onPlotInSight(listener) {
  onSight = listener;
}

export function forgetTheme() {
  theme = null;
  drawAll();
}

/** Draws what is in sight, once before the next picture of the screen. */
export function drawAll() {
  if (!scheduled) {
    scheduled = true;
    requestAnimationFrame(() => {
      scheduled = false;
      theme ??= palette();
      plots.forEach((plot) => plot.isVisible && plot.draw());
    });
  }
}

function moveCursor(x, owner) {
  cursor.x = x;
  cursor.owner = owner;
  theme ??= palette();
  plots.forEach((plot) => plot.isVisible && plot.drawCursor());
}

export class Plot {
  /** @param height of the drawing in pixels; options: isLane draws title and legend beside */
  constructor(title, height, options = {}) {
    this.model = {
      axis: 'step', domain: [0, 1], lines: [], log: false, smoothing: 0, showAxis: true, fixed: null, fromZero: false,
      stages: [],
    };
    this.isVisible = false;
    this.box = null;
    this.title = el('h3', null, title);
    this.key = el('span', {class: 'key'});
    this.legend = el('ul', {class: 'legend'});
    this.cells = [];
    this.base = el('canvas', {'aria-hidden': 'true'});
    this.top = el('canvas', {'aria-hidden': 'true', class: 'top'});
    this.tip = el('div', {class: 'tip', hidden: true});
    this.none = el('p', {class: 'none', hidden: true}, 'no values here');
    this.area = el('div', {class: 'area', tabindex: '0', role: 'group', 'aria-label': title}, this.base, this.top, this.none, this.tip);
    this.area.style.height = `${height}px`;
    this.node = el('section', {class: options.isLane ? 'lane' : 'card'}, el('div', {class: 'head'}, el('div', {class: 'titles'}, this.title, this.key), this.legend), this.area);
    this.listen();
    plots.add(this);
    seen.set(this.area, this);
    watcher.observe(this.area);
    sizes.observe(this.area);
  }

  remove() {
    plots.delete(this);
    seen.delete(this.area);
    watcher.unobserve(this.area);
    sizes.unobserve(this.area);
    this.node.remove();
    if (cursor.owner === this) {
      cursor.x = null;
      cursor.owner = null;
    }
  }

  width() {
    return Math.round(this.area.clientWidth);
  }

  /** New lines or settings; drawn with the next picture. */
  set(model) {
    Object.assign(this.model, model);
    this.describe();
    drawAll();
  }

  draw() {
    const width = this.width();
    const height = this.area.clientHeight;
    if (width === 0 || height === 0) {
      return;
    }
    this.box = paint(this.context(this.base, width, height), width, height, this.model, theme);
    const points = this.model.lines.reduce((sum, line) => sum + line.curve.x.length, 0);
    this.none.hidden = points > 0;
    this.drawCursor();
  }

  context(canvas, width, height) {
    const ratio = window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const context = canvas.getContext('2d');
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return context;
  }

  drawCursor() {
    const width = this.width();
    const height = this.area.clientHeight;
    const own = cursor.owner === this;
    const shown = {x: this.model.axis === cursor.owner?.model.axis ? cursor.x : null, selection: own ? cursor.selection : null};
    paintCursor(this.context(this.top, width, height), width, height, this.box, this.model, shown, theme);
    this.showValues(shown.x);
    this.showTip(own ? shown.x : null);
  }

  /** What a line is at x; at its end if x is null. */
  valueOf(line, x) {
    const {curve} = line;
    const index = x === null ? curve.y.length - 1 : nearest(curve, x);
    if (index < 0) {
      return {index, words: '–'};
    }
    const isBad = curve.bad.some(([bucket]) => bucket === index);
    const value = x === null && curve.last !== undefined && curve.last !== null ? curve.last : curve.y[index];
    return {index, words: value === null ? (isBad ? 'NaN/∞' : '–') : number(value)};
  }

  showValues(x) {
    this.model.lines.forEach((line, index) => text(this.cells[index], this.valueOf(line, x).words));
  }

  /** Where the cursor is; for a single curve also how far its values spread there. */
  showTip(x) {
    const {lines, axis} = this.model;
    if (x === null || !this.box || lines.length === 0 || this.box.x(x) < this.box.left || this.box.x(x) > this.box.right) {
      this.tip.hidden = true;
      return;
    }
    let spread = '';
    if (lines.length === 1 && lines[0].curve.min) {
      const {curve} = lines[0];
      const {index} = this.valueOf(lines[0], x);
      spread = index >= 0 && curve.min[index] !== null ? `  ${number(curve.min[index], 3)} … ${number(curve.max[index], 3)}` : '';
    }
    text(this.tip, place(axis, x) + spread);
    this.tip.hidden = false;
    const half = this.tip.offsetWidth / 2;
    this.tip.style.left = `${Math.min(Math.max(this.box.x(x) - half, 0), this.width() - half * 2)}px`;
  }

  /** Legend and the words for who does not see the drawing. A row holds the curves of one run. */
  describe() {
    const {lines} = this.model;
    const names = lines.map((line) => `${line.colour}|${line.dash}|${line.group}|${line.scope}`).join('\n');
    if (names !== this.names) {
      this.names = names;
      this.makeLegend();
    }
    const words = lines.slice(0, 8).map((line) => `${line.label} ${this.valueOf(line, null).words}`).join(', ');
    this.area.setAttribute('aria-label', `${this.title.textContent}: ${words || 'no values'}`);
    this.showValues(null);
  }

  makeLegend() {
    const {lines} = this.model;
    const scopes = [...new Set(lines.map((line) => line.scope))].filter(Boolean);
    const groups = new Map();
    this.cells = lines.map((line) => {
      const cell = el('b', null, '–');
      const row = groups.get(line.group) ?? {line, cells: new Map()};
      row.cells.set(line.scope, cell);
      groups.set(line.group, row);
      return cell;
    });
    arrange(this.legend, [...groups].map(([name, {line, cells}]) => el('li', {title: name}, swatch(line), el('span', {class: 'name'}, name),
      scopes.length > 1 ? scopes.map((scope) => cells.get(scope) ?? el('b', null, '–')) : [...cells.values()])));
    this.legend.classList.toggle('double', scopes.length > 1);
    this.key.replaceChildren(...(scopes.length === 0 ? [] : scopes.map((scope) => {
      const mark = swatch({colour: '--muted', dash: lines.find((line) => line.scope === scope).dash});
      return el('span', null, mark, scope);
    })));
  }

  listen() {
    let start = null;
    const at = (event) => event.clientX - this.area.getBoundingClientRect().left;
    this.area.addEventListener('pointerdown', (event) => {
      if (event.button === 0 && event.pointerType === 'mouse') {
        start = at(event);
        this.area.setPointerCapture(event.pointerId);
      }
    });
    this.area.addEventListener('pointermove', (event) => {
      if (start !== null && Math.abs(at(event) - start) > SHORTEST_DRAG) {
        cursor.selection = [start, at(event)];
      }
      if (this.box) {
        moveCursor(this.box.at(Math.min(Math.max(at(event), this.box.left), this.box.right)), this);
      }
    });
    this.area.addEventListener('pointerup', () => {
      if (start !== null && cursor.selection && this.box) {
        const [from, to] = cursor.selection.map((pixel) => this.box.at(Math.min(Math.max(pixel, this.box.left), this.box.right)));
        zoomTo(this.model.axis, Math.min(from, to), Math.max(from, to));
      }
      start = null;
      cursor.selection = null;
      drawAll();
    });
    for (const end of ['pointerleave', 'pointercancel']) {
      this.area.addEventListener(end, () => {
        start = null;
        cursor.selection = null;
        moveCursor(null, null);
      });
    }
    this.area.addEventListener('dblclick', () => change({zoom: null}));
    this.area.addEventListener('keydown', (event) => this.press(event));
    this.area.addEventListener('blur', () => moveCursor(null, null));
  }

  press(event) {
    if (!this.box || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const {x0, x1} = this.box;
    const x = cursor.owner === this && cursor.x !== null ? cursor.x : x1;
    const stride = ((x1 - x0) / KEY_STEPS) * (event.shiftKey ? 5 : 1);
    const moves = {
      ArrowLeft: () => this.point(Math.max(x0, x - stride)),
      ArrowRight: () => this.point(Math.min(x1, x + stride)),
      Home: () => this.point(x0),
      End: () => this.point(x1),
      '+': () => this.zoomAround(x, 0.5),
      '=': () => this.zoomAround(x, 0.5),
      '-': () => this.zoomAround(x, 2),
      0: () => change({zoom: null}),
      Escape: () => change({zoom: null}),
    };
    if (moves[event.key]) {
      event.preventDefault();
      event.stopPropagation();
      moves[event.key]();
    }
  }

  /** Moves the cursor by keyboard and says what is there. */
  point(x) {
    moveCursor(x, this);
    const words = this.model.lines.slice(0, 8).map((line) => `${line.label} ${this.valueOf(line, x).words}`);
    speak(`${place(this.model.axis, x)}: ${words.join(', ')}`);
  }

  zoomAround(x, factor) {
    const {x0, x1} = this.box;
    const half = ((x1 - x0) * factor) / 2;
    const centre = Math.min(Math.max(x, x0 + half), Math.max(x1 - half, x0 + half));
    zoomTo(this.model.axis, centre - half, centre + half);
  }
}

export function swatch(line) {
  const mark = el('span', {class: line.dash ? 'swatch dashed' : 'swatch', 'aria-hidden': 'true'});
  mark.style.setProperty('--colour', `var(${line.colour})`);
  return mark;
}

function zoomTo(axis, from, to) {
  if (to > from) {
    const round = (value) => Number(value.toPrecision(axis === 'time' ? 15 : 8));
    change({zoom: {axis, from: round(from), to: round(to)}});
    speak(`Zoomed to ${place(axis, from)} … ${place(axis, to)}`);
  }
}

/** What the axis spans: what is zoomed to, else all that is known of the curves. */
export function domainOf(axis, curves) {
  if (state.zoom && state.zoom.axis === axis) {
    return [state.zoom.from, state.zoom.to];
  }
  let low = Infinity;
  let high = -Infinity;
  for (const curve of curves) {
    if (curve.x.length > 0) {
      low = Math.min(low, curve.x[0]);
      high = Math.max(high, curve.x2 ? curve.x2[curve.x2.length - 1] : curve.x[curve.x.length - 1]);
    }
  }
  if (low > high) {
    return [0, 1];
  }
  return low === high ? [low - 1, high + 1] : [low, high];
}

