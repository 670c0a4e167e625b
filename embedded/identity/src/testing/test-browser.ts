interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

/** A page as a browser got it. */
export interface TestPage {
  readonly url: string;
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

interface Form {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

const unescaped = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return value === undefined ? undefined : unescaped(value);
}

function formsOf(text: string): Form[] {
  return [...text.matchAll(/<form([^>]*)>([\s\S]*?)<\/form>/g)].map(([, tag = '', content = '']) => ({
    action: attribute(tag, 'action') ?? '',
    fields: Object.fromEntries(
      [...content.matchAll(/<input([^>]*)>/g)].map(([, input = '']) => [
        attribute(input, 'name') ?? '',
        attribute(input, 'value') ?? '',
      ]),
    ),
  }));
}

/** A browser as far as the pages need one: cookies by path, redirects, forms. It stops before addresses of applications. */
export class TestBrowser {
  readonly #origin: string;
  readonly #language: string;
  #cookies: Cookie[] = [];

  constructor(issuer: string, language = 'en') {
    this.#origin = new URL(issuer).origin;
    this.#language = language;
  }

  async open(address: string): Promise<TestPage> {
    return this.#go(new URL(address, this.#origin), { method: 'GET' });
  }

  /** Sends the form of a page whose action ends so, with these fields beside those that it has. */
  async submit(
    page: TestPage,
    action: string,
    fields: Readonly<Record<string, string>> = {},
  ): Promise<TestPage> {
    const form = formsOf(page.text).find((each) => each.action.endsWith(action));
    if (!form) throw new Error(`No form leads to ${action} on ${page.url}: ${page.text}`);
    return this.post(new URL(form.action, page.url).href, { ...form.fields, ...fields });
  }

  /** Sends fields as a form would, whether or not there is such a form. */
  async post(
    address: string,
    fields: Readonly<Record<string, string>>,
    origin: string = this.#origin,
  ): Promise<TestPage> {
    return this.#go(new URL(address, this.#origin), {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { origin },
    });
  }

  /** What a script of a page would send. */
  async postJson(address: string, body: unknown, origin: string = this.#origin): Promise<TestPage> {
    return this.#go(new URL(address, this.#origin), {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { origin, 'content-type': 'application/json' },
    });
  }

  async #go(url: URL, request: RequestInit): Promise<TestPage> {
    if (url.origin !== this.#origin) return { url: url.href, status: 0, text: '', headers: new Headers() };
    const cookie = this.#cookies
      .filter(({ path }) => url.pathname === path || url.pathname.startsWith(path.replace(/\/?$/, '/')))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
    const answer = await fetch(url, {
      ...request,
      redirect: 'manual',
      headers: new Headers([
        ...new Headers(request.headers),
        ['cookie', cookie],
        ['accept-language', this.#language],
      ]),
    });
    for (const header of answer.headers.getSetCookie()) this.#keep(header);
    const location = answer.headers.get('location');
    if (location !== null) return this.#go(new URL(location, url), { method: 'GET' });
    return { url: url.href, status: answer.status, text: await answer.text(), headers: answer.headers };
  }

  #keep(header: string): void {
    const [pair = '', ...rest] = header.split('; ');
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    const path = rest.find((each) => each.startsWith('path='))?.slice('path='.length) ?? '/';
    this.#cookies = this.#cookies.filter((each) => each.name !== name || each.path !== path);
    if (value !== '') this.#cookies.push({ name, value, path });
  }
}
