// The nodes: who is there, how they are, and what share of the keys they own.

import { advise, byId, make, millis, percent, pill, span } from './text.js';
import { ring } from './chart.js';
import { toldTooMuch } from './history.js';
import { fill } from './morph.js';

const COLOURS = 8;

/** Puts together what all nodes tell of one: its name, state and share. */
export function nodesOf(all) {
  const own = all.nodes.find(({ answer }) => answer)?.answer;
  if (!own) {
    return [];
  }
  const { owners, sharesPerMillion } = own.view;
  const told = new Map(all.nodes.map((each) => [each.node, each]));
  const names = own.view.nodes.length > 0 ? own.view.nodes : [own.self ?? 'this node'];
  return names.map((name, i) => {
    const { answer, failure } = told.get(name) ?? (names.length === 1 ? { answer: own } : {});
    const peer = own.peers.find(({ url }) => url === name);
    const owner = owners.indexOf(name);
    const share = owners.length === 0 ? 1 : owner < 0 ? 0 : sharesPerMillion[owner] / 1e6;
    return {
      name, answer, failure, peer, share, isOwn: answer === own, colour: `n${i % COLOURS}`, ...stateOf(answer, failure, peer),
    };
  });
}

function stateOf(answer, failure, peer) {
  if (peer?.kind === 'go') {
    return peer.contact ? { state: 'Go node', mood: '', why: 'Go nodes tell nothing of themselves.' }
      : { state: 'no contact', mood: 'bad', why: 'The Go node does not answer.' };
  }
  if (toldTooMuch(failure)) {
    return { state: 'up, not shown', mood: 'wait', why: `The node has answered, with more than is read: ${failure}. The page asks it for less.` };
  }
  if (!answer) {
    return { state: 'unreachable', mood: 'bad', why: failure ?? 'It has not answered.' };
  }
  if (answer.leaving) {
    return { state: 'leaving', mood: 'wait', why: answer.leaving };
  }
  if (answer.notReady || answer.missingGroups.length > 0) {
    return {
      state: 'not ready',
      mood: 'wait',
      why: [answer.notReady, ...answer.missingGroups.map((group) => `it has no group ${group}`)].filter((why) => why).join(', '),
    };
  }
  return { state: 'up', mood: 'good', why: null };
}

export function showCluster(all) {
  const nodes = nodesOf(all);
  const down = nodes.filter(({ mood }) => mood === 'bad').length;
  const parts = nodes.map(({ share, colour, mood }) => ({ share, className: mood === 'bad' ? `${colour} down` : colour }));
  const count = nodes.length === 1 ? '1 node' : `${nodes.length} nodes`;
  const health = down === 0 ? 'all up' : `${down} down`;
  const label = `The ring: ${nodes.map(({ name, share, state }) => `${name} owns ${percent(share)} of the keys and is ${state}`).join('; ')}.`;
  fill(byId('ring'), ring(parts, [count, health], label));
  fill(byId('nodes'), ...nodes.map(nodeOf));
  showTroubles(all, nodes);
  const state = byId('cluster-state');
  const troubles = byId('troubles').children.length;
  state.className = `badge ${down > 0 ? 'bad' : troubles > 0 ? 'wait' : 'good'}`;
  state.textContent = down > 0 ? `${down} of ${count} unreachable` : troubles > 0 ? 'troubles' : nodes.length === 1 ? 'up' : 'all nodes up';
}

function nodeOf({ name, answer, peer, share, isOwn, colour, state, mood, why }) {
  const title = make('p', 'node-name', make('span', `dot ${colour}`), make('code', '', name));
  if (isOwn) {
    title.append(make('span', 'own', 'this node'));
  }
  const told = [`${percent(share)} of the keys`];
  if (answer) {
    told.push(`up ${span(answer.uptimeMillis)}`);
    if (answer.peers.length > 0) {
      told.push(`contact with ${answer.peers.filter(({ contact }) => contact).length} of ${answer.peers.length}`);
    }
  }
  if (peer?.roundTripMicros) {
    told.push(`round trip ${millis(peer.roundTripMicros / 1000)}`);
  }
  if (peer?.changesPending > 0) {
    told.push(`${peer.changesPending} changes not acknowledged`);
  }
  const item = make('li', mood === 'bad' ? 'node down' : 'node', title, pill(state, mood), make('p', 'told', told.join(' · ')));
  if (why) {
    item.append(make('p', 'why', why));
  }
  return item;
}

const TROUBLES = {
  'no-contact': (self, node) => `${self} cannot meet ${node}: it does not ask that node, and loads its keys itself.`,
  alone: (self) => `${self} can meet no other node: look at its network, and at its secret.`,
  'other-list': (self, node) => `${self} and ${node} have different lists of nodes.`,
  'other-groups': (self, node) => `${self} and ${node} have different groups.`,
  'other-ring': (self, node) => `${self} and ${node} have the same list of nodes, and divide the keys differently.`,
  stranger: (self, node) => `${node} meets ${self}, and is not in its list of nodes.`,
};

function showTroubles(all, nodes) {
  const items = all.viewsDiffer ? [make('li', '', 'The nodes divide the keys differently: their lists of nodes differ.')] : [];
  nodes.filter(({ answer }) => answer).forEach(({ name, answer }) => answer.troubles.forEach((trouble) => {
    const words = TROUBLES[trouble.kind] ?? ((self, node) => `${self}: ${trouble.kind}, ${node}.`);
    items.push(make('li', '', `${words(name, trouble.node ?? 'another node')} Since ${span(trouble.forMillis)}.`));
  }));
  fill(byId('troubles'), ...items);
  byId('troubles').hidden = items.length === 0;
}

let silence = '';

/**
 * Says that the node does not answer, over what it told last; null that it does. What is read aloud stays as it is
 * while it is the same, and the age of what stands here is no part of it.
 */
export function showSilence(advice, since = null) {
  const words = advice?.join(' ') ?? '';
  byId('silence').hidden = !advice;
  if (words !== silence) {
    silence = words;
    advise(byId('silence-words'), advice);
  }
  byId('silence-age').textContent = advice && since ? `What stands here is of ${span(Date.now() - since)} ago.` : '';
  byId('operator').classList.toggle('old', Boolean(advice));
}
