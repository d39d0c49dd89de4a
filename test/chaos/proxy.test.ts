import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { startProxy, type Proxy } from '../../chaos/proxy';

let echo: Server;
let proxy: Proxy;
let client: Socket;

beforeEach(async () => {
  echo = createServer((socket) => void socket.on('error', () => undefined).pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await startProxy(`127.0.0.1:${(echo.address() as AddressInfo).port}`);
  client = await open();
});
afterEach(async () => {
  client.destroy();
  await proxy.stop();
  echo.close();
  await once(echo, 'close');
});

async function open(): Promise<Socket> {
  const { hostname, port } = new URL(`tcp://${proxy.address}`);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  return socket;
}

async function echoed(text: string): Promise<string> {
  client.write(text);
  let got = '';
  while (got.length < text.length) got += String((await once(client, 'data'))[0]);
  return got;
}
const connection = () => proxy.open()[0]!;

test('bytes pass unchanged and in order, also slow and late ones', async () => {
  const text = Array.from({ length: 500 }, (_, index) => `${index} `).join('');
  expect(await echoed(text)).toBe(text);
  connection().slow(0, 10_000);
  connection().delay(1, 50);
  const startedMs = performance.now();
  expect(await echoed(text)).toBe(text);
  expect(performance.now() - startedMs).toBeGreaterThan(45);
});

test('a reset reaches the client', async () => {
  await echoed('there');
  const failed = once(client, 'error');
  connection().reset();
  expect(await failed).toMatchObject([{ code: 'ECONNRESET' }]);
});

test('nobody is told of a connection that is half open, until it is mended', async () => {
  await echoed('there');
  const heard = jest.fn();
  for (const event of ['data', 'end', 'close', 'error'] as const) client.on(event, heard);
  connection().vanish([1], 60_000);
  client.write('lost');
  client = await open();
  const { length } = proxy.open();
  expect(length).toBe(2);
  expect(await echoed('on another one')).toBe('on another one');
  expect(heard).not.toHaveBeenCalled();
  proxy.mend();
  expect(await echoed('still good')).toBe('still good');
});

test('as a server that has ended, it resets what comes, and then takes it again', async () => {
  await echoed('there');
  const failed = once(client, 'error');
  proxy.refuse(60_000);
  await failed;
  // The reset may come with the connection or right after it.
  const refusal = async () => once(await open(), 'error').then(([error]: Error[]) => error);
  expect(await refusal().catch((error: Error) => error)).toMatchObject({ code: 'ECONNRESET' });
  expect(proxy.open()).toEqual([]);
  proxy.mend();
  client = await open();
  expect(await echoed('again')).toBe('again');
});
