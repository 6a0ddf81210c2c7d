import net, { type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { parseYaml } from '../../lib/schema/yaml.ts';
import { validate } from '../../lib/schema/schema.ts';
import { type ProbeModule, modulesSchema } from './config.ts';
import { decodeAnswer } from './dns-message.ts';
import { probe } from './index.ts';

const open: net.Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function serve(onSocket: (socket: net.Socket) => void): Promise<string> {
  const server = net.createServer((socket) => onSocket(socket.on('error', () => {})));
  open.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function moduleOf(text: string): ProbeModule {
  return validate(parseYaml(`modules: {m: ${text}}`, 'blackbox.yml'), modulesSchema).modules.m;
}

describe('a probe', () => {
  test.each([
    ['a TCP server that never greets', '{prober: tcp, timeout: 100ms, tcp: {query_response: [{expect: hello}]}}'],
    ['an HTTP server that never answers', '{prober: http, timeout: 100ms}'],
    ['a gRPC server that never answers', '{prober: grpc, timeout: 100ms}'],
    ['a TLS server that never shakes hands', '{prober: tcp, timeout: 100ms, tcp: {tls: true}}'],
    ['a DNS server that never answers', '{prober: dns, timeout: 100ms, dns: {query_name: a, query_type: A, transport_protocol: tcp}}'],
  ])('of %s ends with its time, as failed', async (_what, text) => {
    const target = await serve(() => {});
    const { page, failure } = await probe(target, moduleOf(text));
    expect(failure).toContain('timed out');
    expect(page).toContain('probe_success 0');
  }); // prettier-ignore

  test.each([
    ['a body without an end', '{prober: http, http: {body_size_limit: 1KB}}', 'HTTP/1.1 200 OK\r\n\r\n', 'longer than 1024 bytes'],
    ['a line without an end', '{prober: tcp, tcp: {query_response: [{expect: hello}]}}', '', 'no end of a line'],
  ])('of a server that sends %s is cut off', async (_what, text, head, words) => {
    const target = await serve((socket) => {
      socket.write(head);
      const send = () => socket.destroyed || socket.write(Buffer.alloc(16 * 1024, 'x'), send);
      send();
    });
    const { failure } = await probe(target, moduleOf(text));
    expect(failure).toContain(words);
  }); // prettier-ignore

  test('answers with what it was told, and reports what it matched', async () => {
    let heard = '';
    const target = await serve((socket) => {
      socket.write('220 mail.example ESMTP\r\n');
      socket.on('data', (chunk: Buffer) => {
        heard += chunk.toString();
        socket.end('250 ok\r\n');
      });
    });
    const steps = `[{expect: '^220 (\\S+)', send: 'EHLO \${1}', labels: [{name: host, value: '\${1}'}]}, {expect: '^250'}]`;
    const { page, failure } = await probe(target, moduleOf(`{prober: tcp, tcp: {query_response: ${steps}}}`));
    expect(failure).toBeUndefined();
    expect(heard).toBe('EHLO mail.example\n');
    expect(page).toContain('probe_expect_info{host="mail.example"} 1');
  });

  test.each([
    ['an unknown key', '{prober: http, http: {metod: GET}}', 'modules.m.http.metod: unknown key; did you mean "method"?'],
    ['a pattern that is none', '{prober: http, http: {fail_if_body_matches_regexp: ["("]}}', 'expected a regular expression (RE2)'],
    ['ICMP', '{prober: icmp}', 'icmp needs raw sockets'],
    ['a query without a name', '{prober: dns}', 'modules.m.dns: missing; expected a query_name'],
    ['a proxy', '{prober: http, http: {proxy_url: "http://p:1"}}', 'a key of blackbox_exporter, not supported yet'],
  ])('by a module with %s is refused with its place', (_what, text, words) => {
    expect(() => moduleOf(text)).toThrow(words);
  }); // prettier-ignore

  test('of a DNS server whose names point to themselves fails and does not go round', () => {
    const message = Buffer.concat([Buffer.from([0, 1, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0]), Buffer.from([0xc0, 0x0c])]);
    expect(() => decodeAnswer(message)).toThrow('a name points to itself');
    expect(() => decodeAnswer(Buffer.from([0, 1, 0x81]))).toThrow('the response cannot be read');
  });
});
