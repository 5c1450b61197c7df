// What is looked at. All of it is in the address behind the #, so that a view can be reloaded and passed on.

export const AXES = [
  ['step', 'Step'],
  ['relative', 'Relative'],
  ['time', 'Clock'],
  ['epoch', 'Epoch'],
];
export const VIEWS = [
  ['charts', 'Charts'],
  ['resources', 'Resources'],
  ['compare', 'Compare'],
  ['events', 'Events'],
];
export const MOST_CHOSEN = 20;

const listeners = new Set();
/** What the address said when it was last read or written. */
let known = '';

export const state = {
  view: 'charts',
  axis: 'step',
  smoothing: 0.6,
  log: false,
  zoom: null, // {axis, from, to}
  filter: '',
  metrics: '',
  sort: '-started',
  onlyDifferent: false,
  focus: '', // the run whose resources are shown
  chosen: new Map(), // key of a run → number of its colour
  chosenByHand: false,
};

/** Calls back after each change, with the names of what changed. */
export function onChange(listener) {
  listeners.add(listener);
}

export function change(changes) {
  const names = Object.keys(changes).filter((name) => state[name] !== changes[name]);
  if (names.length > 0) {
    Object.assign(state, changes);
    store();
    listeners.forEach((listener) => listener(new Set(names)));
  }
}

export function toggleRun(key) {
  const chosen = new Map(state.chosen);
  if (chosen.has(key)) {
    chosen.delete(key);
  } else if (chosen.size < MOST_CHOSEN) {
    chosen.set(key, freeColour(chosen));
  }
  change({chosen, chosenByHand: true});
}

export function chooseRuns(keys, byHand) {
  const chosen = new Map();
  keys.slice(0, MOST_CHOSEN).forEach((key) => chosen.set(key, state.chosen.get(key) ?? -1));
  for (const [key, colour] of chosen) {
    if (colour < 0) {
      chosen.set(key, freeColour(chosen));
    }
  }
  change({chosen, chosenByHand: byHand});
}

function freeColour(chosen) {
  const used = new Set(chosen.values());
  let colour = 0;
  while (used.has(colour)) {
    colour++;
  }
  return colour;
}

/** The colour of a chosen run, the same in every chart and table. */
export function colourOf(key) {
  return `var(--run-${(state.chosen.get(key) ?? 0) % 10})`;
}

function store() {
  if (location.hash.slice(1) !== known) {
    // Somebody put in another address just now: the page is about to hear of it, and it counts.
    return;
  }
  const parts = new URLSearchParams();
  const put = (name, value, usual) => value !== usual && parts.set(name, value);
  put('view', state.view, 'charts');
  put('x', state.axis, 'step');
  put('smooth', String(state.smoothing), '0.6');
  put('log', state.log ? '1' : '', '');
  put('zoom', state.zoom ? `${state.zoom.axis}:${state.zoom.from}:${state.zoom.to}` : '', '');
  put('filter', state.filter, '');
  put('metrics', state.metrics, '');
  put('sort', state.sort, '-started');
  put('different', state.onlyDifferent ? '1' : '', '');
  put('focus', state.focus, '');
  if (state.chosenByHand) {
    parts.set('runs', [...state.chosen].map(([key, colour]) => `${key}:${colour}`).join(' '));
  }
  const hash = parts.toString();
  if (hash !== location.hash.slice(1)) {
    history.replaceState(null, '', hash ? `#${hash}` : location.pathname);
    known = location.hash.slice(1);
  }
}

/** Takes over what the address says. */
export function restore() {
  known = location.hash.slice(1);
  const parts = new URLSearchParams(known);
  const oneOf = (name, list, usual) => (list.some(([value]) => value === parts.get(name)) ? parts.get(name) : usual);
  const smoothing = Number(parts.get('smooth') ?? '0.6');
  const zoom = /^(\w+):(-?[\d.e+-]+):(-?[\d.e+-]+)$/.exec(parts.get('zoom') ?? '');
  const chosen = new Map();
  for (const part of (parts.get('runs') ?? '').split(' ')) {
    const match = /^(\d+\.\d+):(\d{1,3})$/.exec(part);
    if (match && chosen.size < MOST_CHOSEN) {
      chosen.set(match[1], Number(match[2]));
    }
  }
  Object.assign(state, {
    view: oneOf('view', VIEWS, 'charts'),
    axis: oneOf('x', AXES, 'step'),
    smoothing: smoothing >= 0 && smoothing < 1 ? smoothing : 0.6,
    log: parts.get('log') === '1',
    zoom: zoom && Number(zoom[2]) < Number(zoom[3]) ? {axis: zoom[1], from: Number(zoom[2]), to: Number(zoom[3])} : null,
    filter: parts.get('filter') ?? '',
    metrics: parts.get('metrics') ?? '',
    sort: parts.get('sort') ?? '-started',
    onlyDifferent: parts.get('different') === '1',
    focus: parts.get('focus') ?? '',
    chosen,
    chosenByHand: parts.has('runs'),
  });
}
