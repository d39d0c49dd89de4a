/** Where the versioned API lives; operational endpoints (`/livez`, `/docs`, …) live outside of it. */
export const API = '/api/v1';
