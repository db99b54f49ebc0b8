// The example group of the product.

import { advise, byId, bytes, duration, show, textOf } from './text.js';
import { ask, isValue, secret, urlOf, whenSlow } from './requests.js';
import { adviceOn, NO_ANSWER, NO_ANSWER_YET, SCORES_ABSENT } from './advice.js';

const SCORES = ['Tom', 'Jack', 'Sam'];

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

export async function askForScores() {
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
  byId('scores').hidden = absent && Boolean(secret()); // Operators know what groups there are.
  byId('scores-table').hidden = absent;
  byId('next').hidden = absent;
  byId('scores-note').classList.toggle('bad', !absent);
  advise(byId('scores-note'),
    absent ? SCORES_ABSENT : failed === undefined ? null : failed ? adviceOn(failed) : NO_ANSWER);
}
