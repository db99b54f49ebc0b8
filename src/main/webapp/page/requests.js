// What this page asks of its node.

const PREVIEW_BYTES = 4096;
const PATIENCE_MILLIS = 4000;
const STORED = `geecache.secret ${new URL('.', document.baseURI).pathname}`;

/**
 * The absolute URL of something below this page's folder, whatever the context path. What a shell would
 * read inside double quotes is percent-encoded, so that the URL can stand in a command as it is.
 */
export function urlOf(relative) {
  const url = new URL(relative, document.baseURI);
  url.username = '';
  url.password = '';
  return url.href.replace(/[!$'()*"`\\]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase());
}

/** Throws an Error to be shown where a URL cannot carry the group or the key. */
export function lookupUrl(group, key) {
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

/** The secret itself stands in no command: others may look on. */
export const curlOf = (url) => (secret() ? `curl -i -H "Authorization: Bearer $SECRET" "${url}"` : `curl -i "${url}"`);

/**
 * Asks, and reads the answer to its end, keeping only its first bytes. Rejects where no answer comes,
 * or with an AbortError.
 */
export async function ask(url, signal, method = 'GET') {
  const start = performance.now();
  const response = await fetch(url, { method, cache: 'no-store', signal, headers: credentials() });
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
export function whenSlow(signal, tell) {
  const timer = setTimeout(tell, PATIENCE_MILLIS);
  const answered = () => clearTimeout(timer);
  signal.addEventListener('abort', answered);
  return answered;
}

export const isValue = (answer) => answer.code === 200 && answer.status === 'ok' && !answer.broken;

/* ---- The secret, until somebody signs out, or the browser forgets this tab ---- */

export const secret = () => sessionStorage.getItem(STORED);

export function keepSecret(text) {
  sessionStorage.setItem(STORED, text);
}

export function forgetSecret() {
  sessionStorage.removeItem(STORED);
}

const credentials = (shown = secret()) => (shown ? { Authorization: `Bearer ${shown}` } : {});

/** An answer that is no `200` of the node: its code, 0 for none, and what it says. */
export class Refused extends Error {
  constructor(code, status, message) {
    super(message);
    Object.assign(this, { code, status });
  }
}

/** Returns what the node tells operators; throws a Refused, or an AbortError. */
export async function tell(question, { signal, shown } = {}) {
  let response;
  try {
    response = await fetch(urlOf(`_cluster/${question}`), { cache: 'no-store', signal, headers: credentials(shown) });
    const text = await response.text();
    if (response.ok && response.headers.get('Geecache-Status') === 'ok') {
      return JSON.parse(text);
    }
    throw new Refused(response.status, response.headers.get('Geecache-Status'), text.trim());
  } catch (failure) {
    if (signal?.aborted || failure instanceof Refused) {
      throw failure;
    }
    throw new Refused(response?.ok ? response.status : 0, null, failure.message);
  }
}

/** Whether the node has a secret, as its page says; null if that is not to be found out. */
export async function hasSecret() {
  try {
    const response = await fetch(urlOf('.'), { method: 'HEAD', cache: 'no-store' });
    const access = response.headers.get('Geecache-Access');
    return access ? access === 'secret' : null;
  } catch {
    return null;
  }
}
