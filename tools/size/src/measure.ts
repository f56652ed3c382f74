import ts from 'typescript';

/** How long a function is: from its first line to its last. */
export interface FunctionLength {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
}

/** How long a file is, and each function in it. */
export interface FileLengths {
  readonly path: string;
  readonly lines: number;
  readonly functions: readonly FunctionLength[];
}

// A suite is a list of tests: what is handed to these calls is measured by itself and not as part of the function around it.
const SUITE_CALLS = new Set(['describe', 'describeRealService', 'suite', 'test', 'it', 'before', 'after', 'beforeEach', 'afterEach']);

/** Measures the file and every function in it that has a body. `path` decides how the text is parsed and is repeated in the answer. */
export function measure(path: string, text: string): FileLengths {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const functions: FunctionLength[] = [];
  const visit = (node: ts.Node): void => {
    if (isMeasured(node)) functions.push(measureFunction(source, node));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { path, lines: countLines(text), functions };
}

function isMeasured(node: ts.Node): node is ts.FunctionLikeDeclaration {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;
}

function measureFunction(source: ts.SourceFile, node: ts.FunctionLikeDeclaration): FunctionLength {
  const name = node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined);
  return {
    name: name?.getText(source) ?? '(anonymous)',
    line: lineOf(source, node.getStart(source)) + 1,
    lines: spanOf(source, node) - suiteLinesIn(source, node),
  };
}

/** The lines that suite calls inside `node` take up. */
function suiteLinesIn(source: ts.SourceFile, node: ts.Node): number {
  let lines = 0;
  ts.forEachChild(node, (child) => {
    lines += isSuiteCall(child) ? spanOf(source, child) : suiteLinesIn(source, child);
  });
  return lines;
}

function isSuiteCall(node: ts.Node): boolean {
  if (!ts.isCallExpression(node)) return false;
  const { expression } = node;
  const called = ts.isPropertyAccessExpression(expression) ? expression.expression : expression;
  return ts.isIdentifier(called) && SUITE_CALLS.has(called.text);
}

function spanOf(source: ts.SourceFile, node: ts.Node): number {
  return lineOf(source, node.getEnd()) - lineOf(source, node.getStart(source)) + 1;
}

function lineOf(source: ts.SourceFile, position: number): number {
  return source.getLineAndCharacterOfPosition(position).line;
}

function countLines(text: string): number {
  const lines = text.split('\n').length;
  return text.endsWith('\n') ? lines - 1 : lines;
}
