/** What the server says before anybody is signed in. */
export interface WebConfig {
  authMode: 'dev' | 'jwks';
  issuer: string | null;
  clientId: string | null;
  audience: string | null;
  currency: string;
  maxTickets: number;
}

export async function readWebConfig(): Promise<WebConfig> {
  const response = await fetch('/web-config.json');
  if (!response.ok) throw new Error(`web-config.json: ${response.status}`);
  return (await response.json()) as WebConfig;
}
