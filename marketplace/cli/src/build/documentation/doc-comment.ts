import { type DocNode, TSDocParser } from '@microsoft/tsdoc';
import { DEFAULT_DEPRECATION_REASON } from 'graphql';
import { markdownOf } from './markdown.js';

/** What a TSDoc comment says, as Markdown; what it does not say is absent. */
export interface DocComment {
  /** Summary and remarks. */
  readonly description?: string;
  /** By the names of parameters. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly returns?: string;
  /** Why it should not be used any more. */
  readonly deprecated?: string;
  /** It is not meant for readers of the graph, so it says nothing else here. */
  readonly internal: boolean;
}

const parser = new TSDocParser();

const silent = { parameters: new Map<string, string>(), internal: false };

const textOf = (node: DocNode | undefined): string | undefined => (node && markdownOf(node)) || undefined;

/**
 * Reads a comment.
 * @param comment - from its opening to its closing; none says nothing.
 */
export function readDocComment(comment: string | undefined): DocComment {
  if (comment === undefined) return silent;
  const { docComment } = parser.parseString(comment);
  const { summarySection, remarksBlock, params, returnsBlock, deprecatedBlock, modifierTagSet } = docComment;
  if (modifierTagSet.isInternal()) return { ...silent, internal: true };
  const paragraphs = [textOf(summarySection), textOf(remarksBlock?.content)];
  const parameters = params.blocks.flatMap(({ parameterName, content }): [string, string][] => {
    const text = textOf(content);
    return text === undefined ? [] : [[parameterName, text]];
  });
  const description = paragraphs.filter((text) => text !== undefined).join('\n\n') || undefined;
  const returns = textOf(returnsBlock?.content);
  const deprecated = deprecatedBlock && (textOf(deprecatedBlock.content) ?? DEFAULT_DEPRECATION_REASON);
  return {
    ...(description !== undefined && { description }),
    parameters: new Map(parameters),
    ...(returns !== undefined && { returns }),
    ...(deprecated !== undefined && { deprecated }),
    internal: false,
  };
}
