import { parseSmartScope } from '@medigraph/schema';
import { filled, type Texts } from './texts/index.js';

/** What a scope lets an application do, in plain words. */
export function scopeInWords(scope: string, texts: Texts): string {
  const smart = parseSmartScope(scope);
  if (smart) {
    const { actions, and, everything } = texts.smart;
    return filled(texts.smart[smart.context], {
      actions: smart.interactions.map((interaction) => actions[interaction]).join(and),
      resources: smart.resourceType === '*' ? everything : smart.resourceType,
    });
  }
  return scope in texts.scopes ? texts.scopes[scope as keyof Texts['scopes']] : scope;
}
