// Looks keys up, as any client does.

import {
  advise, byId, bytes, count, duration, escape, hexOf, shortened, show, showCommand, textOf, unescape,
} from './text.js';
import { ask, curlOf, isValue, lookupUrl, whenSlow } from './requests.js';
import { adviceOn, cacheStatusInWords, NO_ANSWER, NO_ANSWER_YET } from './advice.js';

const HEX_BYTES = 256;

export const fields = { group: byId('group'), key: byId('key'), escapes: byId('escapes') };

export const typedKey = () => (fields.escapes.checked ? unescape(fields.key.value) : fields.key.value);

/** A field of one line drops line breaks in silence, and with them the key that was meant. */
export function setKey(key) {
  fields.escapes.checked = /\p{Cc}/u.test(key);
  fields.key.value = fields.escapes.checked ? escape(key) : key;
  showCurl();
}

export function showCurl() {
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
  byId('result-words').hidden = !answer;
  if (answer) {
    byId('result-code').textContent = answer.code;
    byId('result-code').className = mood;
    show(byId('result-status'), answer.status ?? 'none');
    byId('result-status').className = mood;
    byId('result-time').textContent = duration(answer.millis);
    byId('result-length').textContent = bytes(answer.length);
    byId('result-cache').textContent = answer.cacheStatus ?? 'none';
    byId('result-words').textContent = cacheStatusInWords(answer.cacheStatus);
    byId('result-words').hidden = !byId('result-words').textContent;
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

export async function lookUp() {
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

/** Asks no more, and shows as little as before the first look-up. */
export function reset() {
  lookupAsked.abort();
  byId('lookup-form').reset();
  byId('result').setAttribute('aria-busy', 'false');
  showResult({ summary: 'Nothing asked yet.' });
  ['code', 'status', 'time', 'length', 'cache', 'words', 'preview'].forEach((part) => byId(`result-${part}`).replaceChildren());
}
