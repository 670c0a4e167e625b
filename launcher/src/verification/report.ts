import { CommandError } from '../errors.js';
import { type Verification } from './verify-data-folder.js';

/** Prints a line for everything that was checked. */
export function print({ ledger, readModels, files }: Verification): void {
  for (const result of ledger) {
    const counted = [`${result.blocks} blocks`];
    if ('transactions' in result) {
      counted.push(`${result.transactions} transactions`, `${result.signatures} signatures`);
    }
    console.log(
      `${result.broken ? '✗' : '✓'} ${result.channel.padEnd(20)} ${result.broken?.reason ?? counted.join(', ')}`,
    );
  }
  for (const { subgraph, documents, broken } of readModels ?? []) {
    const name = `read models ${subgraph}`.padEnd(20);
    console.log(`${broken === undefined ? '✓' : '✗'} ${name} ${broken ?? `${documents} documents`}`);
  }
  if (!files) return;
  console.log(
    `${files.findings.length === 0 ? '✓' : '✗'} ${'files'.padEnd(20)} ${files.files} files, ${files.bytes} bytes`,
  );
  for (const { id, problem } of files.findings) console.log(`  ${problem.padEnd(8)} ${id}`);
}

/** @throws {@link CommandError} `LEDGER_BROKEN`, `READ_MODELS_BROKEN`, `FILES_TAMPERED` with the first thing that is wrong. */
export function requireRight({ ledger, readModels, files }: Verification): void {
  for (const { channel, broken } of ledger) {
    if (!broken) continue;
    const where = broken.block === undefined ? channel : `${channel}, block ${broken.block}`;
    throw new CommandError('LEDGER_BROKEN', `${where}: ${broken.reason}`);
  }
  for (const { subgraph, broken } of readModels ?? []) {
    if (broken !== undefined) throw new CommandError('READ_MODELS_BROKEN', `${subgraph}: ${broken}`);
  }
  const [first] = files?.findings ?? [];
  if (first)
    throw new CommandError(
      'FILES_TAMPERED',
      `${files?.findings.length ?? 0} stored files are not the ledger's; the first, ${first.id}, is ${first.problem}`,
    );
}
