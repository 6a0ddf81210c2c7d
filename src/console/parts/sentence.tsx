import { type Incident, hrefOf, sentenceOf } from '../lib/alerts.ts';
import { clipped } from '../lib/text.ts';

/** Characters of a sentence in a list; the alert's own page has all of it. */
const MOST = 300;

/** The sentence of an alert, as a link to its page. */
export function Sentence({ incident }: { incident: Incident }) {
  const sentence = sentenceOf(incident.alert.annotations, incident.rule.name);
  return (
    <a class="sentence" href={hrefOf(incident)}>
      {clipped(sentence, MOST)}
    </a>
  );
}
