// What the machine did during a run: lanes over one axis of time, with the stages of the run behind them.

import {el, arrange, empty} from './dom.js';
import {Plot, domainOf} from './plot.js';
import {chosenRuns, curveOf, data, now} from './data.js';
import {change, state} from './state.js';
import {duration} from './format.js';
import {segments, want} from './charts.js';

const LANE_HEIGHT = 104;
const GPU = /:(\d+)_(utilization|memory|temperature|power)$/;
const TIME_AXES = [
  ['relative', 'Relative'],
  ['time', 'Clock'],
];
const LANES = [
  {key: 'cpu', title: 'Processor', unit: '%', test: (one) => one.scope === 'cpu', fixed: [0, 100]},
  {key: 'ram', title: 'Memory', unit: '%', test: (one) => one.scope === 'ram' && one.unit === 'percent', fixed: [0, 100]},
  {key: 'rammib', title: 'Memory', unit: 'MiB', test: (one) => one.scope === 'ram' && one.unit !== 'percent'},
  {key: 'gpu', title: 'GPU', unit: '%', test: (one) => one.scope === 'gpu' && /_(utilization|memory)$/.test(one.name), fixed: [0, 100]},
  {key: 'temperature', title: 'GPU temperature', unit: '°C', test: (one) => one.scope === 'gpu' && /_temperature$/.test(one.name)},
  {key: 'power', title: 'GPU power', unit: 'W', test: (one) => one.scope === 'gpu' && /_power$/.test(one.name)},
  {key: 'gc', title: 'GC time', unit: '%', test: (one) => one.scope === 'jvm' && one.name === 'gc_time'},
  {key: 'jvm', title: 'Java heap', unit: 'MiB', test: (one) => one.scope === 'jvm'},
  {key: 'disk', title: 'Disk used', unit: '%', test: (one) => one.scope === 'disk' && one.unit === 'percent', fixed: [0, 100]},
  {key: 'diskfree', title: 'Disk free', unit: 'GiB', test: (one) => one.scope === 'disk'},
];
const THROUGHPUT = {key: 'throughput', title: 'Throughput', unit: '/s', test: (one) => /_per_second$/.test(one.name)};
const WAIT = {key: 'wait', title: 'Data wait', unit: 'share', test: (one) => /data_wait/.test(one.name), fixed: [0, 1]};

const plots = new Map();
let shell = null;

function axis() {
  return state.axis === 'time' ? 'time' : 'relative';
}

/** The run that is shown: the one picked here, else the first chosen. */
export function focused() {
  const runs = chosenRuns();
  return runs.find((run) => run.key === state.focus) ?? runs[0] ?? null;
}

function lanes(run) {
  const series = (data.details.get(run.key)?.series ?? []).filter((one) => one.count > 0);
  const resources = series.filter((one) => one.kind === 'resource');
  const taken = new Set();
  const found = LANES.map((lane) => {
    const own = resources.filter((one) => !taken.has(one.id) && lane.test(one));
    own.forEach((one) => taken.add(one.id));
    return {...lane, series: own};
  });
  const byScope = new Map();
  for (const one of resources.filter((other) => !taken.has(other.id))) {
    byScope.set(one.scope, [...(byScope.get(one.scope) ?? []), one]);
  }
  byScope.forEach((own, scope) => found.push({key: `other ${scope}`, title: scope, unit: own[0].unit, series: own}));
  for (const lane of [THROUGHPUT, WAIT]) {
    found.push({...lane, series: series.filter((one) => one.kind === 'step' && lane.test(one))});
  }
  return found.filter((lane) => lane.series.length > 0);
}

export function wantedResources() {
  const run = focused();
  if (!run) {
    return [];
  }
  return lanes(run).filter((lane) => plots.get(lane.key)?.isVisible)
    .flatMap((lane) => lane.series.map((one) => want(one, axis(), plots.get(lane.key).width())));
}

export function showResources(view) {
  const run = focused();
  const found = run ? lanes(run) : [];
  if (found.length === 0) {
    clearResources();
    view.replaceChildren(run
      ? empty('No resources recorded', 'A ResourceMonitor samples processor, memory, disks and GPUs of this machine once a second while a run trains; millrace train starts one by itself.')
      : empty('No run chosen', 'Choose a run in the list to see what the machine did meanwhile.'));
    return;
  }
  shell ??= {stages: el('div', {class: 'stages', role: 'img'}), list: el('div', {class: 'lanes'}), node: el('div', {class: 'resources'})};
  const curves = found.flatMap((lane) => lane.series.map((one) => curveOf(one.id, axis()))).filter(Boolean);
  const domain = domainOf(axis(), curves);
  const stages = stagesOf(run);
  showStages(stages, domain);
  arrange(shell.list, found.map((lane, index) => {
    if (!plots.has(lane.key)) {
      const plot = new Plot('', LANE_HEIGHT, {isLane: true});
      plot.title.append(lane.title, ' ', el('small', null, lane.unit));
      plots.set(lane.key, plot);
    }
    const plot = plots.get(lane.key);
    const several = lane.series.some((one) => GPU.exec(one.name)?.[1] > 0);
    plot.area.style.height = `${index === found.length - 1 ? LANE_HEIGHT + 18 : LANE_HEIGHT}px`;
    plot.set({
      axis: axis(), domain, stages, fixed: lane.fixed ?? null, fromZero: true, showAxis: index === found.length - 1,
      lines: lane.series.map((one, colour) => ({
        colour: `--lane-${colour % 6}`, dash: false, label: shortName(one, several), group: shortName(one, several), scope: '', curve: curveOf(one.id, axis()) ?? {x: [], y: [], bad: []},
      })),
    });
    return plot.node;
  }));
  arrange(shell.node, [shell.stages, shell.list]);
  arrange(view, [shell.node]);
  for (const [key, plot] of plots) {
    if (!found.some((lane) => lane.key === key)) {
      plot.remove();
      plots.delete(key);
    }
  }
}

export function clearResources() {
  plots.forEach((plot) => plot.remove());
  plots.clear();
  shell = null;
}

/** NVIDIA H200:0_utilization is "use" while there is one GPU, "GPU 0 use" where there are several. */
function shortName(series, several) {
  const gpu = GPU.exec(series.name);
  if (gpu) {
    const what = gpu[2] === 'utilization' ? 'use' : gpu[2];
    return several ? `GPU ${gpu[1]} ${what}` : what;
  }
  return series.name.replace(/_(total|tree|used)$/, '').replaceAll('_', ' ');
}

function stagesOf(run) {
  const start = axis() === 'relative' ? run.started : 0;
  const open = run.ended ?? (run.status === 'running' ? now() : run.seen);
  return (data.details.get(run.key)?.stages ?? []).map((stage) => ({
    name: stage.name, failed: stage.status === 'failed', status: stage.status,
    from: stage.started - start, to: (stage.seconds === null ? Math.max(open, stage.started) : stage.started + stage.seconds * 1000) - start,
  }));
}

function showStages(stages, [low, high]) {
  const share = (at) => Math.min(Math.max((at - low) / (high - low), 0), 1) * 100;
  const words = stages.map((stage) => `${stage.name} ${duration(stage.to - stage.from)}${stage.failed ? ' (failed)' : ''}`);
  shell.stages.setAttribute('aria-label', `Stages: ${words.join(', ') || 'none'}`);
  shell.stages.hidden = stages.length === 0;
  shell.stages.replaceChildren(...stages.map((stage, index) => {
    const width = share(stage.to) - share(stage.from);
    const mark = el('span', {class: stage.failed ? 'stage failed' : 'stage', title: words[index]}, stage.name);
    mark.style.left = `${share(stage.from)}%`;
    mark.style.width = `${width}%`;
    mark.style.setProperty('--band', `var(--band-${index % 6})`);
    mark.hidden = width <= 0;
    return mark;
  }));
}

let tools = null;

export function resourceTools() {
  tools ??= {
    axis: segments('Horizontal axis', TIME_AXES, (chosen) => change({axis: chosen, zoom: null})),
    run: el('select', {id: 'focus', 'aria-label': 'Run', onChange: (event) => change({focus: event.target.value})}),
    reset: el('button', {type: 'button', title: 'Show all (0)', onClick: () => change({zoom: null})}, 'Reset zoom'),
  };
  tools.axis.show(axis());
  tools.reset.disabled = !state.zoom;
  const runs = chosenRuns();
  const names = runs.map((run) => `${run.key} ${run.name}`).join('\n');
  if (tools.names !== names) {
    tools.names = names;
    tools.run.replaceChildren(...runs.map((run) => el('option', {value: run.key}, run.name)));
  }
  tools.run.value = focused()?.key ?? '';
  return [tools.run, tools.axis.node, tools.reset];
}
