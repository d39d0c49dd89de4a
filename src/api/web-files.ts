import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { Request, Response } from 'express';
import { matchesEtag } from './etag';

/** A file of the built pages, with its compressed twins. */
export interface WebFile {
  type: string;
  etag: string;
  /** Its name has the hash of its content: it never changes. */
  immutable: boolean;
  encodings: ReadonlyMap<Encoding, Buffer>;
}

/** In the order in which they are preferred: smallest first. */
const ENCODINGS = ['br', 'gzip', 'identity'] as const;
type Encoding = (typeof ENCODINGS)[number];
const SUFFIXES: Record<Encoding, string> = { br: '.br', gzip: '.gz', identity: '' };

/** Vite puts what it names by hash here, and nothing else. */
const HASHED = /^assets\//;

/**
 * The files in `dir` by their path, all in memory: they are few, and nothing that a client asks for becomes a path on
 * the disk. Empty where the pages were not built.
 */
export function readWebFiles(dir: string): ReadonlyMap<string, WebFile> {
  if (!existsSync(dir)) return new Map();
  const names = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(dir, name)).isFile(),
  );
  return new Map(names.filter((name) => !/\.(br|gz)$/.test(name)).map((name) => [name, readWebFile(dir, name)]));
}

function readWebFile(dir: string, name: string): WebFile {
  const encodings = new Map(
    ENCODINGS.filter((encoding) => existsSync(join(dir, name + SUFFIXES[encoding]))).map((encoding) => [
      encoding,
      readFileSync(join(dir, name + SUFFIXES[encoding])),
    ]),
  );
  const hash = createHash('sha256').update(encodings.get('identity')!).digest('base64url');
  return { type: extname(name), etag: `W/"${hash}"`, immutable: HASHED.test(name), encodings };
}

/** Answers with a file: hashed ones are kept for a year, the others asked for again each time, at the price of a 304. */
export function sendWebFile(req: Request, res: Response, file: WebFile): void {
  const cacheControl = file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache';
  res.set({ 'Cache-Control': cacheControl, ETag: file.etag, Vary: 'Accept-Encoding' });
  if (matchesEtag(req.headers['if-none-match'], file.etag)) {
    res.status(304).end();
    return;
  }
  const encoding = ENCODINGS.find((one) => file.encodings.has(one) && req.acceptsEncodings(one)) ?? 'identity';
  if (encoding !== 'identity') res.set('Content-Encoding', encoding);
  res.type(file.type).send(file.encodings.get(encoding));
}
