const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Markup; whatever text is put into it is escaped. */
export class Html {
  readonly #markup: string;

  constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

export type Fragment = Html | string | number | false | undefined | readonly Fragment[];

function markupOf(fragment: Fragment): string {
  if (fragment === undefined || fragment === false) return '';
  if (fragment instanceof Html) return fragment.toString();
  if (typeof fragment === 'object') return fragment.map(markupOf).join('');
  return String(fragment).replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** Markup from a template: what stands in its holes is text, unless it is markup itself. */
export function html(parts: TemplateStringsArray, ...holes: readonly Fragment[]): Html {
  return new Html(parts.map((part, index) => part + markupOf(holes[index])).join(''));
}
