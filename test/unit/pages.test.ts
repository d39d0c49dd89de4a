import { once } from 'node:events';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import express from 'express';
import { send } from '../support/http';
import { readWebFiles, sendWebFile, type WebFile } from '../../src/api/web-files';

const SCRIPT = 'console.log(1);'.repeat(100);

/** A folder as the build leaves it: each file with its compressed twins. */
function builtFolder(): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'frontrow-pages-'));
  mkdirSync(path.join(dir, 'assets'));
  for (const [name, content] of [
    ['index.html', '<!doctype html>'],
    ['assets/fan-abc.js', SCRIPT],
  ] as const) {
    writeFileSync(path.join(dir, name), content);
    writeFileSync(path.join(dir, `${name}.br`), brotliCompressSync(content));
    writeFileSync(path.join(dir, `${name}.gz`), gzipSync(content));
  }
  return dir;
}

describe('the files of the pages', () => {
  const dir = builtFolder();
  const files = readWebFiles(dir);
  let server: Server;
  const get = (name: string, headers: Record<string, string> = {}) =>
    send(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { method: 'GET', path: `/${name}`, headers });

  beforeAll(async () => {
    const app = express().get('/{*name}', (req, res) => sendWebFile(req, res, files.get(req.path.slice(1)) as WebFile));
    server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
    rmSync(dir, { recursive: true });
  });

  test('are known by their paths, without their compressed twins', () => {
    expect([...files.keys()].sort()).toEqual(['assets/fan-abc.js', 'index.html']);
  });

  test.each([
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['identity', undefined],
    [undefined, undefined],
  ])('to whoever accepts %s go as %s', async (accepted, encoding) => {
    const reply = await get('assets/fan-abc.js', accepted ? { 'accept-encoding': accepted } : {});
    expect(reply.status).toBe(200);
    expect(reply.headers['content-encoding']).toBe(encoding);
    expect(reply.headers['content-type']).toMatch(/^text\/javascript/);
    expect(reply.headers.vary).toBe('Accept-Encoding');
    if (encoding === undefined) expect(reply.text).toBe(SCRIPT);
    else expect(Number(reply.headers['content-length'])).toBeLessThan(SCRIPT.length / 10);
  });

  test('are kept for ever if their name has their hash, and otherwise asked for again at the price of a 304', async () => {
    expect((await get('assets/fan-abc.js')).headers['cache-control']).toBe('public, max-age=31536000, immutable');
    const page = await get('index.html');
    expect(page.headers['cache-control']).toBe('no-cache');
    const again = await get('index.html', { 'if-none-match': String(page.headers.etag) });
    expect([again.status, again.text]).toEqual([304, '']);
  });

  test('are none where nothing was built', () => {
    expect(readWebFiles(path.join(dir, 'nowhere')).size).toBe(0);
  });
});
