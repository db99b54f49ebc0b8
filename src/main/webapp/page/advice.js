// What an answer means, and what to do about it.

import { bytes } from './text.js';
import { isValue } from './requests.js';

const ADVICE = {
  'bad-request': ['The request breaks a rule.', 'The body says which one. Change the key, and look it up again.'],
  'no-such-group': ['This node has no group of that name.',
    'Check its spelling: names are case-sensitive. The example group is called scores, where it is switched on.'],
  'no-such-key': ['The source says that there is no such key.', 'Check its spelling: keys are case-sensitive.'],
  'load-failed': ['The source could not load this key.',
    'The body is its message. Nothing was stored: the next look-up asks the source again. '
    + 'Where it names an id, the node’s log has the cause under it.'],
  'load-timeout': ['The load ran out of time.',
    'The source is slow: the body says which limit was passed. Nothing was stored; ask again.'],
  overloaded: ['Too many loads are waiting.',
    'What is in memory is still served. Ask again in a moment, or give the group a higher maxLoads.'],
  unauthorized: ['This node wants its secret.',
    'Sign in above. From a terminal, ask with -H "Authorization: Bearer …" in the curl command. '
    + 'To let everybody read, set geecache.public-reads=true.'],
  forbidden: ['This node has no secret.', 'Changes need one: set geecache.secret on all nodes.'],
  'not-reached': ['Some nodes did not confirm.',
    'The change holds on all others. The body names the nodes, which are told once they are met again.'],
  refused: ['A node refused the change.', 'The body says which one, and why.'],
  closed: ['This node is being closed.', 'Ask another node, or ask again when it has been started.'],
  'internal-error': ['The node ran into a fault of its own.',
    'Search the node’s log for the id in the body: the stack trace is there.'],
};

export const NO_ANSWER = ['No answer.',
  'The node is stopped or still starting, or the network between you and it is down. '
  + 'Check that it runs, then ask again.'];

export const NO_ANSWER_YET = ['No answer yet.',
  'The source is slow, or the node cannot be reached. '
  + 'A load that takes too long is ended by the node, which then says so.'];

/** Returns a headline and a sentence, or null where a plain value needs neither. */
export function adviceOn(answer) {
  if (answer.broken) {
    return ['The answer broke off.',
      `Only ${bytes(answer.length)} arrived before the connection was lost. Ask again.`];
  }
  if (answer.status === null) {
    return ['This answer is not geecache’s.',
      (answer.redirectedTo ? `The request was redirected to ${answer.redirectedTo}. ` : '')
      + 'It has no Geecache-Status header, so the container, a filter or a proxy sent it. '
      + 'Check the name of the group, that geecache.enabled is not false, and what stands in front of the node.'];
  }
  return isValue(answer) ? null : ADVICE[answer.status] ?? ['There is no value in this answer.', 'The body says why.'];
}

export const SCORES_ABSENT = ['The example is switched off on this node.',
  'To see it, set geecache.demo to true, as a context parameter in web.xml or as -Dgeecache.demo=true, '
  + 'and start the node again. Groups of your own can be looked up without it.'];

/** Says in words what a Cache-Status (RFC 9211) of geecache says; empty if there is none. */
export function cacheStatusInWords(header) {
  const [cache, ...parts] = (header ?? '').split(';').map((part) => part.trim());
  if (cache !== 'geecache') {
    return '';
  }
  const told = new Map(parts.map((part) => part.split('=')));
  const sentences = [];
  if (told.has('hit')) {
    sentences.push('The value was in this node’s memory.');
  } else if (told.get('fwd') === 'stale') {
    sentences.push(told.get('detail') === 'stale-if-error'
      ? 'This node’s value had expired, and is served all the same, because the source fails.'
      : 'This node’s value had expired: it was loaded again.');
  } else if (told.has('fwd')) {
    sentences.push(told.get('detail') === 'peer'
      ? 'The value was not in this node’s memory: another node gave it.'
      : 'The value was not in this node’s memory: it was loaded from the source.');
  }
  if (told.has('collapsed')) {
    sentences.push('The request waited for a load that another one had begun.');
  }
  if (told.has('stored')) {
    sentences.push('It is in this node’s memory now.');
  }
  if (told.has('ttl')) {
    const ttl = Number(told.get('ttl'));
    sentences.push(ttl < 0 ? `It expired ${-ttl} s ago.` : `It lives for another ${ttl} s.`);
  }
  return sentences.join(' ');
}
