import { z } from '../../../lib/schema/schema.ts';
import { httpKeys, httpKind, named, readUrl, texts } from '../http-kind.ts';
import { type Place, notYet, text } from '../kind.ts';
import { sendSns } from './send.ts';
import type { SnsConfig } from './settings.ts';

const schema = z.strictObject({
  ...httpKeys(true),
  api_url: text,
  sigv4: z
    .strictObject({
      region: text,
      access_key: text,
      secret_key: text,
      profile: notYet('set access_key and secret_key, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment'),
      role_arn: notYet('use keys of a user that may publish to the topic'),
      external_id: notYet('remove it'),
      use_fips_sts_endpoint: z.boolean().optional(),
      service_name: text,
    })
    .nullish(),
  topic_arn: text,
  target_arn: text,
  phone_number: text,
  subject: named('sns', 'subject'),
  message: named('sns', 'message'),
  attributes: texts,
  use_aws_http_client: z.boolean().optional(),
}); // prettier-ignore

export const snsKind = httpKind({
  kind: 'sns',
  schema,
  read: readSns,
  templates: ({ texts: own, attributes }: SnsConfig) => ({
    ...own,
    ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`attributes.${name}`, value])),
  }),
  send: sendSns,
});

function readSns(node: z.infer<typeof schema>, place: Place): SnsConfig {
  const { topic_arn, target_arn, phone_number, subject, message } = node;
  const { region = '', access_key = '', secret_key = '' } = node.sigv4 ?? {};
  if ([topic_arn, target_arn, phone_number].filter((to) => to !== '').length !== 1)
    place.complain([], 'must provide either a Target ARN, Topic ARN, or Phone Number for SNS config');
  if ((access_key === '') !== (secret_key === ''))
    place.complain(['sigv4'], 'must provide a AWS SigV4 Access key and Secret Key if credentials are specified');
  return {
    url: readUrl(node.api_url, 'api_url', place),
    region,
    accessKey: access_key,
    secretKey: secret_key,
    texts: { topic_arn, target_arn, phone_number, subject, message },
    attributes: node.attributes,
  };
}
