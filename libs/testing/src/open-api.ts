import { findFaults, type Schema } from './json-schema.ts';

/** One operation of an OpenAPI document. */
export interface Operation {
  /** Upper case. */
  readonly method: string;
  /** As it stands in the document, behind the server's: `/media/{serverName}/{mediaId}`. */
  readonly path: string;
  readonly operationId: string;
  readonly responses: Readonly<Record<string, Schema>>;
}

const METHODS = ['get', 'put', 'post', 'delete'];

/** An OpenAPI 3.1 document, as far as it is understood here. */
export class OpenApi {
  readonly operations: readonly Operation[];
  readonly #document: Schema;

  constructor(document: unknown) {
    this.#document = document as Schema; // what is missing in it is found when it is looked for
    this.operations = Object.entries(membersOf(this.#document['paths'])).flatMap(([path, item]) =>
      METHODS.filter((method) => method in item).map((method) => toOperation(method, path, membersOf(item[method]))));
  }

  /** What is wrong with an answer by the document: a line for each fault, or nothing. An operation or status that it does not know is one. */
  findFaults(operationId: string, status: number, body: unknown): readonly string[] {
    const responses = this.operations.find((one) => one.operationId === operationId)?.responses;
    const response = responses?.[String(status)] ?? (status < 400 ? undefined : responses?.['default']);
    if (response === undefined) return [`${operationId} does not answer with ${status}`];
    const content = membersOf(this.#follow(response)['content'])['application/json'];
    return findFaults(membersOf(content?.['schema']), body, (ref) => this.#resolve(ref));
  }

  #follow(schema: Schema): Schema {
    return schema['$ref'] === undefined ? schema : this.#resolve(String(schema['$ref']));
  }

  /** Throws for what is not there. */
  #resolve(ref: string): Schema {
    const found = ref.split('/').slice(1).reduce<unknown>((part, name) => membersOf(part)[name], this.#document);
    if (found === undefined) throw new Error(`the document has no ${ref}`);
    return membersOf(found);
  }
}

function toOperation(method: string, path: string, operation: Schema): Operation {
  return { method: method.toUpperCase(), path, operationId: String(operation['operationId']), responses: membersOf(operation['responses']) };
}

function membersOf(value: unknown): Readonly<Record<string, Schema>> {
  return typeof value === 'object' && value !== null ? value as Record<string, Schema> : {};
}
