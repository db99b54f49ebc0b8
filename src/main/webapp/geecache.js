// The operator's page. All that it shows was fetched from this node, and is put in as text, never as markup.

import { byId, showCommand, unescape } from './page/text.js';
import { curlOf, secret, tell, urlOf } from './page/requests.js';
import { NO_ANSWER } from './page/advice.js';
import { askForScores } from './page/scores.js';
import { fields, lookUp, reset as resetLookup, setKey, showCurl, typedKey } from './page/lookup.js';
import { showCluster, showSilence } from './page/cluster.js';
import { showGroups } from './page/groups.js';
import { History } from './page/history.js';
import { inspect, offerRemoval, reset as resetInspector } from './page/inspector.js';
import { expire, startSession } from './page/session.js';

/* ---- What the nodes tell, again and again ---- */

const PAUSE_MILLIS = 2500;
const LIMIT_MILLIS = 20_000;

let history = new History();
let watching = new AbortController();
let toldAt = null;

async function watch() {
  watching.abort();
  const { signal } = watching = new AbortController();
  while (!signal.aborted) {
    if (!document.hidden) {
      await refresh(signal);
    }
    await pause(signal);
  }
}

async function refresh(signal) {
  let all;
  try {
    all = await tell(`status?all=true&history=${history.points()}`,
      { signal: AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MILLIS)]) });
  } catch (refused) {
    if (!signal.aborted) {
      showRefusal(refused);
    }
    return;
  }
  if (!signal.aborted) {
    draw(all);
  }
}

/** A fault of this page is told as one, and not as silence of the node. */
function draw(all) {
  try {
    history.add(all.nodes);
    showCluster(all);
    showGroups(all, history);
    toldAt = Date.now();
    showSilence(null);
  } catch (fault) {
    console.error(fault);
    showSilence(['This page cannot show what the nodes told.',
      `Load it anew: it may be of another version than the node. The fault is: ${fault.message}.`], toldAt);
  }
  byId('operator').removeAttribute('aria-busy');
}

function showRefusal(refused) {
  if (refused.status === 'unauthorized') {
    expire();
  } else if (refused.status === 'forbidden') {
    showSilence(['This node has no secret any more.', refused.message], toldAt);
  } else if (refused.status === 'overloaded') {
    showSilence(['The node is asked by many.', 'It tells two at a time of all nodes. This page asks again.'], toldAt);
  } else {
    showSilence(refused.code > 0 ? ['This answer is not the node’s.', `${refused.code} ${refused.message}`.slice(0, 200)]
      : ['No answer from this node.', NO_ANSWER[1].replace(', then ask again.', '. This page asks again by itself.')], toldAt);
  }
}

async function pause(signal) {
  const over = new AbortController();
  const unlessOver = { signal: over.signal };
  let timer;
  await new Promise((go) => {
    timer = setTimeout(go, PAUSE_MILLIS);
    signal.addEventListener('abort', go, unlessOver);
    document.addEventListener('visibilitychange', () => !document.hidden && go(), unlessOver);
  });
  clearTimeout(timer);
  over.abort();
}

function showCommands() {
  showCommand(byId('curl-tom'), curlOf(urlOf('_geecache/scores/Tom')));
  showCurl();
}

function begin() {
  history = new History();
  toldAt = null;
  byId('operator').setAttribute('aria-busy', 'true');
  showCommands();
  askForScores();
  watch();
}

/** Nothing that the secret has opened stays on the page, nor comes to it later. */
function end() {
  watching.abort();
  history = new History();
  toldAt = null;
  ['ring', 'nodes', 'troubles', 'cards', 'group-names'].forEach((id) => byId(id).replaceChildren());
  ['hot', 'slow'].forEach((id) => byId(id).tBodies[0].replaceChildren());
  byId('cluster-state').textContent = 'asking';
  byId('cluster-state').className = 'badge';
  showSilence(null);
  resetLookup();
  resetInspector();
  showCommands();
  askForScores();
}

/* ---- Events ---- */

async function copy(button) {
  const source = byId(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = 'Copied';
    byId('announce').textContent = 'Copied.';
    setTimeout(() => {
      button.textContent = 'Copy';
      byId('announce').textContent = '';
    }, 2000);
  } catch { // Over plain HTTP, browsers give the clipboard to localhost only.
    getSelection().selectAllChildren(source);
    byId('announce').textContent = 'Selected. Copy it with your keyboard.';
  }
}

const inspectTyped = () => inspect(fields.group.value, typedKey());

async function lookUpTyped() {
  byId('removed').hidden = true;
  await lookUp();
  if (secret()) {
    await inspectTyped();
  }
}

byId('lookup-form').addEventListener('submit', (event) => {
  event.preventDefault();
  lookUpTyped();
});
byId('lookup-form').addEventListener('input', showCurl);
byId('scores-again').addEventListener('click', askForScores);
byId('inspect').addEventListener('click', () => {
  byId('removed').hidden = true;
  inspectTyped();
});
byId('remove').addEventListener('click', () => offerRemoval(fields.group.value, typedKey(), inspectTyped));

fields.key.addEventListener('paste', (event) => {
  const pasted = event.clipboardData.getData('text/plain');
  if (/\p{Cc}/u.test(pasted)) {
    event.preventDefault();
    const { value, selectionStart, selectionEnd } = fields.key;
    const meaning = fields.escapes.checked ? unescape : (text) => text;
    setKey(meaning(value.slice(0, selectionStart)) + pasted + meaning(value.slice(selectionEnd)));
  }
});

document.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (button?.dataset.copy) {
    copy(button);
  } else if (button?.dataset.key !== undefined) {
    fields.group.value = button.dataset.group;
    setKey(button.dataset.key);
    if (button.dataset.inspect === undefined) {
      lookUpTyped();
    } else {
      byId('removed').hidden = true;
      inspectTyped().then(() => byId('lookup').scrollIntoView({ block: 'start' }));
    }
  }
});

showCommands(); // A browser may have kept what was typed before a reload.
startSession({ begin, end }).then(() => secret() || askForScores());
