import * as oauth from 'oauth4webapi';
import type { WebConfig } from '../api/web-config';
import type { Session } from './session';

/** What has to outlive the way to the identity provider and back, in this tab only. */
interface Pending {
  verifier: string;
  state: string;
  returnTo: string;
}

const STORED = 'frontrow.sign-in';
const RETURN_PATH = '/signed-in';
/** Where a provider does not say how long its token lasts. */
const LIFE_SECONDS_DEFAULT = 3_600;
const SCOPE = 'openid';

/** Sends the browser to the identity provider: authorization code with PKCE (RFC 7636), as OAuth 2.1 wants it of pages. */
export async function startSignIn(config: WebConfig): Promise<void> {
  const { server, client } = await discover(config);
  const pending: Pending = {
    verifier: oauth.generateRandomCodeVerifier(),
    state: oauth.generateRandomState(),
    // Not to where an answer is expected: whoever cancelled and tries again would wait there.
    returnTo: location.pathname === RETURN_PATH ? '/' : location.pathname + location.search,
  };
  sessionStorage.setItem(STORED, JSON.stringify(pending));
  const address = new URL(server.authorization_endpoint!);
  address.search = new URLSearchParams({
    ...Object.fromEntries(address.searchParams),
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: redirectUri(),
    scope: SCOPE,
    state: pending.state,
    code_challenge: await oauth.calculatePKCECodeChallenge(pending.verifier),
    code_challenge_method: 'S256',
    // Providers have two words for whom the token is meant.
    ...(config.audience ? { audience: config.audience, resource: config.audience } : {}),
  }).toString();
  location.assign(address);
}

/** Turns the provider's answer in the address into a session; `undefined` where it is not an answer to our question. */
export async function finishSignIn(config: WebConfig): Promise<{ session: Session; returnTo: string } | undefined> {
  const stored = sessionStorage.getItem(STORED);
  sessionStorage.removeItem(STORED);
  if (!stored) return undefined;
  const { verifier, state, returnTo } = JSON.parse(stored) as Pending;
  try {
    const { server, client } = await discover(config);
    const answer = oauth.validateAuthResponse(server, client, new URL(location.href), state);
    const reply = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.None(),
      answer,
      redirectUri(),
      verifier,
      insecureOnThisMachine(config),
    );
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, reply);
    const lifeMs = (tokens.expires_in ?? LIFE_SECONDS_DEFAULT) * 1_000;
    const expiresAt = new Date(Date.now() + lifeMs).toISOString();
    return { session: { accessToken: tokens.access_token, expiresAt }, returnTo };
  } catch {
    return undefined; // the provider's words would help nobody who reads the page
  }
}

const redirectUri = (): string => location.origin + RETURN_PATH;

async function discover(config: WebConfig) {
  const issuer = new URL(config.issuer!);
  const response = await oauth.discoveryRequest(issuer, insecureOnThisMachine(config));
  const server = await oauth.processDiscoveryResponse(issuer, response);
  if (!server.authorization_endpoint) throw new Error('the identity provider names no authorization endpoint');
  return { server, client: { client_id: config.clientId! } satisfies oauth.Client };
}

/** Plain http is for a provider on one's own machine only. */
function insecureOnThisMachine({ issuer }: WebConfig) {
  const { protocol, hostname } = new URL(issuer!);
  return { [oauth.allowInsecureRequests]: protocol === 'http:' && ['localhost', '127.0.0.1'].includes(hostname) };
}
