// What the groups do: a card for each, the keys that are asked for most, and the slowest loads.

import { byId, count, make, millis, percent, rate, shortened, size, span, time } from './text.js';
import { bar, chart } from './chart.js';
import { POINTS } from './history.js';
import { fill } from './morph.js';

const MINUTE = 12;
const MOST_ROWS = 10;

const sum = (values) => values.reduce((all, value) => all + value, 0);
const lately = (values) => values.slice(-MINUTE);

const mean = (values) => (values.length > 0 ? sum(values) / values.length : null);

function median(values) {
  const sorted = values.filter((value) => value > 0).sort((a, b) => a - b);
  return sorted.length > 0 ? sorted[sorted.length >> 1] : null;
}

function longest(values) {
  const most = Math.max(0, ...values);
  return most > 0 ? most : null;
}

export function showGroups(all, history) {
  const answers = all.nodes.filter(({ answer }) => answer).map(({ answer }) => answer);
  const names = [...new Set(answers.flatMap(({ groups }) => groups.map(({ name }) => name)))].sort();
  fill(byId('cards'), ...names.map((name) => cardOf(name, answers, history)));
  byId('no-groups').hidden = names.length > 0;
  fill(byId('group-names'), ...names.map((name) => new Option('', name)));
  const nodes = all.nodes.filter(({ answer }) => answer);
  showHotKeys(nodes);
  showSlowLoads(nodes);
}

function cardOf(name, answers, history) {
  const groups = answers.map((answer) => answer.groups.find((group) => group.name === name)).filter((group) => group);
  const card = make('article', 'card', titleOf(name, groups));
  card.setAttribute('aria-label', `Group ${name}`);
  if (history.kept(name) === 0) {
    card.append(make('p', 'empty', 'No node keeps the last 15 minutes of this group: geecache.dashboard is false there.'), memoryOf(groups));
    return card;
  }
  if (sum(history.counts(name, 'gets')) + sum(history.counts(name, 'loads')) === 0) {
    card.append(make('p', 'empty', 'No gets in the last 15 minutes.'), memoryOf(groups));
    return card;
  }
  card.append(make('div', 'figures', hitRate(name, history), gets(name, history), loads(name, history), memory(name, groups, history)));
  card.append(times(name, history), events(name, history));
  return card;
}

function titleOf(name, groups) {
  const { settings } = groups[0];
  const lives = settings.timeToLiveMillis ? `, values live ${span(settings.timeToLiveMillis)}` : '';
  return make('div', 'card-title', make('h3', '', name), make('p', 'told', `store ${settings.store}${lives}`));
}

function figure(name, value, told, picture) {
  return make('div', 'figure', make('p', 'name', name), make('p', 'value', value), picture, make('p', 'told', told));
}

/** A get that another node answers counts on both: there as a get, and here as a question to a peer too. */
function getsOf(name, history, figures) {
  const asked = history[figures](name, 'fetches');
  return history[figures](name, 'gets').map((all, i) => Math.max(0, all - asked[i]));
}

const withoutSource = (gotten, loaded) => (gotten > 0 ? Math.max(0, 1 - loaded / gotten) : null);

function hitRate(name, history) {
  const [gotten, loaded] = [getsOf(name, history, 'counts'), history.counts(name, 'loads')];
  const late = withoutSource(sum(lately(gotten)), sum(lately(loaded)));
  const whole = withoutSource(sum(gotten), sum(loaded));
  const value = late === null ? '–' : percent(late);
  return figure('Without the source', value, whole === null ? 'no gets' : `${percent(whole)} in 15 min`,
    chart(gotten.map((all, i) => withoutSource(all, loaded[i])), {
      width: POINTS, most: 1, label: `Part of the gets of ${name} that asked no source in the last 15 minutes, ${value} in the last one`,
    }));
}

function gets(name, history) {
  const values = getsOf(name, history, 'rates');
  const value = rate(mean(lately(values)) ?? 0);
  return figure('Gets a second', value, `${count.format(sum(getsOf(name, history, 'counts')))} in 15 min`,
    chart(values, { width: POINTS, label: `Gets of ${name} in a second, ${value} in the last minute` }));
}

function loads(name, history) {
  const values = history.rates(name, 'loads');
  const value = rate(mean(lately(values)) ?? 0);
  return figure('Loads a second', value, `${count.format(sum(history.counts(name, 'loads')))} in 15 min`,
    chart(values, { width: POINTS, label: `Loads of ${name} in a second, ${value} in the last minute` }));
}

function budgetOf(groups) {
  return sum(groups.map(({ settings }) => settings.maxBytes));
}

function memory(name, groups, history) {
  const used = sum(groups.map(({ now }) => now.bytes));
  const budget = budgetOf(groups);
  const entries = sum(groups.map(({ now }) => now.entries));
  const told = `${budget > 0 ? `of ${size(budget)}, ` : ''}${entries === 1 ? '1 entry' : `${count.format(entries)} entries`}`;
  return figure('Memory', size(used), told, chart(history.counts(name, 'bytes'), {
    width: POINTS, most: budget > 0 ? budget : null, label: `Memory of ${name}: ${size(used)}${budget > 0 ? ` of ${size(budget)}` : ''}`,
  }));
}

function memoryOf(groups) {
  const [used, budget] = [sum(groups.map(({ now }) => now.bytes)), budgetOf(groups)];
  const told = `Memory: ${size(used)}${budget > 0 ? ` of ${size(budget)}` : ''}`;
  return make('div', 'told', told, ...(budget > 0 ? [bar(used / budget, told)] : []));
}

/** Of several nodes, the slowest counts. */
function times(name, history) {
  const cell = (value, unit) => make('td', 'number', value === null ? '–' : time(value * unit));
  const row = (label, start, unit) => {
    const head = make('th', '', label);
    head.scope = 'row';
    const [middle, most] = ['Median', '99'].map((end) => lately(history.times(name, `${start}${end}`)));
    return make('tr', '', head, cell(median(middle), unit), cell(longest(most), unit));
  };
  const heads = ['', 'half within', '99 % within'].map((text) => {
    const head = make(text ? 'th' : 'td', text ? 'number' : '', text);
    if (text) {
      head.scope = 'col';
    }
    return head;
  });
  return make('table', 'times', make('thead', '', make('tr', '', ...heads)), make('tbody', '',
    row('Hit', 'hitNanos', 1), row('Wait for a peer', 'fetchMicros', 1000), row('Load', 'loadMicros', 1000)));
}

const EVENTS = [['failed', 'loads failed', 'bad'], ['stale', 'stale served', 'wait'], ['rejected', 'gets refused', 'bad'], ['evictions', 'evicted', '']];

function events(name, history) {
  return make('ul', 'events', ...EVENTS.map(([column, words, mood]) => {
    const number = sum(history.counts(name, column));
    return make('li', number > 0 ? mood : '', make('strong', '', count.format(number)), ` ${words}`);
  }));
}

/* ---- Keys ---- */

function keyButton(group, key) {
  const button = make('button', 'key', shortened(key));
  button.type = 'button';
  button.dataset.group = group;
  button.dataset.key = key;
  button.dataset.inspect = '';
  button.setAttribute('aria-label', `Inspect ${shortened(key)} of ${group}`);
  return button;
}

function showRows(table, rows, empty) {
  fill(byId(table).tBodies[0], ...rows);
  byId(table).hidden = rows.length === 0;
  byId(`${table}-empty`).hidden = rows.length > 0;
  byId(`${table}-empty`).textContent = empty;
}

const OFF = 'No node that answers keeps this: geecache.dashboard is false there.';

const keeps = (nodes) => nodes.some(({ answer }) => answer.groups.length === 0 || answer.groups.some(({ history }) => history));

/** Of a key that several nodes are asked for, the gets add up. */
function showHotKeys(nodes) {
  const hot = new Map();
  nodes.forEach(({ answer }) => answer.groups.forEach((group) => (group.hotKeys ?? []).forEach(({ key, getsPerSecond }) => {
    const id = JSON.stringify([group.name, key]);
    const known = hot.get(id) ?? { group: group.name, key, perSecond: 0, nodes: 0 };
    hot.set(id, { ...known, perSecond: known.perSecond + getsPerSecond, nodes: known.nodes + 1 });
  })));
  const rows = [...hot.values()].sort((a, b) => b.perSecond - a.perSecond).slice(0, MOST_ROWS)
    .map(({ group, key, perSecond, nodes: at }) => make('tr', '',
      make('td', '', make('div', 'key-of', keyButton(group, key), make('span', 'told', group))),
      make('td', 'number', perSecond < 0.01 ? '< 0.01' : rate(perSecond)), make('td', 'number', String(at))));
  showRows('hot', rows, keeps(nodes) ? 'No key was asked for in the last minutes.' : OFF);
}

function showSlowLoads(nodes) {
  const slow = nodes.flatMap(({ answer }) => answer.groups.flatMap((group) => (
    group.slowLoads ?? []).map((load) => ({ ...load, group: group.name, node: answer.self }))));
  const rows = slow.sort((a, b) => b.micros - a.micros).slice(0, MOST_ROWS).map((load) => {
    const more = load.keys > 1 ? ` and ${load.keys - 1} more` : '';
    const key = make('div', 'key-of', keyButton(load.group, load.key), make('span', 'told', `${load.group}${more}`));
    if (load.failed) {
      key.append(make('span', 'badge bad', 'failed'));
    }
    return make('tr', '', make('td', '', key), make('td', 'number', millis(load.micros / 1000)), make('td', 'number', `${span(load.agoMillis)} ago`));
  });
  showRows('slow', rows, keeps(nodes) ? 'Nothing was loaded in the last 15 minutes.' : OFF);
}
