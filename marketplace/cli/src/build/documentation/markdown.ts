import {
  DocCodeSpan,
  DocErrorText,
  DocEscapedText,
  DocFencedCode,
  DocHtmlEndTag,
  DocHtmlStartTag,
  DocInlineTag,
  DocLinkTag,
  type DocNode,
  DocBlockTag,
  DocParagraph,
  DocPlainText,
  DocSoftBreak,
} from '@microsoft/tsdoc';

/** What Markdown begins a line of its own with: an item, a heading, a quotation, a row of a table. */
const ownLine = /\n(?! *(?:[-*+]|\d{1,9}[.)]|#{1,6}|>|\|) ) */g;
const isAddress = /^https?:\/\//;

/**
 * Part of a doc comment as Markdown, which descriptions in a graph are: a line break in a sentence is a space, a link leads to an
 * address or is the name of what it refers to.
 */
export const markdownOf = (node: DocNode): string => written(node).trim();

function written(node: DocNode): string {
  if (node instanceof DocPlainText || node instanceof DocErrorText) return node.text;
  if (node instanceof DocEscapedText) return node.decodedText;
  if (node instanceof DocSoftBreak) return '\n';
  if (node instanceof DocCodeSpan) return `\`${node.code}\``;
  if (node instanceof DocFencedCode) return `\`\`\`${node.language}\n${node.code}\`\`\`\n\n`;
  if (node instanceof DocHtmlStartTag || node instanceof DocHtmlEndTag) return node.emitAsHtml();
  if (node instanceof DocLinkTag) return link(node);
  if (node instanceof DocInlineTag) return node.tagContent.trim();
  if (node instanceof DocBlockTag) return node.tagName;
  const inside = node.getChildNodes().map(written).join('');
  return node instanceof DocParagraph ? paragraph(inside) : inside;
}

function paragraph(text: string): string {
  const lines = text
    .replace(/[^\S\n]+$/gm, '')
    .replace(ownLine, ' ')
    .trim();
  return lines === '' ? '' : `${lines}\n\n`;
}

function link({ codeDestination, urlDestination, linkText }: DocLinkTag): string {
  const text = linkText?.replace(/\s+/g, ' ').trim();
  if (urlDestination !== undefined && isAddress.test(urlDestination))
    return text ? `[${text}](${urlDestination})` : `<${urlDestination}>`;
  if (text) return text;
  return codeDestination ? `\`${codeDestination.emitAsTsdoc()}\`` : (urlDestination ?? '');
}
