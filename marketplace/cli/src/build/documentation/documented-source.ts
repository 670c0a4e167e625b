/** Puts what comments say into the decorators below them, so that contracts carry it in their metadata. */
import MagicString from 'magic-string';
import ts from 'typescript';
import { type DocComment, readDocComment } from './doc-comment.js';
import { type Decorated, decoratedIn, type DecoratorName, type KitDecorator } from './kit-decorators.js';

/** A source with its documentation, on the same lines as before. */
export interface DocumentedSource {
  readonly text: string;
  /** Source map to what was written, as JSON. */
  readonly map: () => string;
}

/** Something that nobody would understand in the graph. */
export interface DocumentationProblem {
  readonly text: string;
  /** From 1. */
  readonly line: number;
  /** From 0. */
  readonly column: number;
}

/** Longest comment that is read, and longest text that a graph shows; in characters. */
const longest = { comment: 20_000, text: 1_000 } as const;

/** What a comment has to say to a decorator. */
interface Said {
  readonly description?: string | undefined;
  readonly deprecated?: string | undefined;
}

interface DecoratorKind {
  /** Which argument the description is. */
  readonly at: number;
  /** Rules may stand in the place of the description or behind it. */
  readonly rules: boolean;
  /** Without a description, the graph says nothing of it. */
  readonly required: boolean;
  readonly said: (comment: DocComment, parameter: string | undefined) => Said;
  /** How a description is written without a comment. */
  readonly instead: string;
  readonly above: string;
}

const above = 'a comment /** … */ above it';

/** Of what a graph cannot mark as deprecated, its description says it. */
const withNotice = ({ description, deprecated }: DocComment): Said => ({
  description:
    description === undefined || deprecated === undefined
      ? description
      : `${description}\n\nDeprecated: ${deprecated}`,
});

const kinds: Readonly<Record<DecoratorName, DecoratorKind>> = {
  ContractInfo: {
    at: 0,
    rules: true,
    required: true,
    said: withNotice,
    instead: "@ContractInfo('…')",
    above,
  },
  DataType: { at: 0, rules: false, required: true, said: withNotice, instead: "@DataType('…')", above },
  Property: {
    at: 0,
    rules: true,
    required: true,
    said: (comment) => comment,
    instead: "@Property('…')",
    above,
  },
  Transaction: {
    at: 0,
    rules: true,
    required: true,
    said: (comment) => comment,
    instead: "@Transaction('…')",
    above,
  },
  Evaluation: {
    at: 0,
    rules: true,
    required: true,
    // What it answers is all that there is to say of a question.
    said: ({ description, returns, deprecated }) => ({ description: description ?? returns, deprecated }),
    instead: "@Evaluation('…')",
    above,
  },
  Returns: {
    at: 1,
    rules: false,
    required: false,
    said: ({ description, returns }) => ({ description: description === undefined ? undefined : returns }),
    instead: "@Returns(…, '…')",
    above,
  },
  Param: {
    at: 1,
    rules: true,
    required: true,
    said: ({ parameters }, parameter = '') => ({ description: parameters.get(parameter) }),
    instead: "@Param(…, '…')",
    above: '@param in the comment above the transaction',
  },
};

/**
 * Documents a source.
 * @param file - its path, for the source map.
 * @returns what lacks a description, or has too long a one, instead, if there is any.
 */
export function documentSource(
  file: string,
  text: string,
): DocumentedSource | { readonly problems: readonly DocumentationProblem[] } {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022);
  const documentation = new Documentation(source);
  for (const decorated of decoratedIn(source)) documentation.add(decorated);
  return documentation.result;
}

class Documentation {
  readonly #source: ts.SourceFile;
  readonly #edited: MagicString;
  readonly #problems: DocumentationProblem[] = [];

  constructor(source: ts.SourceFile) {
    this.#source = source;
    this.#edited = new MagicString(source.text);
  }

  get result(): DocumentedSource | { readonly problems: readonly DocumentationProblem[] } {
    if (this.#problems.length > 0) return { problems: this.#problems };
    const { fileName: source } = this.#source;
    return {
      text: this.#edited.toString(),
      map: () => this.#edited.generateMap({ source, includeContent: true, hires: 'boundary' }).toString(),
    };
  }

  add({ name, comment, decorators }: Decorated): void {
    const length = comment ? comment.end - comment.pos : 0;
    if (comment && length > longest.comment) {
      const text = `the comment above ${name} has ${length} characters; ${longest.comment} at most`;
      this.#problem(comment.pos, text);
      return;
    }
    const doc = readDocComment(comment && this.#source.text.slice(comment.pos, comment.end));
    for (const decorator of decorators) this.#document(name, doc, decorator);
  }

  #document(of: string, doc: DocComment, { name, call, parameter }: KitDecorator): void {
    const kind = kinds[name];
    const { description, deprecated } = kind.said(doc, parameter);
    const told = call.arguments.slice(kind.at).map((argument) => this.#standsFor(argument, kind));
    const start = call.getStart(this.#source);
    const what = parameter === undefined ? of : `${of}, ${parameter}`;
    for (const text of [description, deprecated])
      if (text !== undefined && text.length > longest.text)
        this.#problem(
          start,
          `what the comment says of ${what} has ${text.length} characters; ${longest.text} at most: the rest may be in @privateRemarks`,
        );
    if (kind.required && description === undefined && !told.some((each) => each !== 'rules')) {
      const why = doc.internal
        ? 'has a comment that is @internal, and no other description'
        : 'has no description';
      this.#problem(start, `${what} ${why}: write ${kind.above}, or ${kind.instead}`);
    }
    const added = [
      ...(description === undefined || told.includes('text') ? [] : [literal(description)]),
      ...(deprecated === undefined ? [] : [`{ deprecated: ${literal(deprecated)} }`]),
    ];
    if (added.length > 0) this.#insert(call, kind.at, added.join(', '));
  }

  /** Puts arguments before the one at an index, or behind the last. */
  #insert(call: ts.CallExpression, index: number, added: string): void {
    const next = call.arguments[index];
    const last = call.arguments.at(-1);
    if (next) this.#edited.appendLeft(next.getStart(this.#source), `${added}, `);
    else if (last) this.#edited.appendLeft(last.end, `, ${added}`);
    else this.#edited.appendLeft(call.arguments.pos, added);
  }

  /** What is written in the place of a description; what is neither plain is known when it runs. */
  #standsFor(argument: ts.Expression, { rules }: DecoratorKind): 'text' | 'rules' | 'unknown' {
    if (!rules || ts.isStringLiteralLike(argument) || ts.isTemplateExpression(argument)) return 'text';
    return ts.isObjectLiteralExpression(unwrapped(this.#valueOf(argument))) ? 'rules' : 'unknown';
  }

  /** What a constant of this source is set to. */
  #valueOf(argument: ts.Expression): ts.Expression {
    if (!ts.isIdentifier(argument)) return argument;
    const declared = this.#source.statements
      .filter(ts.isVariableStatement)
      .flatMap(({ declarationList }) => declarationList.declarations)
      .find(({ name }) => ts.isIdentifier(name) && name.text === argument.text);
    return declared?.initializer ?? argument;
  }

  #problem(position: number, text: string): void {
    const { line, character } = this.#source.getLineAndCharacterOfPosition(position);
    this.#problems.push({ text, line: line + 1, column: character });
  }
}

/** Without what only TypeScript reads: `as const`, `satisfies …`, brackets. */
function unwrapped(expression: ts.Expression): ts.Expression {
  const outer =
    ts.isAsExpression(expression) ||
    ts.isSatisfiesExpression(expression) ||
    ts.isParenthesizedExpression(expression);
  return outer ? unwrapped(expression.expression) : expression;
}

/** Text as a literal on one line. */
const literal = (text: string): string =>
  JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
