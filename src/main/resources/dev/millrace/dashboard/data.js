// What the server said so far, and the one loop that asks it: never two requests at a time.

import {get, ApiError} from './api.js';
import {state} from './state.js';

const LIVE_PAUSE = 300;
const QUIET_PAUSE = 1500;
const LOST_PAUSE = 1000;
const MOST_CURVES = 24;
/** A run that has ended hardly changes when its file does: what is known of it may be this old. */
const ENDED_PAUSE = 10000;

export const data = {
  files: [],
  runs: [],
  details: new Map(), // key of a run → its details
  curves: new Map(), // series → {request, count, curve}
  behind: 0, // server's clock − this machine's
  loaded: false,
  lost: false,
  signedOut: false,
  refusal: '', // what the server said instead of an answer
  paused: false,
};

let listVersion = '';
let dataVersion = '';
/** Chosen runs whose file changed since their details were fetched, and when and how they stood then. */
const stale = new Set();
const fetched = new Map();
let listeners = [];
let wanted = () => [];
let wake = () => {};
let asked = false;

export function onData(listener) {
  listeners.push(listener);
}

/** Who draws says which curves are in sight: [{id, axis, from, to, buckets}]. */
export function setWanted(source) {
  wanted = source;
}

/** Ends the pause between two requests: something else is looked at now. */
export function hurry() {
  asked = true;
  wake();
}

function tell(what) {
  listeners.forEach((listener) => listener(what));
}

function pause(millis) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, millis);
    wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

export function now() {
  return Date.now() + data.behind;
}

/** Asks as long as the page is open. */
export async function run() {
  for (;;) {
    try {
      asked = false;
      if ((!data.paused && !document.hidden) || !data.loaded) {
        await refresh();
      }
      await fetchCurves();
      if (data.lost) {
        data.lost = false;
        tell('connection');
      }
    } catch (failure) {
      if (!(failure instanceof ApiError)) {
        // Told to the console; the page goes on with what comes next.
        setTimeout(() => {
          throw failure;
        });
        await pause(LOST_PAUSE);
      } else {
        note(failure);
      }
    }
    if (!asked) {
      const isLive = data.runs.some((one) => one.status === 'running');
      await pause(data.lost ? LOST_PAUSE : isLive ? LIVE_PAUSE : QUIET_PAUSE);
    }
  }
}

function note(failure) {
  if (failure.status === 404 || failure.status === 400) {
    // A run is gone with its file: the list that comes next does not have it any more.
    listVersion = '';
    data.details.clear();
    dataVersion = '';
    const known = new Set(data.runs.map((one) => one.key));
    for (const key of [...state.chosen.keys()].filter((one) => !known.has(one))) {
      state.chosen.delete(key);
    }
    return;
  }
  data.signedOut = failure.status === 401;
  const refusal = failure.status >= 500 ? failure.message : '';
  const isNews = !data.lost || data.refusal !== refusal;
  data.refusal = refusal;
  data.lost = true;
  if (isNews) {
    tell('connection');
  }
}

async function refresh() {
  const chosen = chosenKeys();
  const changes = await get('changes', {run: chosen});
  data.behind = changes.now - Date.now();
  if (changes.list !== listVersion) {
    const list = await get('runs');
    data.files = list.files;
    data.runs = list.runs;
    data.loaded = true;
    listVersion = changes.list;
    tell('runs');
  }
  const isChanged = changes.data !== dataVersion;
  if (isChanged) {
    chosenKeys().forEach((key) => stale.add(key));
  }
  const due = chosenRuns().filter(isDue);
  for (const one of due) {
    stale.delete(one.key);
    data.details.set(one.key, await get('run', {run: one.key}));
    fetched.set(one.key, {at: performance.now(), status: one.status});
  }
  if (isChanged || due.length > 0) {
    // A version counts for the runs it was asked for.
    dataVersion = chosen.join() === chosenKeys().join() ? changes.data : '';
    tell('details');
  }
}

function isDue(one) {
  if (!data.details.has(one.key)) {
    return true;
  }
  const before = fetched.get(one.key);
  return stale.has(one.key)
    && (one.status === 'running' || before.status !== one.status || performance.now() - before.at > ENDED_PAUSE);
}

/** Chosen runs that exist. */
export function chosenKeys() {
  const known = new Set(data.runs.map((one) => one.key));
  return [...state.chosen.keys()].filter((key) => known.has(key));
}

export function chosenRuns() {
  const byKey = new Map(data.runs.map((one) => [one.key, one]));
  return chosenKeys().map((key) => byKey.get(key));
}

function requestOf(want) {
  return `${want.axis}/${want.from ?? ''}/${want.to ?? ''}/${want.buckets}`;
}

function isStale(want) {
  const known = data.curves.get(want.id);
  return !known || known.count !== want.count || known.request !== requestOf(want);
}

/** Fetches what is in sight and not up to date, those of one axis and range in one request. */
async function fetchCurves() {
  const groups = new Map();
  for (const want of wanted().filter(isStale)) {
    const request = requestOf(want);
    groups.set(request, [...(groups.get(request) ?? []), want]);
  }
  for (const [request, group] of groups) {
    for (let start = 0; start < group.length; start += MOST_CURVES) {
      const part = group.slice(start, start + MOST_CURVES);
      const {axis, from, to, buckets} = part[0];
      const reply = await get('chart', {axis, from, to, buckets, s: part.map((want) => want.id)});
      for (const curve of reply.curves) {
        const want = part.find((one) => one.id === curve.id);
        // The count that was asked for: if there is more by now, the next look fetches it.
        data.curves.set(curve.id, {request, count: want.count, axis, curve});
      }
      tell('curves');
      if (asked) {
        return;
      }
    }
  }
}

/** The curve of a series on an axis; what is there from before while another range is under way. */
export function curveOf(id, axis) {
  const known = data.curves.get(id);
  return known && known.axis === axis ? known.curve : null;
}
