// The charts of the chosen runs: one per metric, all on the same axis.

import {el, arrange, empty} from './dom.js';
import {Plot, domainOf} from './plot.js';
import {chosenRuns, curveOf, data} from './data.js';
import {AXES, change, state} from './state.js';

const MOST_BUCKETS = 1000;
const HEIGHT = 210;
const THROUGHPUT = /(_per_second|_per_sec|throughput|data_wait|_seconds|step_time|iterations_per)/i;
const SECTIONS = ['By epoch', 'By step', 'Throughput and data wait', 'Generation'];

const plots = new Map();

/** The metrics of the chosen runs: [{key, title, section, lines: [{series, run, dash}]}]. */
export function metricsOf(runs) {
  const metrics = new Map();
  for (const run of runs) {
    for (const series of data.details.get(run.key)?.series ?? []) {
      if (series.kind === 'resource' || series.count === 0) {
        continue;
      }
      const key = `${series.kind} ${series.name}`;
      const section = series.kind === 'generation' ? 3 : THROUGHPUT.test(series.name) ? 2 : series.kind === 'epoch' ? 0 : 1;
      if (!metrics.has(key)) {
        metrics.set(key, {key, name: series.name, kind: series.kind, section, lines: []});
      }
      metrics.get(key).lines.push({series, run, dash: series.kind === 'epoch' && series.scope !== 'train'});
    }
  }
  return [...metrics.values()].sort((one, other) =>
    one.section - other.section || importance(other.name) - importance(one.name) || (one.name < other.name ? -1 : 1));
}

function importance(name) {
  return name === 'loss' ? 2 : /loss|accuracy|error|mae|rmse|f1|score|similarity/i.test(name) ? 1 : 0;
}

/** What to call a run in a legend: its number too where several have its name. */
export function nameOf(run, runs) {
  return runs.filter((one) => one.name === run.name).length > 1 ? `${run.name} #${run.key.split('.')[1]}` : run.name;
}

function shown() {
  const wanted = state.metrics.trim().toLowerCase();
  return metricsOf(chosenRuns()).filter((metric) => metric.name.toLowerCase().includes(wanted));
}

/** Curves of the charts in sight. */
export function wantedCharts() {
  const wants = [];
  for (const metric of shown()) {
    const plot = plots.get(metric.key)?.plot;
    if (plot?.isVisible) {
      for (const {series} of metric.lines) {
        wants.push(want(series, state.axis, plot.width()));
      }
    }
  }
  return wants;
}

export function want(series, axis, width) {
  const zoom = state.zoom && state.zoom.axis === axis ? state.zoom : {};
  // A fifth of steps: a window that is dragged wider does not ask at every pixel.
  const buckets = Math.min(MOST_BUCKETS, Math.max(100, Math.ceil(width / 100) * 100));
  return {id: series.id, axis, from: zoom.from, to: zoom.to, buckets, count: series.count};
}

export function showCharts(view) {
  const runs = chosenRuns();
  const metrics = shown();
  if (metrics.length === 0) {
    clearCharts();
    view.replaceChildren(hint(runs));
    return;
  }
  const curves = metrics.flatMap((metric) => metric.lines.map(({series}) => curveOf(series.id, state.axis))).filter(Boolean);
  const domain = domainOf(state.axis, curves);
  const nodes = [];
  let section = -1;
  let grid = null;
  for (const metric of metrics) {
    if (metric.section !== section) {
      section = metric.section;
      grid = sectionNode(section);
      grid.items = [];
      nodes.push(grid);
    }
    const plot = plotOf(metric);
    plot.set({
      axis: state.axis, domain, log: state.log, smoothing: metric.kind === 'step' ? state.smoothing : 0,
      lines: metric.lines.map(({series, run, dash}) => ({
        colour: `--run-${(state.chosen.get(run.key) ?? 0) % 10}`, dash, group: nameOf(run, runs), scope: series.scope,
        label: series.scope ? `${nameOf(run, runs)} ${series.scope}` : nameOf(run, runs),
        curve: curveOf(series.id, state.axis) ?? {x: [], y: [], bad: []},
      })),
    });
    grid.items.push(plot.node);
  }
  nodes.forEach((node) => arrange(node.lastChild, node.items));
  arrange(view, nodes);
  const used = new Set(metrics.map((metric) => metric.key));
  for (const [key, {plot}] of plots) {
    if (!used.has(key)) {
      plot.remove();
      plots.delete(key);
    }
  }
}

const sections = new Map();

function sectionNode(section) {
  if (!sections.has(section)) {
    sections.set(section, el('section', {class: 'group'}, el('h2', null, SECTIONS[section]), el('div', {class: 'grid'})));
  }
  return sections.get(section);
}

function plotOf(metric) {
  if (!plots.has(metric.key)) {
    const first = metric.lines[0].series;
    plots.set(metric.key, {plot: new Plot(first.unit ? `${metric.name} (${first.unit})` : metric.name, HEIGHT)});
  }
  return plots.get(metric.key).plot;
}

export function clearCharts() {
  plots.forEach(({plot}) => plot.remove());
  plots.clear();
}

function hint(runs) {
  if (!data.loaded) {
    return empty('Loading…', 'Reading the runs.');
  }
  if (data.runs.length === 0) {
    return empty('No run yet', 'As soon as a program records here, it appears by itself: millrace train CONFIG.yaml --out RUN, or MetricsStore.open(file).startRun(…).');
  }
  if (runs.length === 0) {
    return empty('No run chosen', 'Choose runs in the list to see their charts. With a and x all of the list, or none.');
  }
  if (runs.some((run) => !data.details.has(run.key))) {
    return empty('Loading…', 'Reading the series of the chosen runs.');
  }
  return state.metrics
    ? empty('No metric of that name', 'No metric of the chosen runs has these letters in its name.')
    : empty('Nothing recorded yet', 'The chosen runs have no values so far. They appear here as soon as they are written.');
}

let tools = null;

/** Axis, smoothing, scale and filter; made once, so that what is being dragged or typed in stays. */
export function chartTools() {
  tools ??= makeTools();
  tools.axis.show(state.axis);
  tools.slider.value = String(state.smoothing);
  tools.output.textContent = state.smoothing.toFixed(2);
  tools.log.setAttribute('aria-pressed', String(state.log));
  tools.reset.disabled = !state.zoom;
  if (document.activeElement !== tools.filter) {
    tools.filter.value = state.metrics;
  }
  return [tools.axis.node, tools.label, tools.log, tools.reset, tools.filter];
}

function makeTools() {
  const slider = el('input', {
    type: 'range', min: '0', max: '0.98', step: '0.02', id: 'smoothing', 'aria-label': 'Smoothing',
    onInput: (event) => change({smoothing: Number(event.target.value)}),
  });
  const output = el('output', {for: 'smoothing'});
  return {
    slider, output,
    axis: segments('Horizontal axis', AXES, (axis) => change({axis, zoom: null})),
    label: el('label', {class: 'slider', title: 'Smoothing ([ and ])'}, el('span', null, 'Smooth'), slider, output),
    log: el('button', {type: 'button', id: 'log', title: 'Logarithmic scale (l)', onClick: () => change({log: !state.log})}, 'Log'),
    reset: el('button', {type: 'button', id: 'reset', title: 'Show all (0)', onClick: () => change({zoom: null})}, 'Reset zoom'),
    filter: el('input', {
      type: 'search', id: 'metric-filter', placeholder: 'Metric…', 'aria-label': 'Show metrics whose name contains',
      onInput: (event) => change({metrics: event.target.value}),
    }),
  };
}

/** A row of buttons of which one is chosen. */
export function segments(label, choices, choose) {
  const buttons = choices.map(([value, words]) =>
    el('button', {type: 'button', 'data-value': value, onClick: () => choose(value)}, words));
  return {
    node: el('div', {class: 'segments', role: 'group', 'aria-label': label}, buttons),
    show: (current) => buttons.forEach((button) => button.setAttribute('aria-pressed', String(button.dataset.value === current))),
  };
}
