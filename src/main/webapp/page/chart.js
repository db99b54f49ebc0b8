// Small charts in SVG.

const SVG = 'http://www.w3.org/2000/svg';

export function svg(name, attributes, ...children) {
  const element = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
  element.append(...children);
  return element;
}

const HEIGHT = 40;

/**
 * A line with the area below it, as wide as its box.
 *
 * @param values the newest last; null where there is nothing to show
 * @param width how many values the whole width stands for
 * @param most the value at the upper edge; the greatest one unless given
 * @param label what a reader who sees no picture is told
 */
export function chart(values, { width, most = null, label }) {
  const top = most ?? Math.max(...values.map((value) => value ?? 0), 0);
  const place = (value) => (HEIGHT - 1 - (top > 0 ? Math.min(value / top, 1) : 0) * (HEIGHT - 3)).toFixed(1);
  const runs = [];
  values.forEach((value, i) => {
    const x = width - values.length + i;
    if (value === null) {
      runs.push([]);
    } else {
      (runs.at(-1) ?? runs[runs.push([]) - 1]).push([x, place(value)]);
    }
  });
  const lines = runs.filter((run) => run.length > 0).map((run) => (run.length > 1 ? run : [[run[0][0] - 0.5, run[0][1]], run[0]]));
  const line = lines.map((run) => `M${run.map(([x, y]) => `${x} ${y}`).join('L')}`).join('');
  const area = lines.map((run) => `M${run[0][0]} ${HEIGHT}L${run.map(([x, y]) => `${x} ${y}`).join('L')}L${run.at(-1)[0]} ${HEIGHT}Z`).join('');
  return svg('svg', {
    class: 'chart', viewBox: `0 0 ${width - 1} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': label,
  },
  svg('path', { class: 'ground', d: `M0 ${HEIGHT - 0.5}H${width - 1}` }),
  svg('path', { class: 'area', d: area }),
  svg('path', { class: 'line', d: line }));
}

const RADIUS = 50;
const THICK = 15;

const at = (turn, radius) => {
  const angle = (turn - 0.25) * 2 * Math.PI;
  return `${(Math.cos(angle) * radius).toFixed(2)} ${(Math.sin(angle) * radius).toFixed(2)}`;
};

/** An arc of a ring, between two parts of a turn. */
function arc(from, to, className) {
  const large = to - from > 0.5 ? 1 : 0;
  const end = Math.min(to, from + 0.9999); // The ends of a whole turn would be one point.
  return svg('path', {
    class: className,
    d: `M${at(from, RADIUS)}A${RADIUS} ${RADIUS} 0 ${large} 1 ${at(end, RADIUS)}L${at(end, RADIUS - THICK)}`
      + `A${RADIUS - THICK} ${RADIUS - THICK} 0 ${large} 0 ${at(from, RADIUS - THICK)}Z`,
  });
}

/**
 * A ring of which each part has its share.
 *
 * @param parts of each its share of 1, and its class
 * @param lines two lines for the middle
 */
export function ring(parts, [first, second], label) {
  let turn = 0;
  const arcs = parts.filter(({ share }) => share > 0).map(({ share, className }) => {
    const from = turn;
    turn += share;
    return arc(from, turn, share > 0.999 ? `${className} whole` : className);
  });
  return svg('svg', { class: 'ring', viewBox: '-52 -52 104 104', role: 'img', 'aria-label': label },
    ...(arcs.length > 0 ? arcs : [arc(0, 1, 'empty whole')]),
    svg('text', { class: 'first', y: '1' }, first),
    svg('text', { class: 'second', y: '15' }, second));
}

/** A bar that is filled to a part of 1. */
export function bar(part, label) {
  return svg('svg', { class: 'bar', role: 'img', 'aria-label': label },
    svg('rect', { class: 'whole', width: '100%', height: '100%', rx: '3' }),
    svg('rect', { class: 'part', width: `${(Math.min(part, 1) * 100).toFixed(1)}%`, height: '100%', rx: '3' }));
}
