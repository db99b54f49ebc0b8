// The start page. All that it shows was fetched from this node, and is put in as text, never as markup.

const PREVIEW_BYTES = 4096;
const HEX_BYTES = 256;
const PATIENCE_MILLIS = 4000;
const SCORES = ['Tom', 'Jack', 'Sam'];

const byId = (id) => document.getElementById(id);

/* ---- Requests ---- */

/**
 * The absolute URL of something below this page's folder, whatever the context path. What a shell would
 * read inside double quotes is percent-encoded, so that the URL can stand in a command as it is.
 */
function urlOf(relative) {
  const url = new URL(relative, document.baseURI);
  url.username = '';
  url.password = '';
  return url.href.replace(/[!$'()*"`\\]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase());
}

/** Throws an Error to be shown where a URL cannot carry the group or the key. */
function lookupUrl(group, key) {
  if (group === '.' || group === '..') {
    throw new Error(`A URL cannot name a group “${group}”: it would mean a folder.`);
  }
  if (!isWellFormed(group)) {
    throw new Error('The group is not valid Unicode: it has an unpaired surrogate.');
  }
  if (!isWellFormed(key)) {
    throw new Error('The key is not valid Unicode: it has an unpaired surrogate.');
  }
  return urlOf(`_geecache/${encodeURIComponent(group)}?key=${encodeURIComponent(key)}`);
}

function isWellFormed(text) {
  try {
    encodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

const curlOf = (url) => `curl -i "${url}"`;

/**
 * Asks, and reads the answer to its end, keeping only its first bytes. Rejects where no answer comes,
 * or with an AbortError.
 */
async function ask(url, signal) {
  const start = performance.now();
  const response = await fetch(url, { cache: 'no-store', signal });
  const answer = {
    code: response.status,
    status: response.headers.get('Geecache-Status'),
    cacheStatus: response.headers.get('Cache-Status'),
    redirectedTo: response.redirected ? response.url : null,
    length: 0,
    head: new Uint8Array(PREVIEW_BYTES),
    broken: false,
    millis: 0,
  };
  const reader = response.body?.getReader();
  try {
    for (let part = await reader?.read(); part && !part.done; part = await reader.read()) {
      if (answer.length < PREVIEW_BYTES) {
        answer.head.set(part.value.subarray(0, PREVIEW_BYTES - answer.length), answer.length);
      }
      answer.length += part.value.length;
    }
  } catch (failure) {
    if (signal.aborted) {
      throw failure;
    }
    answer.broken = true;
  }
  answer.head = answer.head.subarray(0, Math.min(answer.length, PREVIEW_BYTES));
  answer.millis = performance.now() - start;
  return answer;
}

/** Calls `tell` unless, within some seconds, what it returns is called or the signal is aborted. */
function whenSlow(signal, tell) {
  const timer = setTimeout(tell, PATIENCE_MILLIS);
  const answered = () => clearTimeout(timer);
  signal.addEventListener('abort', answered);
  return answered;
}

const isValue = (answer) => answer.code === 200 && answer.status === 'ok' && !answer.broken;

/* ---- What an answer means, and what to do about it ---- */

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
    'This page has none to show. Ask from a terminal, with -H "Authorization: Bearer …" in the curl command, '
    + 'or let everybody read: geecache.public-reads=true.'],
  closed: ['This node is being closed.', 'Ask another node, or ask again when it has been started.'],
  'internal-error': ['The node ran into a fault of its own.',
    'Search the node’s log for the id in the body: the stack trace is there.'],
};

const NO_ANSWER = ['No answer.',
  'The node is stopped or still starting, or the network between you and it is down. '
  + 'Check that it runs, then ask again.'];

const NO_ANSWER_YET = ['No answer yet.',
  'The source is slow, or the node cannot be reached. '
  + 'A load that takes too long is ended by the node, which then says so.'];

/** Returns a headline and a sentence, or null where a plain value needs neither. */
function adviceOn(answer) {
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

const SCORES_ABSENT = ['The example is switched off on this node.',
  'To see it, set geecache.demo to true, as a context parameter in web.xml or as -Dgeecache.demo=true, '
  + 'and start the node again. Groups of your own can be looked up without it.'];

/* ---- Text ---- */

const count = new Intl.NumberFormat('en');

const bytes = (length) => (length === 1 ? '1 byte' : `${count.format(length)} bytes`);

const duration = (millis) => (millis < 100 ? `${millis.toFixed(1)} ms` : `${count.format(Math.round(millis))} ms`);

/** Controls, line separators, and what nobody sees: the node escapes the same ones in its messages and its log. */
const UNSEEN = /[\p{Cc}\u2028\u2029\p{DI}\ufff9-\ufffb]/u;
const SHORT_ESCAPES = { r: '\r', n: '\n', t: '\t', '\\': '\\' };

function escapeOf(c) {
  const short = Object.keys(SHORT_ESCAPES).find((letter) => SHORT_ESCAPES[letter] === c);
  return short ? '\\' + short
    : c.split('').map((unit) => '\\u' + unit.charCodeAt(0).toString(16).padStart(4, '0')).join('');
}

const escape = (text) => text.replace(/[\\\p{Cc}]/gu, escapeOf);

const unescape = (text) => text.replace(/\\(?:u([0-9a-fA-F]{4})|([rnt\\]))/g,
  (_, hex, letter) => (hex ? String.fromCharCode(parseInt(hex, 16)) : SHORT_ESCAPES[letter]));

/** Puts text into an element; characters that cannot be seen are shown as marked escapes. */
function show(element, text, { lines = false } = {}) {
  element.replaceChildren(...text.split(new RegExp(`(${UNSEEN.source})`, 'u')).map((piece, i) => {
    if (i % 2 === 0 || (lines && (piece === '\n' || piece === '\t'))) {
      return piece;
    }
    const mark = document.createElement('span');
    mark.className = 'escape';
    mark.textContent = escapeOf(piece);
    return mark;
  }));
}

/** Returns the bytes as text, or null if they are none. */
function textOf(answer) {
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const text = decoder.decode(answer.head, { stream: answer.length > answer.head.length });
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}

function hexOf(head) {
  const rows = [];
  for (let at = 0; at < head.length; at += 16) {
    const row = Array.from(head.subarray(at, at + 16));
    const hex = row.map((octet) => octet.toString(16).padStart(2, '0')).join(' ').padEnd(47);
    const text = row.map((octet) => (octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : '.')).join('');
    rows.push(`${at.toString(16).padStart(4, '0')}  ${hex}  ${text}`);
  }
  return rows.join('\n');
}

/** Shows a command, which may break after a slash or the question mark of its URL. */
function showCommand(element, command) {
  const pieces = command.split(/(?<=[^:/]\/|\?)/);
  element.replaceChildren(...pieces.flatMap((piece) => [piece, document.createElement('wbr')]));
}

const shortened = (text) => (text.length <= 80 ? text : `${Array.from(text).slice(0, 60).join('')}…`);

/** Fills in and shows a note, or hides it where there is no advice. */
function advise(note, advice) {
  note.hidden = !advice;
  note.replaceChildren();
  if (advice) {
    const headline = document.createElement('strong');
    const sentence = document.createElement('p');
    show(headline, advice[0]);
    show(sentence, advice[1]);
    note.append(headline, sentence);
  }
}

/* ---- The scores ---- */

const scoreRows = SCORES.map((key) => {
  const row = byId('scores-table').tBodies[0].insertRow();
  const head = document.createElement('th');
  const button = document.createElement('button');
  head.scope = 'row';
  button.type = 'button';
  button.className = 'key';
  button.textContent = key;
  button.setAttribute('aria-label', `Look up ${key}`);
  button.dataset.group = 'scores';
  button.dataset.key = key;
  head.append(button);
  row.append(head);
  const [score, badge, time] = [row.insertCell(), document.createElement('span'), document.createElement('td')];
  score.className = 'number score';
  row.insertCell().append(badge);
  time.className = 'number';
  row.append(time);
  return { key, score, badge, time };
});

function showScore(row, { score = '–', label, mood = '', time = '' }) {
  show(row.score, score);
  show(row.badge, label);
  row.badge.className = `badge ${mood}`;
  row.time.textContent = time;
}

let scoresAsked = new AbortController();

async function askForScores() {
  scoresAsked.abort();
  const { signal } = scoresAsked = new AbortController();
  scoreRows.forEach((row) => showScore(row, { label: 'asking' }));
  const answered = whenSlow(signal, () => {
    byId('scores-note').classList.remove('bad');
    advise(byId('scores-note'), NO_ANSWER_YET);
  });
  const outcomes = await Promise.all(scoreRows.map(async (row) => {
    try {
      const answer = await ask(urlOf(`_geecache/scores/${row.key}`), signal);
      showScore(row, {
        score: isValue(answer) ? textOf(answer)?.slice(0, 40) ?? bytes(answer.length) : '–',
        label: `${answer.code} ${answer.status ?? ''}`.trim(),
        mood: isValue(answer) ? 'good' : 'bad',
        time: duration(answer.millis),
      });
      return answer;
    } catch {
      if (!signal.aborted) {
        showScore(row, { label: 'no answer', mood: 'bad' });
      }
      return null;
    }
  }));
  answered();
  if (signal.aborted) {
    return;
  }
  const absent = outcomes.every((answer) => answer?.status === 'no-such-group');
  const failed = outcomes.find((answer) => !answer || !isValue(answer));
  byId('scores-table').hidden = absent;
  byId('next').hidden = absent;
  byId('scores-note').classList.toggle('bad', !absent);
  advise(byId('scores-note'),
    absent ? SCORES_ABSENT : failed === undefined ? null : failed ? adviceOn(failed) : NO_ANSWER);
}

/* ---- The look-up ---- */

const fields = { group: byId('group'), key: byId('key'), escapes: byId('escapes') };

const typedKey = () => (fields.escapes.checked ? unescape(fields.key.value) : fields.key.value);

/** A field of one line drops line breaks in silence, and with them the key that was meant. */
function setKey(key) {
  fields.escapes.checked = /\p{Cc}/u.test(key);
  fields.key.value = fields.escapes.checked ? escape(key) : key;
  showCurl();
}

function showCurl() {
  try {
    showCommand(byId('curl'), curlOf(lookupUrl(fields.group.value, typedKey())));
  } catch (impossible) {
    byId('curl').textContent = impossible.message;
  }
}

function showResult({ summary, mood = '', answer = null, advice = null }) {
  show(byId('result-summary'), summary);
  advise(byId('result-note'), advice);
  byId('result-note').classList.toggle('bad', mood === 'bad');
  byId('result-answer').hidden = !answer;
  byId('result-body').hidden = !answer;
  if (answer) {
    byId('result-code').textContent = answer.code;
    byId('result-code').className = mood;
    show(byId('result-status'), answer.status ?? 'none');
    byId('result-status').className = mood;
    byId('result-time').textContent = duration(answer.millis);
    byId('result-length').textContent = bytes(answer.length);
    byId('result-cache').textContent = answer.cacheStatus ?? 'none';
    showBody(answer);
  }
}

function showBody(answer) {
  const [title, preview] = [byId('result-preview-title'), byId('result-preview')];
  const text = textOf(answer);
  const head = text === null ? answer.head.subarray(0, HEX_BYTES) : answer.head;
  const part = head.length < answer.length ? `the first ${count.format(head.length)} of ${bytes(answer.length)}` : null;
  preview.className = text === null ? 'bytes' : '';
  if (answer.length === 0) {
    title.textContent = 'Body, empty';
  } else if (text === null) {
    title.textContent = `Body, not text: ${part ?? 'its bytes'} in hexadecimal`;
  } else {
    title.textContent = part ? `Body, ${part}` : 'Body';
  }
  preview.hidden = answer.length === 0;
  byId('result-more').hidden = !part || !isValue(answer);
  show(preview, text ?? hexOf(head), { lines: true });
}

let lookupAsked = new AbortController();

async function lookUp() {
  lookupAsked.abort();
  const { signal } = lookupAsked = new AbortController();
  const [group, key] = [fields.group.value, typedKey()];
  const what = `Key “${shortened(key)}” of group “${shortened(group)}”`;
  const region = byId('result');
  let url;
  try {
    url = lookupUrl(group, key);
  } catch (impossible) {
    region.setAttribute('aria-busy', 'false');
    const advice = [impossible.message, 'Change it, and look it up again.'];
    showResult({ summary: 'Not asked.', mood: 'bad', advice });
    return;
  }
  region.setAttribute('aria-busy', 'true');
  showResult({ summary: `${what}: asking …` });
  const answered = whenSlow(signal,
    () => showResult({ summary: `${what}: no answer yet.`, advice: NO_ANSWER_YET }));
  try {
    const answer = await ask(url, signal);
    showResult({
      summary: `${what}: ${answer.code} ${answer.status ?? 'without Geecache-Status'}.`,
      mood: isValue(answer) ? 'good' : 'bad',
      answer,
      advice: adviceOn(answer),
    });
  } catch {
    if (!signal.aborted) {
      showResult({ summary: `${what}: no answer.`, mood: 'bad', advice: NO_ANSWER });
    }
  }
  answered();
  if (!signal.aborted) {
    region.setAttribute('aria-busy', 'false');
    region.scrollIntoView({ block: 'nearest' });
  }
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

byId('lookup-form').addEventListener('submit', (event) => {
  event.preventDefault();
  lookUp();
});
byId('lookup-form').addEventListener('input', showCurl);
byId('scores-again').addEventListener('click', askForScores);

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
  } else if (button?.dataset.key) {
    fields.group.value = button.dataset.group;
    setKey(button.dataset.key);
    lookUp();
  }
});

showCommand(byId('curl-tom'), curlOf(urlOf('_geecache/scores/Tom')));
showCurl(); // A browser may have kept what was typed before a reload.
askForScores();
