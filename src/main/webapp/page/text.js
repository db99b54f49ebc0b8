// Numbers, times and what others wrote, as text: never as markup.

export const count = new Intl.NumberFormat('en');

export const bytes = (length) => (length === 1 ? '1 byte' : `${count.format(length)} bytes`);

export const duration = (millis) => (millis < 100 ? `${millis.toFixed(1)} ms` : `${count.format(Math.round(millis))} ms`);

/** Controls, line separators, and what nobody sees: the node escapes the same ones in its messages and its log. */
const UNSEEN = /[\p{Cc}\u2028\u2029\p{DI}\ufff9-\ufffb]/u;
const SHORT_ESCAPES = { r: '\r', n: '\n', t: '\t', '\\': '\\' };

function escapeOf(c) {
  const short = Object.keys(SHORT_ESCAPES).find((letter) => SHORT_ESCAPES[letter] === c);
  return short ? '\\' + short
    : c.split('').map((unit) => '\\u' + unit.charCodeAt(0).toString(16).padStart(4, '0')).join('');
}

export const escape = (text) => text.replace(/[\\\p{Cc}]/gu, escapeOf);

export const unescape = (text) => text.replace(/\\(?:u([0-9a-fA-F]{4})|([rnt\\]))/g,
  (_, hex, letter) => (hex ? String.fromCharCode(parseInt(hex, 16)) : SHORT_ESCAPES[letter]));

/** Puts text into an element; characters that cannot be seen are shown as marked escapes. */
export function show(element, text, { lines = false } = {}) {
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
export function textOf(answer) {
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const text = decoder.decode(answer.head, { stream: answer.length > answer.head.length });
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}

export function hexOf(head) {
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
export function showCommand(element, command) {
  const pieces = command.split(/(?<=[^:/]\/|\?)/);
  element.replaceChildren(...pieces.flatMap((piece) => [piece, document.createElement('wbr')]));
}

export const shortened = (text) => (text.length <= 80 ? text : `${Array.from(text).slice(0, 60).join('')}…`);

/** Fills in and shows a note, or hides it where there is no advice. */
export function advise(note, advice) {
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

export const byId = (id) => document.getElementById(id);

/** Makes an element with a class and children; text among them stays text. */
export function make(name, className, ...children) {
  const element = document.createElement(name);
  if (className) {
    element.className = className;
  }
  element.append(...children.map((child) => (typeof child === 'string' ? shown(child) : child)));
  return element;
}

function shown(text) {
  const span = document.createElement('span');
  show(span, text);
  return span;
}

/** The same with a `dt` and a `dd` for each pair; pairs without a value are left out. */
export function facts(...pairs) {
  return make('dl', 'facts', ...pairs.filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => make('div', '', make('dt', '', name), make('dd', '', value))));
}

export const pill = (label, mood = '') => make('span', `badge ${mood}`, label);

const scaled = (value, units) => {
  let [number, unit] = [value, 0];
  while (unit < units.length - 1 && number >= units[unit][1]) {
    number /= units[unit][1];
    unit += 1;
  }
  const digits = number >= 100 || Number.isInteger(number) ? 0 : number >= 10 ? 1 : 2;
  return `${number.toLocaleString('en', { maximumFractionDigits: digits })}\u00a0${units[unit][0]}`;
};

export const size = (length) => scaled(length, [['B', 1024], ['KiB', 1024], ['MiB', 1024], ['GiB', 1024], ['TiB', 1024]]);

/** A time in the unit that suits it. */
export const time = (nanos) => scaled(nanos, [['ns', 1000], ['µs', 1000], ['ms', 1000], ['s', 60], ['min', 60], ['h', 24], ['days', 1]]);

export const millis = (value) => time(value * 1e6);

/** How long ago, or how long still, in whole units. */
export function span(milliseconds) {
  const seconds = Math.round(Math.abs(milliseconds) / 1000);
  if (seconds < 120) {
    return `${seconds} s`;
  }
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) {
    return `${minutes} min`;
  }
  const hours = Math.round(minutes / 60);
  return hours < 72 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

export const percent = (part) => `${(part * 100).toLocaleString('en', {
  maximumFractionDigits: part < 0.9995 && part > 0.9 ? 1 : part > 0 && part < 0.1 ? 1 : 0,
})}\u00a0%`;

export const rate = (perSecond) => perSecond.toLocaleString('en', {
  maximumFractionDigits: perSecond >= 100 ? 0 : perSecond >= 1 ? 1 : 2,
});
