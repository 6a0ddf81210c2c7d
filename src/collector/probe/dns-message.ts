import { ProbeFailure } from './report.ts';

/** Numbers of types and classes, as the module file names them (source: IANA, DNS parameters). */
const TYPES: Readonly<Record<string, number>> = {
  A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, MX: 15, TXT: 16, AAAA: 28, SRV: 33, DS: 43, RRSIG: 46, NSEC: 47, DNSKEY: 48,
  TLSA: 52, SVCB: 64, HTTPS: 65, ANY: 255, CAA: 257,
}; // prettier-ignore
const CLASSES: Readonly<Record<string, number>> = { IN: 1, CH: 3, HS: 4, ANY: 255 };
const RCODES = [
  'NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED', 'YXDOMAIN', 'YXRRSET', 'NXRRSET', 'NOTAUTH', 'NOTZONE',
]; // prettier-ignore

const HEADER = 12;
const FLAG_RESPONSE = 0x8000;
const FLAG_RECURSION = 0x0100;
const MASK_RCODE = 0x000f;
/** A name is followed over this many pointers at most. */
const MAX_POINTERS = 64;

export interface DnsAnswer {
  readonly id: number;
  readonly rcode: string;
  readonly answer: readonly DnsRecord[];
  readonly authority: readonly DnsRecord[];
  readonly additional: readonly DnsRecord[];
}

export interface DnsRecord {
  readonly type: string;
  /** As zone files write it, parted by tabs: `example.com.	300	IN	A	192.0.2.1`. */
  readonly text: string;
  /** Of a SOA record. */
  readonly serial?: number;
}

/** @throws {ProbeFailure} for a type or class that is not known, or a name that cannot be sent. */
export function encodeQuery(id: number, name: string, type: string, klass: string, recursion: boolean): Buffer {
  const typeNumber = TYPES[type.toUpperCase()];
  const classNumber = CLASSES[klass.toUpperCase()];
  if (typeNumber === undefined) throw new ProbeFailure(`unknown type of query ${type}`);
  if (classNumber === undefined) throw new ProbeFailure(`unknown class of query ${klass}`);
  const head = Buffer.alloc(HEADER);
  head.writeUInt16BE(id, 0);
  head.writeUInt16BE(recursion ? FLAG_RECURSION : 0, 2);
  head.writeUInt16BE(1, 4);
  const tail = Buffer.alloc(4);
  tail.writeUInt16BE(typeNumber, 0);
  tail.writeUInt16BE(classNumber, 2);
  return Buffer.concat([head, encodeName(name), tail]);
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  const parts = labels.map((label) => {
    const bytes = Buffer.from(label);
    if (bytes.length > 63) throw new ProbeFailure(`${name}: a label is longer than 63 bytes`);
    return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  });
  return Buffer.concat([...parts, Buffer.from([0])]);
}

/** @throws {ProbeFailure} for what is no response. */
export function decodeAnswer(bytes: Buffer): DnsAnswer {
  try {
    return new Decoder(bytes).answer();
  } catch (error) {
    if (error instanceof ProbeFailure) throw error;
    throw new ProbeFailure(`the response cannot be read: ${(error as Error).message}`);
  }
}

class Decoder {
  readonly #bytes: Buffer;
  #at = HEADER;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  answer(): DnsAnswer {
    const bytes = this.#bytes;
    const flags = bytes.readUInt16BE(2);
    if ((flags & FLAG_RESPONSE) === 0) throw new ProbeFailure('not a response');
    const counts = [4, 6, 8, 10].map((offset) => bytes.readUInt16BE(offset));
    for (let i = 0; i < counts[0]; i++) {
      this.#name();
      this.#at += 4;
    }
    const rcode = flags & MASK_RCODE;
    return {
      id: bytes.readUInt16BE(0),
      rcode: RCODES[rcode] ?? String(rcode),
      answer: this.#records(counts[1]),
      authority: this.#records(counts[2]),
      additional: this.#records(counts[3]),
    };
  }

  #records(count: number): DnsRecord[] {
    return Array.from({ length: count }, () => this.#record());
  }

  #record(): DnsRecord {
    const name = this.#name();
    const type = this.#word();
    const klass = this.#word();
    const ttl = this.#bytes.readUInt32BE(this.#at);
    this.#at += 4;
    const length = this.#word();
    const end = this.#at + length;
    const typeName = nameIn(TYPES, type, 'TYPE');
    const { data, serial } = this.#data(typeName, end);
    this.#at = end;
    return { type: typeName, text: [name, ttl, nameIn(CLASSES, klass, 'CLASS'), typeName, data].join('\t'), serial };
  }

  #data(type: string, end: number): { data: string; serial?: number } {
    const bytes = this.#bytes;
    switch (type) {
      case 'A':
        return { data: [...bytes.subarray(this.#at, this.#at + 4)].join('.') };
      case 'AAAA':
        return { data: ipv6(bytes.subarray(this.#at, this.#at + 16)) };
      case 'NS':
      case 'CNAME':
      case 'PTR':
        return { data: this.#name() };
      case 'MX':
        return { data: `${this.#word()} ${this.#name()}` };
      case 'SRV':
        return { data: `${this.#word()} ${this.#word()} ${this.#word()} ${this.#name()}` };
      case 'TXT':
        return { data: this.#texts(end).join(' ') };
      case 'SOA': {
        const names = `${this.#name()} ${this.#name()}`;
        const numbers = [0, 4, 8, 12, 16].map((offset) => bytes.readUInt32BE(this.#at + offset));
        return { data: `${names} ${numbers.join(' ')}`, serial: numbers[0] };
      }
      default:
        return { data: `\\# ${end - this.#at} ${bytes.toString('hex', this.#at, end)}` };
    }
  }

  #texts(end: number): string[] {
    const texts: string[] = [];
    while (this.#at < end) {
      const length = this.#bytes.readUInt8(this.#at);
      texts.push(JSON.stringify(this.#bytes.toString('latin1', this.#at + 1, this.#at + 1 + length)));
      this.#at += 1 + length;
    }
    return texts;
  }

  #word(): number {
    const word = this.#bytes.readUInt16BE(this.#at);
    this.#at += 2;
    return word;
  }

  /** A name may end in a pointer to the rest of another. */
  #name(): string {
    const labels: string[] = [];
    let at = this.#at;
    let pointers = 0;
    for (;;) {
      const length = this.#bytes.readUInt8(at);
      if (length >= 0xc0) {
        if (pointers++ === 0) this.#at = at + 2;
        if (pointers > MAX_POINTERS) throw new ProbeFailure('a name points to itself');
        at = this.#bytes.readUInt16BE(at) & 0x3fff;
        continue;
      }
      if (length === 0) break;
      labels.push(this.#bytes.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    if (pointers === 0) this.#at = at + 1;
    return `${labels.join('.')}.`;
  }
}

function ipv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

function nameIn(names: Readonly<Record<string, number>>, number: number, other: string): string {
  return Object.keys(names).find((name) => names[name] === number) ?? `${other}${number}`;
}
