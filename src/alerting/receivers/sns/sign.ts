import { createHash, createHmac } from 'node:crypto';

export interface SignedRequest {
  readonly url: string;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Of temporary credentials; '' where there is none. */
  readonly sessionToken: string;
  readonly body: string;
  readonly contentType: string;
  /** Milliseconds. */
  readonly now: number;
}

/** Headers of a POST that AWS Signature Version 4 signs for the service `sns` (source: docs.aws.amazon.com, IAM user guide). */
export function signedHeaders(request: SignedRequest): Record<string, string> {
  const { url, region, accessKey, secretKey, sessionToken, body, contentType, now } = request;
  const { host, pathname } = new URL(url);
  const time = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const day = time.slice(0, 8);
  const scope = `${day}/${region}/sns/aws4_request`;
  const headers: Record<string, string> = {
    'content-type': contentType,
    host,
    'x-amz-date': time,
    ...(sessionToken === '' ? {} : { 'x-amz-security-token': sessionToken }),
  };
  const names = Object.keys(headers).sort();
  const canonical = [
    'POST', pathname, '', ...names.map((name) => `${name}:${headers[name]}`), '', names.join(';'), sha256(body),
  ].join('\n'); // prettier-ignore
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n');
  const key = [day, region, 'sns', 'aws4_request'].reduce<string | Buffer>(
    (from, part) => hmac(from, part),
    `AWS4${secretKey}`,
  );
  const signature = hmac(key, text).toString('hex');
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKey}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
