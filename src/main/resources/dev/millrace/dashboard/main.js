// Puts the parts of the page together.

import {el, byId, text, arrange} from './dom.js';
import {VIEWS, change, onChange, restore, state} from './state.js';
import {data, hurry, onData, run, setWanted} from './data.js';
import {chooseAtFirst, makeRuns, showRuns} from './runs.js';
import {chartTools, clearCharts, showCharts, wantedCharts} from './charts.js';
import {clearResources, resourceTools, showResources, wantedResources} from './resources.js';
import {compareTools, showCompare, wantedCompare} from './compare.js';
import {showEvents} from './events.js';
import {listenToKeys, makeHelp} from './keys.js';
import {forgetTheme, onPlotInSight} from './plot.js';
import {count} from './format.js';

const views = {
  charts: {show: showCharts, tools: chartTools, wanted: wantedCharts, clear: clearCharts},
  resources: {show: showResources, tools: resourceTools, wanted: wantedResources, clear: clearResources},
  compare: {show: showCompare, tools: compareTools, wanted: wantedCompare, clear: () => {}},
  events: {show: showEvents, tools: () => [], wanted: () => [], clear: () => {}},
};
const THEME = 'millrace-theme';
const tabs = new Map();
let shownView = '';
let scheduled = false;

function show() {
  if (!scheduled) {
    scheduled = true;
    queueMicrotask(() => {
      scheduled = false;
      showNow();
    });
  }
}

function showNow() {
  const node = byId('view');
  if (shownView !== state.view) {
    views[shownView]?.clear();
    node.replaceChildren();
    shownView = state.view;
    node.setAttribute('aria-labelledby', `tab-${state.view}`);
  }
  for (const [view, tab] of tabs) {
    tab.setAttribute('aria-selected', String(view === state.view));
    tab.tabIndex = view === state.view ? 0 : -1;
  }
  arrange(byId('tools'), views[state.view].tools());
  views[state.view].show(node);
}

function makeTabs() {
  VIEWS.forEach(([view, words], index) => {
    const tab = el('button', {
      type: 'button', role: 'tab', id: `tab-${view}`, 'aria-controls': 'view', title: `${words} (${index + 1})`,
      onClick: () => change({view}),
      onKeydown: (event) => {
        const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
        if (by !== 0) {
          const next = VIEWS[(index + by + VIEWS.length) % VIEWS.length][0];
          change({view: next});
          tabs.get(next).focus();
        }
      },
    }, words);
    tabs.set(view, tab);
    byId('tabs').append(tab);
  });
}

function showConnection() {
  byId('lost').hidden = !data.lost;
  text(byId('lost'), data.signedOut
    ? 'This server was started anew. Open the address that it printed.'
    : `${data.refusal || 'Connection lost.'} Trying again…`);
  const running = data.runs.filter((one) => one.status === 'running').length;
  const words = data.lost ? 'offline' : data.paused ? 'paused' : !data.loaded ? 'connecting' : running > 0 ? 'live' : 'up to date';
  text(byId('live-more'), !data.lost && !data.paused && running > 0 ? `· ${running} running` : '');
  text(byId('live-text'), words);
  byId('live').className = data.lost ? 'lost' : data.paused ? 'paused' : running > 0 ? 'live' : 'quiet';
}

function showFiles() {
  const labels = data.files.map((file) => file.label);
  text(byId('source'), labels.length === 1 ? labels[0] : labels.length === 0 ? '' : `${count(labels.length)} files`);
  byId('source').title = data.files.slice(0, 20).map((file) => file.path).join('\n');
  const notes = [];
  for (const file of data.files) {
    if (file.problem) {
      notes.push(`${file.label} cannot be read. ${file.problem}`);
    } else if (file.lost > 0) {
      notes.push(`${count(file.lost)} records of ${file.label} are missing: its queue was full, or the database refused them.`);
    }
  }
  const shown = notes.slice(0, 3).concat(notes.length > 3 ? [`${notes.length - 3} more files have notes like these.`] : []);
  if (byId('warnings').dataset.shown !== shown.join('\n')) {
    byId('warnings').dataset.shown = shown.join('\n');
    byId('warnings').replaceChildren(...shown.map((note) => el('div', {class: 'banner'}, note)));
  }
  const running = data.runs.filter((one) => one.status === 'running').length;
  document.title = running > 0 ? `● ${running} running – Millrace` : 'Millrace';
}

function pause() {
  data.paused = !data.paused;
  byId('pause').setAttribute('aria-pressed', String(data.paused));
  text(byId('pause'), data.paused ? 'Resume' : 'Pause');
  showConnection();
  hurry();
}

function isDark() {
  const set = document.documentElement.dataset.theme;
  return set ? set === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

function theme() {
  document.documentElement.dataset.theme = isDark() ? 'light' : 'dark';
  try {
    localStorage.setItem(THEME, document.documentElement.dataset.theme);
  } catch {
    // Kept for this page only.
  }
  forgetTheme();
}

function restoreTheme() {
  try {
    const kept = localStorage.getItem(THEME);
    if (kept === 'dark' || kept === 'light') {
      document.documentElement.dataset.theme = kept;
    }
  } catch {
    // The system's choice, then.
  }
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', forgetTheme);
}

function start() {
  restoreTheme();
  restore();
  makeTabs();
  makeRuns();
  const help = makeHelp();
  byId('pause').addEventListener('click', pause);
  byId('theme').addEventListener('click', theme);
  byId('help').addEventListener('click', help);
  listenToKeys({pause, theme, help});
  setWanted(() => views[state.view].wanted());
  onPlotInSight(hurry);
  onChange((names) => {
    if (['filter', 'sort', 'chosen'].some((name) => names.has(name))) {
      showRuns();
    }
    show();
    hurry();
  });
  onData((what) => {
    if (what === 'runs') {
      chooseAtFirst();
      showRuns();
      showFiles();
    }
    showConnection();
    if (what !== 'connection') {
      show();
    }
  });
  window.addEventListener('hashchange', () => {
    restore();
    showRuns();
    show();
    hurry();
  });
  // Not by the address, which says what is looked at.
  document.querySelector('.skip').addEventListener('click', (event) => {
    event.preventDefault();
    byId('main').focus();
  });
  document.addEventListener('visibilitychange', hurry);
  // Ages grow also when nothing is recorded.
  setInterval(() => data.loaded && !document.hidden && showRuns(), 5000);
  showRuns();
  show();
  run();
}

start();
