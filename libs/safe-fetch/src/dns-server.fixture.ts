import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, isIPv4, type Server, type Socket } from 'node:net';
import ipaddr from 'ipaddr.js';
import { whereFree } from './taken-ports.fixture.ts';

const TYPES = { A: 1, CNAME: 5, AAAA: 28, SRV: 33 } as const;
const MAX_UDP_BYTES = 1232;
const TRUNCATED = 0x0200;

export type RecordType = keyof typeof TYPES;

export interface DnsRecord {
  readonly name: string;
  readonly type: RecordType;
  /** An address, a name, or priority, weight, port and name. */
  readonly data: string;
}

/** What the server says to one question; `silence` says nothing. */
export type DnsReply = 'silence' | { readonly records?: readonly DnsRecord[]; readonly rcode?: number; readonly isTruncated?: boolean };

/** Answers the question of `type` for a name; `turn` counts the questions of this type for this name from 0. */
export type DnsScript = (type: RecordType, turn: number) => DnsReply;

/** A DNS server on a real UDP and TCP port that says what its script says, and keeps what it was asked. */
export class DnsServer implements AsyncDisposable {
  readonly questions: string[] = [];
  /** Its address and port, as a resolver takes them. */
  readonly address: string;
  readonly #udp: UdpSocket;
  readonly #tcp: Server;
  readonly #sockets = new Set<Socket>();
  readonly #scripts = new Map<string, DnsScript>();

  private constructor(udp: UdpSocket, tcp: Server, port: number) {
    this.#udp = udp;
    this.#tcp = tcp;
    this.address = `127.0.0.1:${port}`;
    udp.on('message', (query, from) => this.#reply(query, MAX_UDP_BYTES, (reply) => udp.send(reply, from.port, from.address)));
    tcp.on('connection', (socket) => this.#serve(socket));
  }

  static start(): Promise<DnsServer> {
    return whereFree(async () => {
      await using opened = new AsyncDisposableStack();
      const tcp = opened.adopt(createServer().listen(0, '127.0.0.1'), (server) => void server.close());
      await once(tcp, 'listening');
      const bound = tcp.address();
      if (bound === null || typeof bound === 'string') throw new Error('no port');
      const udp = createSocket('udp4').bind(bound.port, '127.0.0.1');
      await once(udp, 'listening');
      opened.move();
      return new DnsServer(udp, tcp, bound.port);
    });
  }

  /** A name has these addresses; or what its script says. Names that were not set do not exist. */
  set(name: string, answer: readonly string[] | DnsScript): void {
    this.#scripts.set(name, typeof answer === 'function' ? answer : (type) => ({ records: addressRecords(name, type, answer) }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#udp.close();
    this.#tcp.close();
    await once(this.#tcp, 'close');
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket)).on('error', () => {});
    let received = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      while (received.byteLength >= 2 && received.byteLength >= 2 + received.readUInt16BE(0)) {
        const length = received.readUInt16BE(0);
        this.#reply(received.subarray(2, 2 + length), 65_535, (reply) => socket.write(Buffer.concat([uint16(reply.byteLength), reply])));
        received = received.subarray(2 + length);
      }
    });
  }

  #reply(query: Buffer, maxBytes: number, send: (reply: Buffer) => void): void {
    const { name, type, end } = readQuestion(query);
    const turn = this.questions.filter((asked) => asked === `${type} ${name}`).length;
    this.questions.push(`${type} ${name}`);
    const reply = this.#scripts.get(name)?.(type, turn) ?? { rcode: 3 };
    if (reply === 'silence') return;
    const { records = [], rcode = 0, isTruncated = false } = reply;
    const answers = Buffer.concat(records.map(writeRecord));
    const isCut = isTruncated || end + answers.byteLength > maxBytes;
    const flags = 0x8180 | rcode | (isCut ? TRUNCATED : 0);
    const counts = [1, isCut ? 0 : records.length, 0, 0].map(uint16);
    send(Buffer.concat([query.subarray(0, 2), uint16(flags), ...counts, query.subarray(12, end), isCut ? Buffer.alloc(0) : answers]));
  }
}

/** Those of the addresses that are of the type that was asked for. */
export function addressRecords(name: string, type: RecordType, addresses: readonly string[]): readonly DnsRecord[] {
  return addresses.filter((address) => (isIPv4(address) ? 'A' : 'AAAA') === type).map((data) => ({ name, type, data }));
}

function readQuestion(query: Buffer): { name: string; type: RecordType; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const code = query.readUInt16BE(at + 1);
  const type = code === TYPES.SRV ? 'SRV' : code === TYPES.AAAA ? 'AAAA' : 'A';
  return { name: labels.join('.'), type, end: at + 5 };
}

function writeRecord({ name, type, data }: DnsRecord): Buffer {
  const bytes = writeData(type, data);
  return Buffer.concat([writeName(name), uint16(TYPES[type]), uint16(1), Buffer.alloc(4), uint16(bytes.byteLength), bytes]);
}

function writeData(type: RecordType, data: string): Buffer {
  if (type === 'CNAME') return writeName(data);
  if (type !== 'SRV') return Buffer.from(ipaddr.parse(data).toByteArray());
  const [priority, weight, port, target = ''] = data.split(' ');
  return Buffer.concat([...[priority, weight, port].map((text) => uint16(Number(text))), writeName(target)]);
}

function writeName(name: string): Buffer {
  if (name === '.') return Buffer.alloc(1);
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')]));
  return Buffer.concat([...labels, Buffer.alloc(1)]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
