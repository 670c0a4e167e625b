/** Finds the decorators of the kit in a source, whatever names it gives them. */
import ts from 'typescript';
import { kit } from './kit.js';

export const decoratorNames = [
  'ContractInfo',
  'DataType',
  'Evaluation',
  'Param',
  'Property',
  'Returns',
  'Transaction',
] as const;
export type DecoratorName = (typeof decoratorNames)[number];

/** A decorator of the kit. */
export interface KitDecorator {
  readonly name: DecoratorName;
  readonly call: ts.CallExpression;
  /** Name of the parameter that it stands on, as the method has it. */
  readonly parameter?: string;
}

/** A class, or a member of one, that decorators of the kit stand on: on its parameters, too. */
export interface Decorated {
  /** `Slots`, `Slots.book`. */
  readonly name: string;
  /** Where the doc comment above stands in the source. */
  readonly comment?: ts.TextRange;
  readonly decorators: readonly KitDecorator[];
}

/** Everything that decorators of the kit stand on, in its order. */
export function decoratedIn(source: ts.SourceFile): Decorated[] {
  const nameOf = kitNames(source);
  const found: Decorated[] = [];
  const decoratorsOf = (node: ts.Node): KitDecorator[] =>
    (ts.canHaveDecorators(node) ? (ts.getDecorators(node) ?? []) : []).flatMap(({ expression }) => {
      if (!ts.isCallExpression(expression)) return [];
      const name = nameOf(expression.expression);
      return name === undefined ? [] : [{ name, call: expression }];
    });
  const parametersOf = (member: ts.ClassElement): KitDecorator[] =>
    ts.isMethodDeclaration(member)
      ? member.parameters.flatMap((parameter) => {
          const called = ts.isIdentifier(parameter.name) ? { parameter: parameter.name.text } : {};
          return decoratorsOf(parameter).map((decorator) => ({ ...decorator, ...called }));
        })
      : [];
  const add = (node: ts.Node, name: string, decorators: readonly KitDecorator[]): void => {
    if (decorators.length > 0) found.push({ name, comment: commentAbove(source, node), decorators });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isClassDeclaration(node)) {
      const name = node.name?.text ?? 'default';
      add(node, name, decoratorsOf(node));
      for (const member of node.members)
        add(member, `${name}.${member.name?.getText(source) ?? ''}`, [
          ...decoratorsOf(member),
          ...parametersOf(member),
        ]);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The doc comment that is next to a declaration, above its decorators. */
function commentAbove({ text }: ts.SourceFile, node: ts.Node): ts.TextRange | undefined {
  const ranges = ts.getLeadingCommentRanges(text, node.pos) ?? [];
  return ranges.findLast(({ pos, end }) => text.startsWith('/**', pos) && end - pos > '/**/'.length);
}

/** Tells which decorator of the kit an expression is, by what the source imports: under which name, or all as one. */
function kitNames(source: ts.SourceFile): (expression: ts.Expression) => DecoratorName | undefined {
  const names = new Map<string, string>();
  const spaces = new Set<string>();
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) || !isKit(statement.moduleSpecifier)) continue;
    const bindings = statement.importClause?.namedBindings;
    if (!bindings) continue;
    if (ts.isNamespaceImport(bindings)) spaces.add(bindings.name.text);
    else
      for (const { name, propertyName } of bindings.elements)
        names.set(name.text, (propertyName ?? name).text);
  }
  return (expression) => {
    if (ts.isIdentifier(expression)) return asDecorator(names.get(expression.text));
    const ofSpace =
      ts.isPropertyAccessExpression(expression) &&
      ts.isIdentifier(expression.expression) &&
      spaces.has(expression.expression.text);
    return ofSpace ? asDecorator(expression.name.text) : undefined;
  };
}

const isKit = (specifier: ts.Expression): boolean => ts.isStringLiteral(specifier) && specifier.text === kit;

const asDecorator = (name: string | undefined): DecoratorName | undefined =>
  decoratorNames.find((known) => known === name);
