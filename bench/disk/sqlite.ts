import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';

/** What an SQLite database takes. */
export interface SqliteSize {
  /** Of the database with what is only in its write-ahead log yet. */
  bytes: number;
  /** Of these, pages that hold nothing and are filled before it grows. */
  freeBytes: number;
  /** The log's own file: it stays as long as it ever was. */
  logBytes: number;
}

/** Offsets in the first page (https://www.sqlite.org/fileformat.html, 1.3), numbers big-endian. */
const HEADER_BYTES = 100;
const PAGE_SIZE_AT = 16;
const PAGE_SIZE_MAX = 65_536;
const PAGES_AT = 28;
const FREE_PAGES_AT = 36;
/** In the log (4.1): the header, the head of each frame, and the salts that both share while a frame counts. */
const LOG_HEADER_BYTES = 32;
const FRAME_HEAD_BYTES = 24;
const LOG_SALTS_AT = 16;
const FRAME_SALTS_AT = 8;
const SALTS_BYTES = 8;

/** Reads it while others write: what they had committed, to the page, if nothing is committed meanwhile. */
export function readSqliteSize(file: string): SqliteSize {
  const header = readStart(file, HEADER_BYTES);
  const size = header.readUInt16BE(PAGE_SIZE_AT);
  const pageSize = size === 1 ? PAGE_SIZE_MAX : size;
  const log = existsSync(`${file}-wal`) ? readFileSync(`${file}-wal`) : Buffer.alloc(0);
  const committed = readLog(log, pageSize);
  const pages = committed.pages ?? header.readUInt32BE(PAGES_AT);
  const freePages = (committed.firstPage ?? header).readUInt32BE(FREE_PAGES_AT);
  return { bytes: pages * pageSize, freeBytes: freePages * pageSize, logBytes: log.length };
}

/** The database's length in pages and its first page, where the log has them newer than the file. */
function readLog(log: Buffer, pageSize: number): { pages?: number; firstPage?: Buffer } {
  const salts = log.subarray(LOG_SALTS_AT, LOG_SALTS_AT + SALTS_BYTES);
  const found: { pages?: number; firstPage?: Buffer } = {};
  let firstPage: Buffer | undefined;
  const frameBytes = FRAME_HEAD_BYTES + pageSize;
  for (let at = LOG_HEADER_BYTES; at + frameBytes <= log.length; at += frameBytes) {
    const frame = log.subarray(at, at + frameBytes);
    // What is left of the time before the log began anew.
    if (!frame.subarray(FRAME_SALTS_AT, FRAME_SALTS_AT + SALTS_BYTES).equals(salts)) break;
    if (frame.readUInt32BE(0) === 1) firstPage = frame.subarray(FRAME_HEAD_BYTES);
    const pages = frame.readUInt32BE(4);
    // Only the last frame of a transaction has it.
    if (pages > 0) Object.assign(found, { pages, ...(firstPage && { firstPage }) });
  }
  return found;
}

function readStart(file: string, bytes: number): Buffer {
  const start = Buffer.alloc(bytes);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, start, 0, bytes, 0);
  } finally {
    closeSync(descriptor);
  }
  return start;
}
