// Compiles every workspace's src to dist with swc; unchanged files are skipped, files whose source is gone are removed.
import { transformFile } from '@swc/core';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Folders of the workspaces, from the patterns in package.json. */
export async function workspaces() {
  const { workspaces: patterns } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const folders = [];
  for (const pattern of patterns) {
    if (!pattern.endsWith('/*')) folders.push(pattern);
    else {
      const parent = pattern.slice(0, -2);
      const entries = await readdir(path.join(root, parent), { withFileTypes: true }).catch(() => []);
      for (const entry of entries) {
        const folder = path.join(parent, entry.name);
        if (entry.isDirectory() && existsSync(path.join(root, folder, 'package.json'))) folders.push(folder);
      }
    }
  }
  return folders;
}

async function filesBelow(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}

const outputOf = (file) => file.replace(/\.ts$/, '.js');
const isSource = (file) => file.endsWith('.ts') && !file.endsWith('.d.ts');

async function modified(file) {
  const found = await stat(file).catch(() => undefined);
  return found?.mtimeMs;
}

async function compile(source, target, settings) {
  if ((await modified(target)) > Math.max(await modified(source), settings)) return false;
  const { code, map } = await transformFile(source, {
    swcrc: true,
    root,
    filename: source,
    sourceFileName: source,
  });
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, `${code}\n//# sourceMappingURL=${path.basename(target)}.map\n`);
  await writeFile(`${target}.map`, map);
  return true;
}

export async function build() {
  const settings = await modified(path.join(root, '.swcrc'));
  const jobs = [];
  for (const folder of await workspaces()) {
    const src = path.join(root, folder, 'src');
    const dist = path.join(root, folder, 'dist');
    const sources = (await filesBelow(src)).filter(isSource);
    const wanted = new Set(sources.map(outputOf).flatMap((file) => [file, `${file}.map`]));
    for (const file of await filesBelow(dist)) if (!wanted.has(file)) await rm(path.join(dist, file));
    for (const file of sources) jobs.push([path.join(src, file), path.join(dist, outputOf(file))]);
  }
  let compiled = 0;
  const worker = async () => {
    for (let job = jobs.pop(); job; job = jobs.pop()) if (await compile(...job, settings)) compiled += 1;
  };
  await Promise.all(Array.from({ length: availableParallelism() * 2 }, worker));
  return compiled;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const compiled = await build();
  console.log(compiled === 0 ? 'build: up to date' : `build: ${compiled} files compiled`);
}
