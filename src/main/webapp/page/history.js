// The last 15 minutes of each group on each node, put together from what the nodes tell bit by bit.

export const POINTS = 180;
const FEW = 6;

/** How each figure of several nodes becomes one: counts add up, of times the longest counts. */
const sum = (values) => values.reduce((all, value) => all + value, 0);
const longest = (values) => Math.max(...values);

export class History {
  #nodes = new Map();

  #whole = false;

  /** How many points to ask for: all at first, and when some were missed. */
  points() {
    return this.#whole ? FEW : POINTS;
  }

  /** Adds what all nodes have told. */
  add(nodes) {
    this.#whole = true;
    const before = this.#nodes;
    this.#nodes = new Map();
    nodes.filter(({ answer }) => answer).forEach(({ node, answer }) => {
      const known = before.get(node);
      const groups = known?.id === answer.id ? known.groups : new Map();
      answer.groups.filter((group) => group.history).forEach(({ name, history }) => {
        groups.set(name, this.#joined(groups.get(name), history));
      });
      this.#nodes.set(node, { id: answer.id, groups });
    });
  }

  #joined(known, told) {
    const fresh = told.last - (known?.last ?? 0);
    const count = told.millis.length;
    if (known && fresh <= count) {
      const columns = Object.entries(known.columns).map(([name, values]) => (
        [name, [...values, ...told[name].slice(count - fresh)].slice(-POINTS)]));
      return { last: told.last, columns: Object.fromEntries(columns) };
    }
    this.#whole &&= count >= Math.min(told.last, POINTS);
    const columns = Object.entries(told).filter(([, values]) => Array.isArray(values));
    return { last: told.last, columns: Object.fromEntries(columns) };
  }

  /** Returns how many nodes keep the history of a group. */
  kept(group) {
    return this.#of(group).length;
  }

  #of(group) {
    return [...this.#nodes.values()].map(({ groups }) => groups.get(group)?.columns).filter((columns) => columns);
  }

  #together(group, column, how) {
    const all = this.#of(group);
    const length = Math.max(0, ...all.map((columns) => columns.millis.length));
    return Array.from({ length }, (_, i) => how(all
      .map((columns) => columns[column]?.[columns.millis.length - length + i])
      .filter((value) => value !== undefined)));
  }

  /** Returns the counts of all nodes together, the newest last. */
  counts(group, column) {
    return this.#together(group, column, sum);
  }

  /** Returns the longest time that any node tells, and 0 where there was none. */
  times(group, column) {
    return this.#together(group, column, longest);
  }

  /** Returns how often something happened in a second, on all nodes together. */
  rates(group, column) {
    const millis = this.times(group, 'millis');
    return this.counts(group, column).map((value, i) => (millis[i] > 0 ? (value * 1000) / millis[i] : 0));
  }
}
