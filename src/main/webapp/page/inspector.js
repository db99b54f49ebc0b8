// What all nodes have of one key; it loads nothing. Removes the key, if told so.

import { byId, facts, make, millis, pill, shortened, show, size, span, time } from './text.js';
import { ask, lookupUrl, secret, tell } from './requests.js';
import { adviceOn } from './advice.js';
import { fill } from './morph.js';

const ROLES = {
  owned: ['owned', 'good', 'It keeps the value.'],
  copy: ['copy', '', 'A copy of a popular value that another node keeps.'],
  demoted: ['demoted', 'wait', 'It owned the key until the nodes changed, or loaded it since the owner did not answer.'],
};

let asked = new AbortController();
let removing = new AbortController();

/** Asks all nodes for what they have of a key. */
export async function inspect(group, key) {
  asked.abort();
  if (!secret()) {
    return;
  }
  const { signal } = asked = new AbortController();
  const region = byId('inspector');
  region.hidden = false;
  region.setAttribute('aria-busy', 'true');
  let summary;
  let items = [];
  try {
    const all = await tell(`explain?group=${encodeURIComponent(group)}&key=${encodeURIComponent(key)}`, { signal });
    summary = summaryOf(all);
    items = all.nodes.map((each) => nodeOf(each, all));
  } catch (refused) {
    if (signal.aborted) {
      return;
    }
    summary = refused.code === 0 ? 'No answer: the node is stopped, or cannot be reached.'
      : refused.message || `The node refuses: ${refused.code} ${refused.status ?? ''}`;
  }
  show(byId('inspector-key'), `${shortened(group)} / ${shortened(key)}`);
  show(byId('inspector-summary'), summary);
  fill(byId('holders'), ...items);
  region.setAttribute('aria-busy', 'false');
}

function summaryOf(all) {
  const told = all.nodes.filter(({ answer }) => answer).map(({ answer }) => answer);
  const owners = [...new Set(told.map(({ owner }) => owner).filter((owner) => owner))];
  const holding = told.filter(({ held }) => held).length;
  const silent = all.nodes.length - told.length;
  const owner = owners.length > 1 ? `The nodes do not agree on the owner: ${owners.join(', ')}.`
    : owners.length === 1 ? `${owners[0]} owns the key.` : 'The only node owns the key.';
  const held = holding === 0 ? 'No node that answers holds a value.'
    : `${holding} of ${all.nodes.length} ${all.nodes.length === 1 ? 'node' : 'nodes'} ${holding === 1 ? 'holds' : 'hold'} it.`;
  return `${owner} ${held}${silent > 0 ? ` ${silent} ${silent === 1 ? 'does' : 'do'} not answer: nobody knows what is there.` : ''}`;
}

function nodeOf({ node, answer, failure }, all) {
  const item = make('li', 'holder');
  const title = make('p', 'node-name', make('code', '', node ?? 'this node'));
  item.append(title);
  if (!answer) {
    title.append(pill('unreachable', 'bad'));
    item.append(make('p', 'why', failure ?? 'It has not answered.'));
    return item;
  }
  if (answer.owns) {
    title.append(pill('owner'));
  }
  if (answer.held) {
    item.append(...heldOf(answer.held, title));
  } else {
    title.append(pill('nothing'));
    item.append(make('p', 'told', answer.owns ? 'Not in memory: the next get asks the source.' : 'Not in memory: the next get asks the owner.'));
  }
  item.append(...underWay(answer), ...removalsOf(answer, all));
  return item;
}

function heldOf(held, title) {
  const [label, mood, words] = ROLES[held.as] ?? [held.as, '', ''];
  title.append(pill(label, mood));
  if (held.state !== 'fresh') {
    title.append(pill(held.state, 'wait'));
  }
  const left = held.lifeLeftMillis;
  const parts = [make('p', 'told', words)];
  if (held.absent !== undefined) {
    parts.push(make('p', 'why', `The source has no such key: ${held.absent}`));
  }
  parts.push(facts(
    ['Value', held.valueBytes === undefined ? null : size(held.valueBytes)],
    ['In the heap', size(held.heapBytes)],
    ['Age', held.ageMillis === undefined ? null : span(held.ageMillis)],
    ['Lives for', left === undefined ? 'no end' : left < 0 ? `ended ${span(left)} ago` : `another ${span(left)}`],
    ['Served here for', left === undefined && held.servedForMillis !== undefined ? span(held.servedForMillis) : null],
    ['If the source fails', held.staleForMillis === undefined ? null : `another ${span(held.staleForMillis)}`],
    ['A load takes', held.loadCostMicros === undefined ? null : time(held.loadCostMicros * 1000)],
    ['Asked for lately', held.frequency === undefined ? null : held.frequency >= 15 ? '15 times or more' : `${held.frequency} times`],
    ['Set at', held.set?.at],
    ['Stamp', held.set?.stamp],
    ['ETag', held.etag],
  ));
  return parts;
}

const LOADS = {
  'asking-former-owner': 'asks the former owner',
  queued: 'waits for a place',
  starting: 'is about to begin',
  running: 'runs',
};

function underWay({ loads, questions }) {
  const waiting = (each) => `, ${each.callersWaiting} ${each.callersWaiting === 1 ? 'caller waits' : 'callers wait'}${each.voided ? '; a removal has voided it' : ''}`;
  const since = (each) => (each.forMillis === undefined ? '' : ` for ${millis(each.forMillis)}`);
  return [
    ...loads.map((load) => make('p', 'why', `A load ${LOADS[load.state] ?? load.state}${since(load)}${load.waitingBefore > 0 ? ` behind ${load.waitingBefore}` : ''}${waiting(load)}.`)),
    ...questions.map((question) => make('p', 'why', `It asks ${question.peer ?? 'a peer'}${since(question)}${waiting(question)}.`)),
  ];
}

const OF = { key: 'The key was removed', set: 'The key was set', group: 'The group was cleared' };

function removalsOf({ removals }) {
  if (removals.length === 0) {
    return [];
  }
  const [last] = removals;
  const pending = removals.flatMap(({ notAcknowledgedBy }) => notAcknowledgedBy ?? []);
  const more = removals.length > 1 ? `, and ${removals.length - 1} more before` : '';
  const lines = [make('p', 'told', `${OF[last.of] ?? last.of}${last.at ? ` at ${last.at}` : ''}${more}.`)];
  if (pending.length > 0) {
    lines.push(make('p', 'why', `Not acknowledged by ${[...new Set(pending)].join(', ')}.`));
  }
  return lines;
}

/* ---- Remove ---- */

/** Asks whether to remove a key, and does; `done` is called after it. */
export function offerRemoval(group, key, done) {
  const dialog = byId('removal');
  show(byId('removal-question'), `Remove key “${shortened(key)}” of group “${shortened(group)}” on all nodes?`);
  dialog.returnValue = '';
  dialog.onclose = async () => {
    if (dialog.returnValue === 'remove') {
      await remove(group, key);
      done();
    }
  };
  dialog.showModal();
}

async function remove(group, key) {
  const { signal } = removing;
  const told = byId('removed');
  told.hidden = false;
  told.className = 'note';
  show(told, 'Removing …');
  try {
    const answer = await ask(lookupUrl(group, key), AbortSignal.any([signal, AbortSignal.timeout(30_000)]), 'DELETE');
    if (answer.code === 204) {
      show(told, `“${shortened(key)}” was removed on all nodes.`);
    } else {
      const [headline, sentence] = adviceOn(answer);
      show(told, `${headline} ${sentence} ${new TextDecoder().decode(answer.head)}`);
      told.className = 'note bad';
    }
  } catch {
    if (signal.aborted) {
      return;
    }
    show(told, 'No answer: whether the key was removed is not known. Inspect it.');
    told.className = 'note bad';
  }
}

/** Asks no more, and shows nothing. Whether a removal that is under way takes place is not known. */
export function reset() {
  asked.abort();
  removing.abort();
  removing = new AbortController();
  byId('removal').close('');
  byId('inspector').setAttribute('aria-busy', 'false');
  ['inspector-key', 'inspector-summary', 'holders', 'removed', 'removal-question'].forEach((id) => byId(id).replaceChildren());
  byId('removed').hidden = true;
}
