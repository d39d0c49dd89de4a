const PART_WIDTH = 13;
const INTERRUPTED_EXIT_CODE = 130;

/** One line of progress: the part it is about, and what happened. */
export function log(part, text) {
  console.log(`${part.padEnd(PART_WIDTH)}${text}`);
}

/**
 * Runs a script: `work({log, signal})` to its end, with `signal` aborted by Ctrl-C or SIGTERM, so that whatever it
 * started is stopped before the process ends. A failure is one message and exit code 1, an interruption 130, and a
 * number that `work` gives is the exit code.
 */
export async function main(work) {
  const interrupt = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(name, () => interrupt.abort(new Error(`stopped by ${name}`)));
  }
  try {
    process.exitCode = (await work({ log, signal: interrupt.signal })) ?? 0;
  } catch (error) {
    console.error(interrupt.signal.aborted ? interrupt.signal.reason.message : error.message);
    process.exitCode = interrupt.signal.aborted ? INTERRUPTED_EXIT_CODE : 1;
  }
}
