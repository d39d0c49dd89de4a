import { readEvents, type ServerEvent } from '../../web/src/api/events';

/** What the pages read from a stream that comes in these pieces. */
async function eventsIn(...pieces: string[]): Promise<ServerEvent[]> {
  const encoded = pieces.map((piece) => new TextEncoder().encode(piece));
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => {
      for (const piece of encoded) controller.enqueue(piece);
      controller.close();
    },
  });
  const events: ServerEvent[] = [];
  for await (const event of readEvents(body)) events.push(event);
  return events;
}

test('an event has a name, data and an id, wherever the network cuts it', async () => {
  const whole = 'event: seats\nid: a1\ndata: {"free":3}\n\nevent: changes\ndata: {}\n\n';
  const expected = [
    { name: 'seats', data: '{"free":3}', id: 'a1', retryMs: undefined },
    { name: 'changes', data: '{}', id: undefined, retryMs: undefined },
  ];
  for (let cut = 1; cut < whole.length; cut += 1) {
    expect(await eventsIn(whole.slice(0, cut), whole.slice(cut))).toEqual(expected);
  }
});

test('heartbeats are nothing, and a time to come back is no event of its own', async () => {
  expect(await eventsIn(':\n\n', 'retry: 1500\n\n', 'data: x\n\n')).toEqual([
    { name: 'message', data: '', id: undefined, retryMs: undefined },
    { name: 'message', data: '', id: undefined, retryMs: 1_500 },
    { name: 'message', data: 'x', id: undefined, retryMs: undefined },
  ]);
});

test('data of several lines is one text, and an event without its end is not delivered', async () => {
  expect((await eventsIn('data: one\r\ndata: two\r\n\r\ndata: cut off')).map(({ data }) => data)).toEqual(['one\ntwo']);
});
