import { duration, z } from '../../../lib/schema/schema.ts';
import { httpKeys, httpKind, isSet, named, readSecret, readUrl } from '../http-kind.ts';
import { type Place, text } from '../kind.ts';
import { sendSlack } from './send.ts';
import type { SlackConfig } from './settings.ts';

const confirm = z.strictObject({
  text: z.string({ error: 'missing text in Slack confirmation configuration' }).min(1),
  title: text,
  ok_text: text,
  dismiss_text: text,
});

const action = z
  .strictObject({
    type: z.string({ error: 'missing type in Slack action configuration' }).min(1),
    text: z.string({ error: 'missing text in Slack action configuration' }).min(1),
    url: text,
    style: text,
    name: text,
    value: text,
    confirm: confirm.nullish(),
  })
  .refine(({ name, url }) => name !== '' || url !== '', 'missing name or url in Slack action configuration');

const field = z.strictObject({
  title: z.string({ error: 'missing title in Slack field configuration' }).min(1),
  value: z.string({ error: 'missing value in Slack field configuration' }).min(1),
  short: z.boolean().nullish(),
});

const schema = z.strictObject({
  ...httpKeys(false),
  timeout: duration().optional(),
  api_url: text,
  api_url_file: text,
  app_token: text,
  app_token_file: text,
  app_url: text,
  channel: text,
  username: named('slack', 'username'),
  color: named('slack', 'color'),
  title: named('slack', 'title'),
  title_link: named('slack', 'titlelink'),
  pretext: named('slack', 'pretext'),
  text: named('slack', 'text'),
  message_text: text,
  fields: z.array(field).nullish(),
  short_fields: z.boolean().default(false),
  footer: named('slack', 'footer'),
  fallback: named('slack', 'fallback'),
  callback_id: named('slack', 'callbackid'),
  icon_emoji: named('slack', 'iconemoji'),
  icon_url: named('slack', 'iconurl'),
  image_url: text,
  thumb_url: text,
  link_names: z.boolean().default(false),
  mrkdwn_in: z.array(z.string()).nullish(),
  actions: z.array(action).nullish(),
  update_message: z.boolean().default(false),
});

/** Where a message is posted with a token. */
const POST_MESSAGE = 'https://slack.com/api/chat.postMessage';

export const slackKind = httpKind({
  kind: 'slack',
  schema,
  read: readSlack,
  templates: ({ channel, texts, fields, actions }: SlackConfig) => ({
    channel,
    ...texts,
    ...Object.fromEntries(fields.flatMap(({ title, value }, i) => [[`fields.${i}.title`, title], [`fields.${i}.value`, value]])),
    ...Object.fromEntries(actions.map(({ text: label }, i) => [`actions.${i}.text`, label])),
  }), // prettier-ignore
  send: sendSlack,
});

function readSlack(node: z.infer<typeof schema>, place: Place): SlackConfig {
  const url = readSecret(node, 'api_url', place);
  const token = readSecret(node, 'app_token', place);
  if (isSet(url) && isSet(token) && !isApi(url.value))
    place.complain([], 'at most one of api_url/api_url_file & app_token/app_token_file must be configured');
  // What the entry says itself wins over what `global` says, be it an address or a token.
  const own = isSet(url) || isSet(token);
  const used = {
    url: own ? url : readSecret({}, 'api_url', place, 'slack_api_url'),
    token: own ? token : readSecret({}, 'app_token', place, 'slack_app_token'),
  };
  if (!isSet(used.url) && !isSet(used.token))
    place.complain([], 'no Slack API URL nor App token set either inline or in a file');
  if (node.update_message && !isSet(used.token) && !isApi(used.url.value))
    place.complain(
      ['update_message'],
      `update_message needs a bot token: set app_token, or api_url to ${POST_MESSAGE}`,
    );
  return {
    ...used,
    appUrl: readUrl(node.app_url || place.global.slack_app_url || POST_MESSAGE, 'app_url', place),
    channel: node.channel,
    texts: {
      username: node.username, color: node.color, title: node.title, title_link: node.title_link, pretext: node.pretext, text: node.text,
      message_text: node.message_text, footer: node.footer, fallback: node.fallback, callback_id: node.callback_id, icon_emoji: node.icon_emoji,
      icon_url: node.icon_url, image_url: node.image_url, thumb_url: node.thumb_url,
    },
    fields: (node.fields ?? []).map(({ title, value, short }) => ({ title, value, short: short ?? node.short_fields })),
    actions: node.actions ?? [],
    linkNames: node.link_names,
    markdownIn: node.mrkdwn_in ?? ['fallback', 'pretext', 'text'],
    updateMessage: node.update_message,
  }; // prettier-ignore
}

function isApi(url: string): boolean {
  return url.endsWith('/api/chat.postMessage');
}
