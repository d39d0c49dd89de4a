import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

const AUDIENCE = 'frontrow-tests';
const CLIENT_ID = 'pages';

/** An identity provider at which everybody is this user, by authorization code with PKCE and in no other way. */
export interface Provider {
  issuer: string;
  /** With which an API process believes it. */
  env: Record<string, string>;
  stop(): Promise<void>;
}

export async function startProvider(userId: number): Promise<Provider> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }] };
  /** Codes that were given out, each with its challenge and where it may be sent from. */
  const codes = new Map<string, { challenge: string; redirectUri: string }>();
  const server = createServer((req, res) => void answer(req, res));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const json = (res: ServerResponse, body: object, status = 200) =>
    res
      .writeHead(status, { 'content-type': 'application/json', 'access-control-allow-origin': '*' })
      .end(JSON.stringify(body));

  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<unknown> => {
    const { pathname, searchParams: asked } = new URL(req.url ?? '/', issuer);
    if (pathname === '/.well-known/openid-configuration') {
      return json(res, {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
        authorization_response_iss_parameter_supported: true,
      });
    }
    if (pathname === '/keys') return json(res, keys);
    if (pathname === '/authorize') {
      if (asked.get('client_id') !== CLIENT_ID || asked.get('code_challenge_method') !== 'S256') {
        return json(res, { error: 'invalid_request' }, 400);
      }
      const code = randomUUID();
      const redirectUri = asked.get('redirect_uri')!;
      codes.set(code, { challenge: asked.get('code_challenge')!, redirectUri });
      const back = new URLSearchParams({ code, state: asked.get('state')!, iss: issuer });
      return res.writeHead(302, { location: `${redirectUri}?${back.toString()}` }).end();
    }
    const sent = new URLSearchParams(await textOf(req));
    const known = codes.get(sent.get('code') ?? '');
    codes.delete(sent.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(sent.get('code_verifier') ?? '')
      .digest('base64url');
    if (known?.challenge !== challenge || known.redirectUri !== sent.get('redirect_uri')) {
      return json(res, { error: 'invalid_grant' }, 400);
    }
    const token = new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid: 'one' }).setSubject(String(userId));
    const accessToken = await token.setIssuer(issuer).setAudience(AUDIENCE).setExpirationTime('1h').sign(privateKey);
    return json(res, { access_token: accessToken, token_type: 'Bearer', expires_in: 3_600 });
  };
  const env = {
    AUTH_MODE: 'jwks',
    AUTH_ISSUER: issuer,
    AUTH_JWKS_URL: `${issuer}/keys`,
    AUTH_AUDIENCE: AUDIENCE,
    AUTH_CLIENT_ID: CLIENT_ID,
  };
  return {
    issuer,
    env,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function textOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
