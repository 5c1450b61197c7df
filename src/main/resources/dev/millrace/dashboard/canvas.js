// Draws one chart. Knows pixels and numbers, nothing of the page around.

import {linear, logarithmic, times, label} from './ticks.js';
import {number} from './format.js';

export const GUTTER = {left: 54, right: 10, top: 8, bottom: 22};
/** Points nearer to each other than this many pixels are drawn without dots. */
const DOT_DISTANCE = 11;

/** Colours of the theme in use. */
export function palette() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  return {
    text: read('--muted'), grid: read('--grid'), line: read('--border'), strong: read('--text'), surface: read('--surface'),
    accent: read('--accent'), failed: read('--bad-soft'), font: `11px ${read('--font')}`, resolve: read,
    bands: [0, 1, 2, 3, 4, 5].map((band) => read(`--band-${band}`)),
  };
}

/** Middle of a bucket on the axis. */
export function middle(curve, index) {
  return curve.x2 ? (curve.x[index] + curve.x2[index]) / 2 : curve.x[index];
}

/** Exponential mean, without the pull towards zero that a start from zero would give it. Skips what is no number. */
export function smooth(values, weight) {
  if (weight <= 0) {
    return values;
  }
  let sum = 0;
  let share = 0;
  return values.map((value) => {
    if (value === null) {
      return null;
    }
    sum = sum * weight + value * (1 - weight);
    share = share * weight + (1 - weight);
    return sum / share;
  });
}

/** The place of the bucket nearest to x; −1 if there is none. */
export function nearest(curve, x) {
  let low = 0;
  let high = curve.x.length - 1;
  if (high < 0) {
    return -1;
  }
  while (low < high) {
    const half = (low + high) >> 1;
    if (middle(curve, half) < x) {
      low = half + 1;
    } else {
      high = half;
    }
  }
  return low > 0 && x - middle(curve, low - 1) < middle(curve, low) - x ? low - 1 : low;
}

/** From values to pixels and back. */
export function frame(width, height, model) {
  const left = GUTTER.left;
  const right = width - GUTTER.right;
  const top = GUTTER.top;
  const bottom = height - (model.showAxis ? GUTTER.bottom : 4);
  const [x0, x1] = model.domain;
  const [y0, y1] = range(model);
  const log = model.log && y0 > 0;
  const fold = log ? Math.log10 : (value) => value;
  const low = fold(y0);
  const high = fold(y1);
  return {
    left, right, top, bottom, log, x0, x1, y0, y1,
    x: (value) => left + ((value - x0) / (x1 - x0)) * (right - left),
    y: (value) => bottom - ((fold(value) - low) / (high - low)) * (bottom - top),
    at: (pixel) => x0 + ((pixel - left) / (right - left)) * (x1 - x0),
  };
}

/** Lowest and highest value in sight, with a little air. On a logarithmic axis only what is above zero counts. */
function range(model) {
  if (model.fixed) {
    return model.fixed;
  }
  let low = Infinity;
  let high = -Infinity;
  const [x0, x1] = model.domain;
  for (const line of model.lines) {
    const {curve} = line;
    for (let i = 0; i < curve.x.length; i++) {
      const at = middle(curve, i);
      if (at < x0 || at > x1) {
        continue;
      }
      for (const value of [curve.min ? curve.min[i] : curve.y[i], curve.max ? curve.max[i] : curve.y[i]]) {
        if (value !== null && (!model.log || value > 0)) {
          low = Math.min(low, value);
          high = Math.max(high, value);
        }
      }
    }
  }
  if (low > high) {
    return [0, 1];
  }
  if (model.log && low > 0) {
    const air = (high / low) ** 0.04;
    return low === high ? [low / 2, high * 2] : [low / air, high * air];
  }
  const air = (high - low) * 0.05 || Math.abs(high) * 0.1 || 1;
  const floor = model.fromZero && low >= 0 ? 0 : low - air;
  return [floor, high + air];
}

export function paint(context, width, height, model, theme) {
  context.clearRect(0, 0, width, height);
  const box = frame(width, height, model);
  context.font = theme.font;
  stages(context, box, model, theme);
  axes(context, box, model, theme);
  context.save();
  context.beginPath();
  context.rect(box.left, 0, box.right - box.left, height);
  context.clip();
  for (const line of model.lines) {
    envelope(context, box, line, theme);
  }
  for (const line of model.lines) {
    const colour = theme.resolve(line.colour);
    const smoothed = smooth(line.curve.y, model.smoothing);
    if (model.smoothing > 0 && line.curve.x.length > 2) {
      stroke(context, box, line, line.curve.y, colour, 0.22, 1);
    }
    stroke(context, box, line, smoothed, colour, 1, 1.75);
    bad(context, box, line, colour);
  }
  context.restore();
  return box;
}

function axes(context, box, model, theme) {
  context.lineWidth = 1;
  context.strokeStyle = theme.grid;
  context.fillStyle = theme.text;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  const room = Math.max(2, Math.floor((box.bottom - box.top) / 36));
  const ticks = box.log ? logarithmic(box.y0, box.y1, room) : linear(box.y0, box.y1, room);
  for (const tick of ticks) {
    const y = Math.round(box.y(tick)) + 0.5;
    line(context, box.left, y, box.right, y);
    context.fillText(number(tick, 3), box.left - 8, y);
  }
  if (!model.showAxis) {
    return;
  }
  context.textAlign = 'center';
  context.textBaseline = 'top';
  const wanted = Math.max(2, Math.floor((box.right - box.left) / 74));
  const isTime = model.axis === 'time' || model.axis === 'relative';
  const found = isTime
    ? times(box.x0, box.x1, wanted, model.axis === 'time')
    : {ticks: linear(box.x0, box.x1, wanted), step: 0};
  for (const tick of found.ticks) {
    const x = Math.round(box.x(tick)) + 0.5;
    line(context, x, box.bottom, x, box.bottom + 4);
    const words = label(model.axis, tick, found.step);
    const half = context.measureText(words).width / 2;
    context.fillText(words, Math.min(Math.max(x, box.left + half - 20), box.right - half + 6), box.bottom + 7);
  }
  context.strokeStyle = theme.line;
  line(context, box.left, box.bottom + 0.5, box.right, box.bottom + 0.5);
}

function line(context, x0, y0, x1, y1) {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

function stages(context, box, model, theme) {
  for (const [index, stage] of (model.stages ?? []).entries()) {
    const from = Math.max(box.x(stage.from), box.left);
    const to = Math.min(box.x(stage.to), box.right);
    if (to > from) {
      context.globalAlpha = 0.6;
      context.fillStyle = stage.failed ? theme.failed : theme.bands[index % theme.bands.length];
      context.fillRect(from, box.top, to - from, box.bottom - box.top);
      context.globalAlpha = 1;
    }
  }
}

function envelope(context, box, line, theme) {
  const {curve} = line;
  if (!curve.min) {
    return;
  }
  context.fillStyle = theme.resolve(line.colour);
  context.globalAlpha = 0.16;
  const usable = (i) => curve.min[i] !== null && (!box.log || curve.max[i] > 0);
  for (let start = 0; start < curve.x.length; start++) {
    if (!usable(start)) {
      continue;
    }
    let end = start;
    while (end + 1 < curve.x.length && usable(end + 1)) {
      end++;
    }
    context.beginPath();
    for (let i = start; i <= end; i++) {
      context.lineTo(box.x(middle(curve, i)), box.y(curve.max[i]));
    }
    for (let i = end; i >= start; i--) {
      context.lineTo(box.x(middle(curve, i)), box.y(box.log ? Math.max(curve.min[i], box.y0) : curve.min[i]));
    }
    context.closePath();
    context.fill();
    start = end;
  }
  context.globalAlpha = 1;
}

function stroke(context, box, line, values, colour, alpha, width) {
  const {curve} = line;
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.globalAlpha = alpha;
  context.lineWidth = width;
  context.lineJoin = 'round';
  context.setLineDash(line.dash ? [5, 4] : []);
  context.beginPath();
  let drawing = false;
  for (let i = 0; i < values.length; i++) {
    if (values[i] === null || (box.log && values[i] <= 0)) {
      drawing = false;
      continue;
    }
    const x = box.x(middle(curve, i));
    const y = box.y(values[i]);
    if (drawing) {
      context.lineTo(x, y);
    } else {
      context.moveTo(x, y);
      drawing = true;
    }
  }
  context.stroke();
  context.setLineDash([]);
  const span = values.length < 2 ? 0 : box.x(middle(curve, values.length - 1)) - box.x(middle(curve, 0));
  if (alpha === 1 && (values.length < 2 || span / (values.length - 1) >= DOT_DISTANCE)) {
    dots(context, box, curve, values);
  }
  context.globalAlpha = 1;
}

function dots(context, box, curve, values) {
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== null && (!box.log || values[i] > 0)) {
      context.beginPath();
      context.arc(box.x(middle(curve, i)), box.y(values[i]), values.length === 1 ? 3.5 : 2.25, 0, 7);
      context.fill();
    }
  }
}

/** A cross at the foot of the chart where values were NaN or infinite. */
function bad(context, box, line, colour) {
  context.strokeStyle = colour;
  context.lineWidth = 1.75;
  let last = -Infinity;
  for (const [index] of line.curve.bad) {
    const x = box.x(middle(line.curve, index));
    if (x - last < 5) {
      continue;
    }
    last = x;
    const y = box.bottom - 7;
    context.beginPath();
    context.moveTo(x - 3.5, y - 3.5);
    context.lineTo(x + 3.5, y + 3.5);
    context.moveTo(x + 3.5, y - 3.5);
    context.lineTo(x - 3.5, y + 3.5);
    context.stroke();
  }
}

/** The line under the pointer with a dot on each curve, or the range that is being chosen. */
export function paintCursor(context, width, height, box, model, cursor, theme) {
  context.clearRect(0, 0, width, height);
  if (!box) {
    return;
  }
  if (cursor.selection) {
    const from = Math.max(box.left, Math.min(...cursor.selection));
    const to = Math.min(box.right, Math.max(...cursor.selection));
    context.fillStyle = theme.accent;
    context.globalAlpha = 0.15;
    context.fillRect(from, box.top, to - from, box.bottom - box.top);
    context.globalAlpha = 1;
  }
  if (cursor.x === null) {
    return;
  }
  const x = Math.round(box.x(cursor.x)) + 0.5;
  if (x < box.left || x > box.right) {
    return;
  }
  context.strokeStyle = theme.text;
  context.globalAlpha = 0.55;
  context.lineWidth = 1;
  line(context, x, box.top, x, box.bottom);
  context.globalAlpha = 1;
  for (const one of model.lines) {
    const index = nearest(one.curve, cursor.x);
    const value = index < 0 ? null : smooth(one.curve.y, model.smoothing)[index];
    if (value !== null && (!box.log || value > 0)) {
      context.beginPath();
      context.arc(box.x(middle(one.curve, index)), box.y(value), 3.5, 0, 7);
      context.fillStyle = theme.resolve(one.colour);
      context.fill();
      context.strokeStyle = theme.surface;
      context.lineWidth = 1.5;
      context.stroke();
    }
  }
}
