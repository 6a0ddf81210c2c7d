import type { Attempt } from '../../outbox/outbox.ts';
import { cutText } from '../../page/words.ts';
import type { Exchanging } from '../http-kind.ts';
import type { Render } from '../render.ts';
import type { SnsConfig } from './settings.ts';
import { signedHeaders } from './sign.ts';

const MAX_SUBJECT = 100;
/** Bytes of a message, and characters of a text message to a telephone. */
const MAX_MESSAGE = 256 * 1024;
const MAX_SMS = 1600;
const FORM = 'application/x-www-form-urlencoded';

/** Publishes one message (source: docs.aws.amazon.com, SNS API reference, Publish). */
export async function sendSns(config: SnsConfig, render: Render, exchange: Exchanging): Promise<Attempt> {
  const region = config.region || process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION || regionOf(config, render);
  if (region === '') return { ok: false, retry: true, error: 'sigv4.region is not set, and the address names none' };
  const url = config.url || `https://sns.${region}.amazonaws.com`;
  const body = publishForm(config, render).toString();
  const own = config.accessKey !== '';
  const headers = signedHeaders({
    url,
    region,
    accessKey: own ? config.accessKey : (process.env.AWS_ACCESS_KEY_ID ?? ''),
    secretKey: own ? config.secretKey : (process.env.AWS_SECRET_ACCESS_KEY ?? ''),
    sessionToken: own ? '' : (process.env.AWS_SESSION_TOKEN ?? ''),
    body,
    contentType: FORM,
    now: Date.now(),
  });
  const { attempt, answer } = await exchange({ url, headers, body, refusal: () => '' });
  const id = /<MessageId>([^<]+)</.exec(answer)?.[1];
  return attempt.ok && id !== undefined ? { ok: true, receipt: `message ${id}` } : attempt;
}

function publishForm({ texts, attributes }: SnsConfig, render: Render): URLSearchParams {
  const form = new URLSearchParams({ Action: 'Publish', Version: '2010-03-31' });
  const topic = render.setting(texts.topic_arn);
  const phone = render.setting(texts.phone_number);
  if (topic !== '') form.set('TopicArn', topic);
  if (texts.target_arn !== '') form.set('TargetArn', render.setting(texts.target_arn));
  if (phone !== '') form.set('PhoneNumber', phone);
  const subject = render.title(texts.subject, MAX_SUBJECT).replaceAll(/\s+/g, ' ').trim();
  // Text messages have no subject.
  if (subject !== '' && phone === '') form.set('Subject', ascii(subject));
  form.set('Message', phone === '' ? cutBytes(render.body(texts.message)) : render.body(texts.message, MAX_SMS));
  const entries = Object.entries(attributes).map(([name, template]) => [name, render.setting(template)]);
  if (topic.endsWith('.fifo')) {
    form.set('MessageGroupId', render.groupId);
    form.set('MessageDeduplicationId', `${render.groupId.slice(0, 32)}-${Date.now()}`);
  }
  for (const [i, [name, value]] of entries.entries()) {
    form.set(`MessageAttributes.entry.${i + 1}.Name`, name);
    form.set(`MessageAttributes.entry.${i + 1}.Value.DataType`, 'String');
    form.set(`MessageAttributes.entry.${i + 1}.Value.StringValue`, value);
  }
  return form;
}

/** `arn:aws:sns:eu-west-1:…` */
function regionOf({ texts }: SnsConfig, render: Render): string {
  return /^arn:[^:]*:sns:([^:]+):/.exec(render.setting(texts.topic_arn || texts.target_arn))?.[1] ?? '';
}

/** Subjects of other characters are refused. */
function ascii(text: string): string {
  return text.replaceAll(/[^\u0020-\u007e]/g, '?');
}

function cutBytes(text: string): string {
  if (Buffer.byteLength(text) <= MAX_MESSAGE) return text;
  return cutText(text, Math.floor(MAX_MESSAGE / 4));
}
