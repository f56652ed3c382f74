import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  commentsOf, FIELD, type Comments, type EnumDescriptor, type FieldDescriptor, type FileDescriptor, type MessageDescriptor, type MethodDescriptor,
} from './descriptors.ts';
import { readDescriptors } from './generate.ts';

const PAGE = fileURLToPath(new URL('../../../docs/reference/grpc.md', import.meta.url));
const HEAD = `# gRPC reference

Made from the [proto files](../../proto/medley) by \`npm run proto\`. [How to call](../how-to/call-over-grpc.md): addresses, tokens, deadlines,
errors, and what has to be done in which order.

Methods marked *reads* or *may be repeated* are tried again by Medley's own clients when a peer is lost. Fields have the names of the proto
files; one without a comment says all with its name.
`;

/** The page of every service, method, message and field. */
export async function writeReference(): Promise<string> {
  const files = (await readDescriptors()).filter(({ package: name }) => name.startsWith('medley.'));
  const packages = Map.groupBy(files, ({ package: name }) => name);
  const chapters = [...packages].toSorted(([one], [other]) => one.localeCompare(other)).map(([name, parts]) => toChapter(name, parts));
  return `${[HEAD, ...chapters].join('\n')}`;
}

function toChapter(name: string, files: readonly FileDescriptor[]): string {
  const services = files.flatMap((file) => {
    const comments = commentsOf(file);
    return (file.service ?? []).flatMap((service, index) => [
      comments(FIELD.service, index), ...service.method.map((method, at) => toMethod(method, comments(FIELD.service, index, FIELD.method, at))),
    ]);
  });
  const types = files.flatMap((file) => {
    const comments = commentsOf(file);
    return [
      ...(file.messageType ?? []).map((message, index) => toMessage(message, comments, index)),
      ...(file.enumType ?? []).map((type, index) => toEnum(type, comments, index)),
    ];
  });
  return [`## ${name}\n`, ...services.map((text) => `${text}\n`), `### Messages of ${name}\n`, ...types.map((text) => `${text}\n`)].join('\n');
}

const REPEATING: Readonly<Record<string, string>> = { NO_SIDE_EFFECTS: ' · *reads*', IDEMPOTENT: ' · *may be repeated*' };

function toMethod({ name, inputType, outputType, clientStreaming, serverStreaming, options }: MethodDescriptor, comment: string): string {
  const [input, output] = [inputType, outputType].map(toShort);
  const head = `${clientStreaming === true ? 'stream of ' : ''}\`${input}\` → ${serverStreaming === true ? 'stream of ' : ''}\`${output}\``;
  return `### ${name}\n\n${head}${REPEATING[options?.idempotencyLevel ?? ''] ?? ''}${comment === '' ? '' : `\n\n${comment}`}`;
}

function toMessage(message: MessageDescriptor, comments: Comments, index: number): string {
  const comment = comments(FIELD.message, index);
  const head = `**${message.name}**${comment === '' ? '' : `: ${comment}`}`;
  const fields = message.field ?? [];
  if (fields.length === 0) return head;
  const rows = fields.map((field, at) => `| \`${field.name}\` | ${toType(field, message)} | ${inCell(comments(FIELD.message, index, FIELD.field, at))} |`);
  return `${head}\n\n| field | type | |\n|---|---|---|\n${rows.join('\n')}`;
}

function toEnum(type: EnumDescriptor, comments: Comments, index: number): string {
  const rows = type.value.map(({ name, number = 0 }, at) => `| \`${name}\` | ${number} | ${inCell(comments(FIELD.enum, index, FIELD.value, at))} |`);
  const comment = comments(FIELD.enum, index);
  return `**${type.name}**${comment === '' ? '' : `: ${comment}`}\n\n| value | number | |\n|---|---|---|\n${rows.join('\n')}`;
}

function toType(field: FieldDescriptor, message: MessageDescriptor): string {
  const entry = message.nestedType?.find(({ name }) => field.typeName?.endsWith(`.${message.name}.${name}`));
  const [key, value] = entry?.field ?? [];
  if (key !== undefined && value !== undefined) return `map of ${toPlainType(key)} to ${toPlainType(value)}`;
  const plain = toPlainType(field);
  if (field.label === 'LABEL_REPEATED') return `repeated ${plain}`;
  if (field.proto3Optional === true) return `optional ${plain}`;
  return field.oneofIndex === undefined ? plain : `${plain}, one of \`${message.oneofDecl?.[field.oneofIndex]?.name}\``;
}

function toPlainType({ type, typeName }: FieldDescriptor): string {
  return typeName === undefined ? type.replace('TYPE_', '').toLowerCase() : `\`${toShort(typeName)}\``;
}

/** Within its own package a name needs no more than its last part. */
function toShort(typeName: string): string {
  return typeName.slice(typeName.lastIndexOf('.') + 1);
}

function inCell(text: string): string {
  return text.replaceAll('\n', ' ').replaceAll('|', '\\|');
}

if (import.meta.main) await writeFile(PAGE, await writeReference());
