/**
 * Runs `tasks` at the same time, each with a signal, and gives their results. The first failure stops the others by that
 * signal, and is thrown once all of them are over.
 */
export async function together(signal, tasks) {
  const failure = new AbortController();
  const stop = AbortSignal.any([failure.signal, ...(signal ? [signal] : [])]);
  const attempts = tasks.map(async (task) => {
    try {
      return await task(stop);
    } catch (error) {
      failure.abort(error);
      throw error;
    }
  });
  const results = await Promise.allSettled(attempts);
  failure.signal.throwIfAborted();
  return results.map((result) => result.value);
}
