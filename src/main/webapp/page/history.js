// The last 15 minutes of each group on each node, put together from what the nodes tell bit by bit.

export const POINTS = 180;
const FEW = 6;

/** How each figure of several nodes becomes one: counts add up, of times the longest counts. */
const sum = (values) => values.reduce((all, value) => all + value, 0);
const longest = (values) => Math.max(0, ...values);

/** Whether a node has answered, with more than the asked node takes of one. */
export const toldTooMuch = (failure) => /^its answer has more than \d+ bytes$/.test(failure ?? '');

export class History {
  #nodes = new Map();

  #whole = false;

  #asked = POINTS;

  /** Less than all once a node had more to tell than fits in an answer. */
  #most = POINTS;

  /** How many points to ask for: all at first, and when some were missed. */
  points() {
    this.#asked = this.#whole ? Math.min(FEW, this.#most) : this.#most;
    return this.#asked;
  }

  /** Adds what all nodes have told. Of a node whose answer failed, what it told before stays in its place. */
  add(nodes, now = Date.now()) {
    this.#whole = true;
    const before = this.#nodes;
    this.#nodes = new Map();
    nodes.forEach(({ node, answer, failure }) => {
      const known = before.get(node);
      if (answer) {
        this.#nodes.set(node, { id: answer.id, groups: this.#groupsOf(answer, known, now), silent: false });
      } else {
        this.#lower(failure, known);
        if (known) {
          this.#nodes.set(node, { ...known, silent: true });
        }
      }
    });
    this.#nodes.forEach(({ groups, silent }) => groups.forEach((group) => {
      group.missed = silent ? Math.max(0, Math.floor((now - group.at) / group.everyMillis)) : 0;
    }));
  }

  /** Asks for fewer points from now on, if it may be their number that the node could not tell. */
  #lower(failure, known) {
    if (this.#asked > 1 && (toldTooMuch(failure) || (this.#asked > FEW && known && !known.silent))) {
      this.#most = Math.min(this.#most, Math.max(1, this.#asked >> 1));
      this.#whole = false;
    }
  }

  #groupsOf(answer, known, now) {
    const former = known?.id === answer.id ? known.groups : new Map();
    return new Map(answer.groups.filter((group) => group.history).map(({ name, history }) => (
      [name, { ...this.#joined(former.get(name), history), everyMillis: history.everyMillis, at: now - history.agoMillis }])));
  }

  #joined(known, told) {
    const fresh = told.last - (known?.last ?? 0);
    const count = told.millis.length;
    if (known && fresh >= 0 && fresh <= count) {
      const columns = Object.entries(known.columns).map(([name, values]) => (
        [name, [...values, ...told[name].slice(count - fresh)].slice(-POINTS)]));
      return { last: told.last, columns: Object.fromEntries(columns) };
    }
    this.#whole &&= count >= Math.min(told.last, this.#most);
    const columns = Object.entries(told).filter(([, values]) => Array.isArray(values));
    return { last: told.last, columns: Object.fromEntries(columns) };
  }

  /** Returns how many nodes keep the history of a group. */
  kept(group) {
    return this.#of(group).length;
  }

  #of(group) {
    return [...this.#nodes.values()].map(({ groups }) => groups.get(group)).filter((kept) => kept && kept.missed < POINTS);
  }

  /** The last point of all nodes stands at the end; a node that is silent has none there. */
  #together(group, column, how) {
    const all = this.#of(group);
    const length = Math.min(POINTS, Math.max(0, ...all.map(({ columns, missed }) => columns.millis.length + missed)));
    return Array.from({ length }, (_, i) => how(all
      .map(({ columns, missed }) => columns[column]?.[columns.millis.length + missed - length + i])
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
