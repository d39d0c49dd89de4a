import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Request, Response } from 'express';
import { matchesEtag } from './etag';
import { beginReply, JSON_TYPE, sendText } from './reply';

/** JSON that is made once and sent to many. */
export interface KeptBody {
  body: Buffer;
  etag: string;
  /** Compressed when first asked for. */
  gzipped(): Promise<Buffer>;
}

/** Less fits into a packet or two anyway. */
const COMPRESSED_BYTES_MIN = 8 * 1024;
/** A list of 8,000 seats becomes a tenth as long in 4 ms, on a thread of its own; more effort would save little. */
const EFFORT = { level: 1 };
const compress = promisify(gzip);

/** `hash`: the same as long as `text` says the same. The tag is weak because it is that of both forms. */
export function keptBody(text: string, hash: string): KeptBody {
  const body = Buffer.from(text);
  let gzipped: Promise<Buffer> | undefined;
  return { body, etag: `W/"${hash}"`, gzipped: () => (gzipped ??= compress(body, EFFORT)) };
}

/** Answers with it; 304 where the client has it already. Clients keep it, and ask again each time. */
export async function sendKept(req: Request, res: Response, kept: KeptBody): Promise<void> {
  const headers = ['ETag', kept.etag, 'Cache-Control', 'private, no-cache', 'Vary', 'Accept-Encoding'];
  if (matchesEtag(req.headers['if-none-match'], kept.etag)) beginReply(res, 304, headers).end();
  else if (kept.body.length < COMPRESSED_BYTES_MIN || req.acceptsEncodings('gzip') !== 'gzip') {
    sendText(res, 200, JSON_TYPE, kept.body, headers);
  } else {
    sendText(res, 200, JSON_TYPE, await kept.gzipped(), [...headers, 'Content-Encoding', 'gzip']);
  }
}
