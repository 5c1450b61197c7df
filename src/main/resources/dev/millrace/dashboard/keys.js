// What the keyboard does, and the list of it.

import {el, byId} from './dom.js';
import {AXES, VIEWS, change, state} from './state.js';
import {chooseAll, chooseNone} from './runs.js';

const KEYS = [
  ['1 – 4', 'Charts, resources, compare, events'],
  ['/', 'Filter the runs'],
  ['m', 'Filter the metrics'],
  ['↑ ↓, Space', 'In the list: go to a run, choose it'],
  ['a, x', 'Choose all runs of the list, or none'],
  ['s', 'Next horizontal axis: step, relative, clock, epoch'],
  ['[ , ]', 'Less or more smoothing'],
  ['l', 'Logarithmic scale'],
  ['← →', 'On a chart: move the cursor (with Shift further)'],
  ['+ , −', 'On a chart: zoom around the cursor'],
  ['0 or Esc', 'Show all again'],
  ['d', 'Compare: only settings that differ'],
  ['p', 'Pause updates'],
  ['t', 'Light or dark'],
  ['?', 'This list'],
];

export function listenToKeys(page) {
  const next = () => AXES[(AXES.findIndex(([axis]) => axis === state.axis) + 1) % AXES.length][0];
  const smoother = (by) => change({smoothing: Math.min(0.98, Math.max(0, Math.round((state.smoothing + by) * 100) / 100))});
  const acts = {
    '/': () => byId('run-filter').focus(),
    m: () => {
      change({view: 'charts'});
      byId('metric-filter')?.focus();
    },
    a: chooseAll,
    x: chooseNone,
    s: () => change({axis: next(), zoom: null}),
    '[': () => smoother(-0.1),
    ']': () => smoother(0.1),
    l: () => change({log: !state.log}),
    0: () => change({zoom: null}),
    Escape: () => change({zoom: null}),
    d: () => change({onlyDifferent: !state.onlyDifferent}),
    p: page.pause,
    t: page.theme,
    '?': page.help,
  };
  VIEWS.forEach(([view], index) => {
    acts[index + 1] = () => change({view});
  });
  document.addEventListener('keydown', (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== 'checkbox' && event.target.type !== 'range';
    if (typing && event.key === 'Escape') {
      event.target.blur();
    }
    if (typing || event.ctrlKey || event.metaKey || event.altKey || byId('shortcuts').open) {
      return;
    }
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      moveInList(event);
    } else if (acts[event.key]) {
      event.preventDefault();
      acts[event.key]();
    }
  });
}

/** Arrows go from one run of the list to the next. */
function moveInList(event) {
  const boxes = [...document.querySelectorAll('table.runs tbody input')];
  const at = boxes.indexOf(document.activeElement);
  if (at >= 0) {
    event.preventDefault();
    boxes[Math.min(Math.max(at + (event.key === 'ArrowDown' ? 1 : -1), 0), boxes.length - 1)].focus();
  }
}

export function makeHelp() {
  const dialog = byId('shortcuts');
  dialog.append(el('h2', null, 'Keyboard'), el('dl', null, KEYS.map(([key, words]) => [el('dt', null, el('kbd', null, key)), el('dd', null, words)]).flat()),
    el('button', {type: 'button', onClick: () => dialog.close()}, 'Close'));
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  return () => (dialog.open ? dialog.close() : dialog.showModal());
}
