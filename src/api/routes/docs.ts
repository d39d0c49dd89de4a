import { dirname, join } from 'node:path';
import type { Router } from 'express';
import { sendJson } from '../reply';

/** The only files of the Swagger UI package that the page needs. */
const ASSETS = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];

const PAGE = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Frontrow API</title>
  <link rel="icon" href="/docs/favicon-32x32.png">
  <link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
  <div id="ui"></div>
  <script src="/docs/swagger-ui-bundle.js"></script>
  <script src="/docs/page.js"></script>
</body>
</html>
`;

/** A file of its own: the content security policy allows no inline script. Tokens in replies go into "Authorize". */
const SCRIPT = `const ui = SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#ui',
  deepLinking: true,
  displayRequestDuration: true,
  persistAuthorization: true,
  tryItOutEnabled: true,
  responseInterceptor: (response) => {
    const body = response.ok ? response.body : undefined;
    if (response.url.endsWith('/dev/sessions') && body) {
      ui.preauthorizeApiKey('bearerAuth', body.accessToken);
      // The queue token was the last user's.
      if (ui.authSelectors.authorized().has('queueToken')) ui.authActions.logoutWithPersistOption(['queueToken']);
    }
    if (response.url.endsWith('/queue/tokens') && body) ui.preauthorizeApiKey('queueToken', body.token);
    return response;
  },
});
`;

/** The OpenAPI document and a page to try it on. */
export function docsRoutes(router: Router, document: object): void {
  const root = dirname(require.resolve('swagger-ui-dist/package.json'));
  router.get('/openapi.json', (_req, res) => {
    sendJson(res, 200, document);
  });
  router.get('/docs', (_req, res) => {
    res.type('html').send(PAGE);
  });
  router.get('/docs/page.js', (_req, res) => {
    res.type('js').send(SCRIPT);
  });
  for (const asset of ASSETS) {
    router.get(`/docs/${asset}`, (_req, res) => {
      // Express ends no reply whose client has gone meanwhile, and an unended one keeps its place in its lane.
      res.sendFile(join(root, asset), { maxAge: '1d' }, () => res.writableEnded || res.end());
    });
  }
}
