// The list of all runs: which there are, how they stand, and which are chosen.

import {el, text, arrange, byId, empty} from './dom.js';
import {data, now} from './data.js';
import {change, chooseRuns, colourOf, state, toggleRun, MOST_CHOSEN} from './state.js';
import {age, count, duration, moment, number} from './format.js';

const SHOWN = 300;
const COLUMNS = [
  ['name', 'Run'],
  ['started', 'Age'],
  ['step', 'Step'],
  ['last', 'Last'],
  ['best', 'Best'],
];
const rows = new Map();
let parts = null;
let limit = SHOWN;

export function makeRuns() {
  const filter = el('input', {
    type: 'search', id: 'run-filter', placeholder: 'Filter runs…  (/)', value: state.filter,
    'aria-label': 'Show runs whose name, tags, status or file contain',
    onInput: (event) => {
      limit = SHOWN;
      change({filter: event.target.value});
    },
  });
  const heads = COLUMNS.map(([key, words]) => el('th', {scope: 'col', class: key}, el('button', {
    type: 'button', onClick: () => change({sort: state.sort === `-${key}` ? key : `-${key}`}),
  }, words)));
  const body = el('tbody');
  const table = el('table', {class: 'runs'}, el('thead', null, el('tr', null, el('th', {scope: 'col', class: 'pick'}, el('span', {class: 'unseen'}, 'Chosen')), heads)), body);
  const total = el('p', {class: 'total', role: 'status'});
  const more = el('button', {type: 'button', class: 'more', hidden: true, onClick: () => {
    limit += SHOWN;
    showRuns();
  }}, 'Show more');
  const none = el('div');
  const actions = el('div', {class: 'picks'},
    el('button', {type: 'button', title: 'Choose all of the list (a)', onClick: chooseAll}, 'All'),
    el('button', {type: 'button', title: 'Choose none (x)', onClick: chooseNone}, 'None'));
  byId('runs').append(el('div', {class: 'runbar'}, filter, actions), el('div', {class: 'scroll'}, table, none, more), total);
  parts = {filter, heads, body, table, total, more, none};
}

export function chooseAll() {
  chooseRuns(listed().map((run) => run.key), true);
}

export function chooseNone() {
  chooseRuns([], true);
}

/** At first, what somebody who just opened the page wants to see: what runs, else the newest. */
export function chooseAtFirst() {
  if (state.chosenByHand || data.runs.length === 0) {
    return;
  }
  const byStart = [...data.runs].sort((one, other) => other.started - one.started);
  const running = byStart.filter((run) => run.status === 'running').slice(0, 4);
  const wanted = (running.length > 0 ? [...running, ...byStart.filter((run) => !running.includes(run))] : byStart).slice(0, Math.max(running.length, 3));
  const keys = wanted.map((run) => run.key);
  if (keys.some((key) => !state.chosen.has(key)) && (state.chosen.size === 0 || running.some((run) => !state.chosen.has(run.key)))) {
    chooseRuns(keys, false);
  }
}

function fileOf(run) {
  return data.files.find((file) => file.file === Number(run.key.split('.')[0]))?.label ?? '';
}

/** What the filter leaves, sorted. */
function listed() {
  const words = state.filter.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (run) => {
    const all = [run.name, run.status, run.host, fileOf(run), ...run.tags].join(' ').toLowerCase();
    return words.every((word) => all.includes(word));
  };
  const column = state.sort.replace('-', '');
  const turn = state.sort.startsWith('-') ? -1 : 1;
  return data.runs.filter(matches).sort((one, other) => {
    const left = one[column];
    const right = other[column];
    // What has no value stays below, whichever way the others are sorted.
    if (left === null || left === undefined || right === null || right === undefined) {
      return Number(left === null || left === undefined) - Number(right === null || right === undefined);
    }
    return (typeof left === 'string' ? left.localeCompare(right) : left - right) * turn || other.started - one.started;
  });
}

export function showRuns() {
  const found = listed();
  const visible = found.slice(0, limit);
  arrange(parts.body, visible.map((run) => rowOf(run)));
  parts.more.hidden = found.length <= limit;
  const several = data.files.length > 1;
  text(parts.total, data.loaded
    ? `${count(found.length)} of ${count(data.runs.length)} runs${several ? ` in ${count(data.files.length)} files` : ''} · ${state.chosen.size} chosen${state.chosen.size >= MOST_CHOSEN ? ' (the most)' : ''}`
    : ' ');
  parts.heads.forEach((head, index) => {
    const key = COLUMNS[index][0];
    head.setAttribute('aria-sort', state.sort === key ? 'ascending' : state.sort === `-${key}` ? 'descending' : 'none');
  });
  if (document.activeElement !== parts.filter) {
    parts.filter.value = state.filter;
  }
  parts.table.hidden = visible.length === 0;
  parts.none.replaceChildren(...(visible.length > 0 || !data.loaded ? [] : [
    data.runs.length > 0 ? empty('No match', 'No run has all of these words in its name, tags, status or file.') : empty('No run yet', 'Runs appear here by themselves.'),
  ]));
  const keys = new Set(data.runs.map((run) => run.key));
  for (const key of rows.keys()) {
    if (!keys.has(key)) {
      rows.delete(key);
    }
  }
}

function rowOf(run) {
  let row = rows.get(run.key);
  if (!row) {
    row = makeRow(run.key);
    rows.set(run.key, row);
  }
  const isChosen = state.chosen.has(run.key);
  row.box.checked = isChosen;
  row.box.style.setProperty('--colour', isChosen ? colourOf(run.key) : 'transparent');
  row.box.setAttribute('aria-label', `Show ${run.name}`);
  row.node.classList.toggle('chosen', isChosen);
  text(row.name, run.name);
  row.name.title = `${run.name}\n${run.status}, started ${moment(run.started)} on ${run.host}\n${fileOf(run)}`;
  row.dot.className = `dot ${run.status}`;
  row.dot.title = run.status;
  text(row.status, run.status);
  const tags = run.tags.join('\n');
  if (row.tagged !== tags) {
    row.tagged = tags;
    row.tags.replaceChildren(...run.tags.map((tag) => el('span', {class: 'tag'}, tag)));
  }
  const ran = (run.ended ?? (run.status === 'running' ? now() : run.seen)) - run.started;
  text(row.age, age(now() - run.started));
  row.age.title = `started ${moment(run.started)}, ran ${duration(ran)}`;
  text(row.step, count(run.step));
  const metric = run.metric ? `${run.metric}${run.phase ? ` (${run.phase})` : ''}` : '';
  text(row.last, run.metric && run.last === null ? 'NaN' : number(run.last));
  text(row.best, number(run.best));
  row.last.title = metric;
  row.best.title = metric;
  return row.node;
}

function makeRow(key) {
  const box = el('input', {type: 'checkbox', onChange: () => toggleRun(key)});
  const name = el('span', {class: 'runname'});
  const dot = el('span', {class: 'dot', 'aria-hidden': 'true'});
  const status = el('span', {class: 'status'});
  const tags = el('span', {class: 'tags'});
  const cell = (kind) => el('td', {class: `${kind} number`});
  const row = {box, name, dot, status, tags, tagged: null, age: cell('started'), step: cell('step'), last: cell('last'), best: cell('best')};
  row.node = el('tr', {'data-run': key, onClick: (event) => {
    if (event.target !== box) {
      toggleRun(key);
    }
  }}, el('td', {class: 'pick'}, box),
  el('td', {class: 'name'}, el('div', {class: 'first'}, dot, name), el('div', {class: 'second'}, status, tags)),
  row.age, row.step, row.last, row.best);
  return row;
}
