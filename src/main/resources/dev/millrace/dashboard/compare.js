// Chosen runs side by side: what they reached, and in which settings they differ.

import {el, empty} from './dom.js';
import {chosenRuns, curveOf, data, now} from './data.js';
import {change, state} from './state.js';
import {metricsOf} from './charts.js';
import {swatch} from './plot.js';
import {duration, number, signed} from './format.js';

const BUCKETS = 100;
const MORE_IS_BETTER = /accuracy|f1|score|similarity|auc|r2|precision|recall|per_second/i;
const LESS_IS_BETTER = /loss|error|mae|mse|perplexity|_seconds$|data_wait/i;

/** One row per metric and phase. */
function rowsOf(runs) {
  const rows = new Map();
  for (const metric of metricsOf(runs)) {
    for (const {series, run} of metric.lines) {
      const key = `${metric.key} ${series.scope}`;
      if (!rows.has(key)) {
        rows.set(key, {name: metric.name, scope: series.scope, kind: metric.kind, byRun: new Map()});
      }
      rows.get(key).byRun.set(run.key, series);
    }
  }
  return [...rows.values()];
}

function want(series) {
  return {id: series.id, axis: series.kind === 'generation' ? 'time' : 'step', buckets: BUCKETS, count: series.count};
}

export function wantedCompare() {
  return rowsOf(chosenRuns()).flatMap((row) => [...row.byRun.values()].map(want));
}

/** +1 if more is better, −1 if less is; 0 if nobody can say, as of a learning rate. */
function direction(name) {
  return MORE_IS_BETTER.test(name) ? 1 : LESS_IS_BETTER.test(name) ? -1 : 0;
}

/** The newest value, and the best where there is a better and a worse. */
function figures(series, name) {
  const curve = series && curveOf(series.id, want(series).axis);
  if (!curve || curve.y.length === 0) {
    return {last: null, best: null, bad: false};
  }
  const turn = direction(name);
  const values = ((turn > 0 ? curve.max : curve.min) ?? curve.y).filter((value) => value !== null);
  const best = turn === 0 || values.length === 0 ? null : values.reduce((one, other) => (turn > 0 ? Math.max(one, other) : Math.min(one, other)));
  return {last: curve.last, best, bad: curve.last === null};
}

let drawn = '';

export function showCompare(view) {
  const runs = chosenRuns();
  if (runs.length === 0) {
    drawn = '';
    view.replaceChildren(empty('No run chosen', 'Choose two or more runs in the list to compare them.'));
    return;
  }
  const rows = rowsOf(runs).map((row) => ({...row, figures: runs.map((run) => figures(row.byRun.get(run.key), row.name))}));
  const params = paramsOf(runs);
  const picture = JSON.stringify([runs.map((run) => [run.key, run.name, run.status, state.chosen.get(run.key), Math.floor(ranFor(run) / 10000)]),
    rows.map((row) => [row.name, row.scope, row.figures]), params, state.onlyDifferent]);
  if (picture === drawn && view.firstChild?.classList?.contains('compare')) {
    return;
  }
  drawn = picture;
  view.replaceChildren(el('div', {class: 'compare'},
    el('section', {class: 'group'}, el('h2', null, 'Metrics'),
      el('div', {class: 'card wide', tabindex: '0', role: 'group', 'aria-label': 'Metrics of the chosen runs'}, metricTable(runs, rows))),
    el('section', {class: 'group'}, el('h2', null, 'Settings'),
      el('div', {class: 'card wide', tabindex: '0', role: 'group', 'aria-label': 'Settings of the chosen runs'}, paramTable(runs, params)))));
}

function ranFor(run) {
  return (run.ended ?? (run.status === 'running' ? now() : run.seen)) - run.started;
}

function heads(runs, spanOf) {
  return runs.map((run, index) => el('th', {scope: 'colgroup', colspan: spanOf(index), title: run.name},
    swatch({colour: `--run-${(state.chosen.get(run.key) ?? 0) % 10}`}), el('span', {class: 'name'}, run.name), index === 0 && runs.length > 1 ? el('small', null, 'reference') : null));
}

function metricTable(runs, rows) {
  const kinds = runs.flatMap((run, index) => ['Last', 'Best', ...(index > 0 ? ['Δ'] : [])].map((words, place) =>
    el('th', {scope: 'col', class: place === 0 ? 'number edge' : 'number'}, words)));
  const body = rows.map((row) => {
    const turn = direction(row.name);
    const measured = row.figures.map((one) => (turn === 0 ? one.last : one.best));
    const bests = row.figures.map((one) => one.best).filter((value) => value !== null);
    const winner = bests.length > 1 && new Set(bests).size > 1 ? (turn > 0 ? Math.max(...bests) : Math.min(...bests)) : null;
    const cells = row.figures.flatMap((one, index) => {
      const delta = measured[0] === null || measured[index] === null ? null : measured[index] - measured[0];
      const isBetter = delta * turn > 0;
      return [
        el('td', {class: 'number edge'}, one.bad ? 'NaN' : number(one.last)),
        el('td', {class: winner !== null && one.best === winner ? 'number winner' : 'number'}, number(one.best)),
        ...(index > 0 ? [el('td', {class: delta === null || delta === 0 || turn === 0 ? 'number delta' : isBetter ? 'number delta good' : 'number delta worse'}, signed(delta))] : []),
      ];
    });
    return el('tr', null, el('th', {scope: 'row'}, row.name, ' ', el('small', null, row.scope || (row.kind === 'step' ? 'step' : row.kind))), cells);
  });
  const times = el('tr', null, el('th', {scope: 'row'}, 'Time'), runs.map((run, index) =>
    el('td', {colspan: index > 0 ? 3 : 2, class: 'number edge'}, `${duration(ranFor(run))} · ${run.status}`)));
  return el('table', null, el('thead', null,
    el('tr', null, el('th', {scope: 'col'}, ''), heads(runs, (index) => (index > 0 ? 3 : 2))),
    el('tr', null, el('th', {scope: 'col'}, 'Metric'), kinds)), el('tbody', null, times, body));
}

/** [{name, values, differs}], those that differ first. */
function paramsOf(runs) {
  const all = runs.map((run) => data.details.get(run.key)?.params ?? {});
  const names = [...new Set(all.flatMap((params) => Object.keys(params)))].sort();
  const rows = names.map((name) => {
    const values = all.map((params) => (Object.hasOwn(params, name) ? params[name] : null));
    return {name, values, differs: new Set(values).size > 1};
  });
  return [...rows.filter((row) => row.differs), ...rows.filter((row) => !row.differs)];
}

function paramTable(runs, params) {
  const rows = params.filter((row) => row.differs || !state.onlyDifferent);
  if (rows.length === 0) {
    return el('p', {class: 'none'}, params.length === 0 ? 'No settings recorded.' : 'All settings are equal.');
  }
  return el('table', {class: 'params'}, el('thead', null, el('tr', null, el('th', {scope: 'col'}, 'Setting'), heads(runs, () => 1))),
    el('tbody', null, rows.map((row) => el('tr', {class: row.differs && runs.length > 1 ? 'differs' : null}, el('th', {scope: 'row'}, row.name),
      row.values.map((value) => el('td', null, value ?? '–'))))));
}

let tools = null;

export function compareTools() {
  tools ??= el('button', {type: 'button', id: 'different', title: 'Only settings that differ (d)', onClick: () => change({onlyDifferent: !state.onlyDifferent})}, 'Only differences');
  tools.setAttribute('aria-pressed', String(state.onlyDifferent));
  return [tools];
}
