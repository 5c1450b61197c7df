// What happened during the chosen runs, the newest first.

import {el, empty} from './dom.js';
import {chosenRuns, data} from './data.js';
import {state} from './state.js';
import {swatch} from './plot.js';
import {duration, moment} from './format.js';

const MOST = 500;
let drawn = '';

export function showEvents(view) {
  const runs = chosenRuns();
  const all = runs.flatMap((run) => (data.details.get(run.key)?.events ?? []).map((event) => ({...event, run})))
    .sort((one, other) => other.time - one.time);
  const total = runs.reduce((sum, run) => sum + (data.details.get(run.key)?.event_count ?? 0), 0);
  if (all.length === 0) {
    drawn = '';
    view.replaceChildren(runs.length === 0
      ? empty('No run chosen', 'Choose runs in the list to see what happened during them.')
      : empty('No events', 'Checkpoints, warnings and errors of the chosen runs appear here.'));
    return;
  }
  const picture = JSON.stringify([runs.map((run) => [run.key, run.name, state.chosen.get(run.key)]), total, all[0].time]);
  if (picture === drawn && view.firstChild?.classList?.contains('events')) {
    return;
  }
  drawn = picture;
  const rows = all.slice(0, MOST).map(({time, level, text, run}) => el('tr', {class: levelClass(level)},
    el('td', {class: 'when'}, moment(time), el('small', null, `+${duration(time - run.started)}`)),
    el('td', null, el('span', {class: 'level'}, level)),
    el('td', {class: 'of'}, swatch({colour: `--run-${(state.chosen.get(run.key) ?? 0) % 10}`}), el('span', {class: 'name'}, run.name)),
    el('td', {class: 'words'}, text)));
  const note = total > rows.length ? el('p', {class: 'none'}, `The newest ${rows.length} of ${total} events.`) : null;
  view.replaceChildren(el('div', {class: 'events card wide', tabindex: '0', role: 'group', 'aria-label': 'Events'}, el('table', null,
    el('thead', null, el('tr', null, ['Time', 'Level', 'Run', 'What happened'].map((words) => el('th', {scope: 'col'}, words)))),
    el('tbody', null, rows)), note));
}

/** Levels are free text: the usual ones have a colour. */
function levelClass(level) {
  const lower = level.toLowerCase();
  return lower.startsWith('err') || lower === 'fatal' ? 'error' : lower.startsWith('warn') ? 'warning' : 'info';
}
