import { type Member } from '../consortium.js';
import { group, scenario } from '../scenario.js';

const five = ['page1', 'a', 'page2', 'b', 'page3', 'c', 'page4', 'd', 'page5', 'e'] as const;

async function inPages(member: Member, size: number): Promise<unknown[]> {
  await member.submit('put', ...five);
  const pages: unknown[] = [];
  let bookmark = '';
  do {
    const page = (await member.ask('rangePage', 'page1', 'page9', String(size), bookmark)) as {
      bookmark: string;
    };
    pages.push(page);
    bookmark = page.bookmark;
  } while (bookmark !== '');
  return pages;
}

const composite = (...parts: string[]) => ['\u0000tool', ...parts, ''].join('\u0000');

async function composites(member: Member): Promise<void> {
  await member.submit('putComposite', 'tool', '1', 'a', 'x');
  await member.submit('putComposite', 'tool', '2', 'a', 'y');
  await member.submit('putComposite', 'tool', '3', 'b', 'x');
}

export const queries = group('queries', [
  scenario(
    'a range has its start and not its end, in the order of UTF-8 bytes',
    async ({ hospital }) => {
      await hospital.submit(
        'put',
        'ra',
        '1',
        'rb',
        '2',
        'rB',
        '3',
        'ré',
        '5',
        'r\u{1f600}',
        '6',
        'r\uffee',
        '7',
      );
      return [
        ((await hospital.ask('range', 'r', 's')) as string[][]).map(([key]) => key),
        await hospital.ask('range', 'rb', 'rc'),
        await hospital.ask('range', 'rc', 'rb'),
        await hospital.ask('range', 'rb', 'rb'),
      ];
    },
    [['rB', 'ra', 'rb', 'ré', 'r\uffee', 'r\u{1f600}'], [['rb', '2']], [], []],
  ),
  scenario(
    'a range without an end goes to the last key, and has no composite keys',
    async ({ hospital }) => {
      await composites(hospital);
      await hospital.submit('put', 'zz1', '1', 'zz2', '2');
      const all = (await hospital.ask('range', '', '')) as string[][];
      return [await hospital.ask('range', 'zz1', ''), all.filter(([key]) => key?.startsWith('\u0000'))];
    },
    [
      [
        ['zz1', '1'],
        ['zz2', '2'],
      ],
      [],
    ],
  ),
  scenario(
    'a range of 250 keys arrives whole',
    async ({ hospital }) => {
      const keys = Array.from({ length: 250 }, (_, number) => `long${String(number).padStart(3, '0')}`);
      await hospital.submit('put', ...keys.flatMap((key) => [key, 'v']));
      const rows = (await hospital.ask('range', 'long', 'lonh')) as string[][];
      return [rows.length, rows[0], rows[249]];
    },
    [250, ['long000', 'v'], ['long249', 'v']],
  ),
  scenario(
    'a page ends where its bookmark says that the next begins',
    async ({ hospital }) => inPages(hospital, 2),
    [
      {
        rows: [
          ['page1', 'a'],
          ['page2', 'b'],
        ],
        fetched: 2,
        bookmark: 'page3',
      },
      {
        rows: [
          ['page3', 'c'],
          ['page4', 'd'],
        ],
        fetched: 2,
        bookmark: 'page5',
      },
      { rows: [['page5', 'e']], fetched: 1, bookmark: '' },
    ],
  ),
  scenario(
    'a page that the range fits into exactly is the last',
    async ({ hospital }) => (await inPages(hospital, 5)).length,
    1,
  ),
  scenario(
    'a page may be read in a transaction that is submitted',
    async ({ hospital }) => {
      await hospital.submit('put', ...five);
      return JSON.parse(await hospital.submit('rangePage', 'page1', 'page9', '2', '')) as unknown;
    },
    {
      rows: [
        ['page1', 'a'],
        ['page2', 'b'],
      ],
      fetched: 2,
      bookmark: 'page3',
    },
  ),
  scenario(
    'composite keys are found by their first parts, whole parts only',
    async ({ hospital }) => {
      await composites(hospital);
      const values = async (...parts: string[]) =>
        ((await hospital.ask('composite', ...parts)) as string[][]).map(([, value]) => value);
      return [
        await values('tool', 'a'),
        await values('tool'),
        await values('tool', 'a', 'x'),
        await values('too'),
      ];
    },
    [['1', '2'], ['1', '2', '3'], ['1'], []],
  ),
  scenario(
    'composite keys come in pages, too',
    async ({ hospital }) => {
      await composites(hospital);
      return hospital.ask('compositePage', 'tool', '2', '');
    },
    {
      rows: [
        [composite('a', 'x'), '1'],
        [composite('a', 'y'), '2'],
      ],
      fetched: 2,
      bookmark: composite('b', 'x'),
    },
  ),
  scenario(
    'a history goes back from the newest, deletions included',
    async ({ hospital }) => {
      await hospital.submit('put', 'past', 'a');
      await hospital.submit('put', 'past', 'b');
      await hospital.submit('del', 'past');
      await hospital.submit('put', 'past', 'c');
      return [await hospital.ask('history', 'past'), await hospital.ask('history', 'no such key')];
    },
    [
      [
        ['c', false],
        ['', true],
        ['b', false],
        ['a', false],
      ],
      [],
    ],
  ),
]);
