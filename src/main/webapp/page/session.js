// Signs in with the secret of the node, until somebody signs out, or the browser forgets this tab.

import { advise, byId } from './text.js';
import { forgetSecret, hasSecret, keepSecret, secret, tell } from './requests.js';
import { NO_ANSWER } from './advice.js';

const WRONG = ['That is not the secret of this node.', 'It is the value of geecache.secret, the same on all nodes.'];
const CHANGED = ['You were signed out.', 'The node no longer accepts the secret that you signed in with.'];

let began = () => {};
let ended = () => {};

/** Shows who may see what; `begin` and `end` are called when somebody has signed in or out. */
export async function startSession({ begin, end }) {
  began = begin;
  ended = end;
  byId('sign-in-form').addEventListener('submit', (event) => {
    event.preventDefault();
    signIn();
  });
  byId('sign-out').addEventListener('click', () => signOut(null));
  if (secret()) {
    show(true);
    began();
    return;
  }
  const needed = await hasSecret();
  byId('sign-in').hidden = needed === false;
  byId('without-secret').hidden = needed !== false;
}

function show(signedIn) {
  byId('sign-in').hidden = signedIn;
  byId('without-secret').hidden = true;
  byId('sign-out').hidden = !signedIn;
  byId('operator').hidden = !signedIn;
  byId('operations').hidden = !signedIn;
  byId('intro').hidden = signedIn;
  byId('inspector').hidden = true;
}

async function signIn() {
  const field = byId('secret');
  const button = byId('sign-in-submit');
  const shown = field.value;
  note(null);
  button.disabled = true;
  try {
    if (!/^[\x21-\x7e]{16,}$/.test(shown)) {
      note(WRONG);
      return;
    }
    await tell('status', { shown });
    keepSecret(shown);
    field.value = '';
    show(true);
    byId('sign-out').focus();
    began();
  } catch (refused) {
    note(adviceOn(refused));
  } finally {
    button.disabled = false;
  }
}

function adviceOn(refused) {
  if (refused.code === 0) {
    return NO_ANSWER;
  }
  if (refused.status === 'unauthorized') {
    return WRONG;
  }
  return refused.status === null
    ? ['This answer is not geecache’s.', 'The container, a filter or a proxy sent it. Check what stands in front of the node.']
    : ['The node refuses.', refused.message];
}

function note(advice) {
  advise(byId('sign-in-note'), advice);
}

/** Forgets the secret, and all that was told by it. */
export function signOut(why) {
  forgetSecret();
  show(false);
  note(why);
  ended();
  byId('secret').focus(); // At last: a dialog that closes gives the focus back.
}

/** The node has refused the secret that it took before. */
export const expire = () => signOut(CHANGED);
