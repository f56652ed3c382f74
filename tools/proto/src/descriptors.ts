/** What of protobuf's descriptors, as buf writes them in JSON, the reference is made from. */
export interface FileDescriptor {
  readonly name: string;
  readonly package: string;
  readonly service?: readonly ServiceDescriptor[];
  readonly messageType?: readonly MessageDescriptor[];
  readonly enumType?: readonly EnumDescriptor[];
  readonly sourceCodeInfo: { readonly location: readonly Location[] };
}

export interface ServiceDescriptor {
  readonly name: string;
  readonly method: readonly MethodDescriptor[];
}

export interface MethodDescriptor {
  readonly name: string;
  /** Like `.medley.storage.v1.GetBlobRequest`. */
  readonly inputType: string;
  readonly outputType: string;
  readonly clientStreaming?: boolean;
  readonly serverStreaming?: boolean;
  readonly options?: { readonly idempotencyLevel?: string };
}

export interface MessageDescriptor {
  readonly name: string;
  readonly field?: readonly FieldDescriptor[];
  readonly oneofDecl?: readonly { readonly name: string }[];
  readonly nestedType?: readonly MessageDescriptor[];
}

export interface FieldDescriptor {
  readonly name: string;
  readonly label: string;
  /** Like `TYPE_INT64`. */
  readonly type: string;
  readonly typeName?: string;
  readonly oneofIndex?: number;
  readonly proto3Optional?: boolean;
}

export interface EnumDescriptor {
  readonly name: string;
  readonly value: readonly { readonly name: string; readonly number?: number }[];
}

interface Location {
  readonly path?: readonly number[];
  readonly leadingComments?: string;
}

/** The numbers of descriptor.proto that paths of source locations are made of. */
export const FIELD = { message: 4, enum: 5, service: 6, method: 2, field: 2, value: 2 } as const;

/** What stands before a thing in the proto file, as lines of text; its path is as in `SourceCodeInfo.Location`. */
export type Comments = (...path: readonly number[]) => string;

/** The comments of a file by path. */
export function commentsOf({ sourceCodeInfo }: FileDescriptor): Comments {
  const known = new Map(sourceCodeInfo.location.map(({ path = [], leadingComments = '' }) => [path.join('.'), leadingComments]));
  return (...path) => (known.get(path.join('.')) ?? '').split('\n').map((line) => line.trim()).join('\n').trim();
}
