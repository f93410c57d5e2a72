import { Hono } from 'hono';
import document from '../../../docs/openapi.json' with { type: 'json' };
import type { ApiEnvironment } from './context.ts';

const text = JSON.stringify(document);

/** `/v1` in its own words (OpenAPI 3.1), for everybody: it says nothing that is not in the package. */
export function buildDescriptionRoute(): Hono<ApiEnvironment> {
  return new Hono<ApiEnvironment>().get('/v1/openapi.json', (c) =>
    c.body(text, 200, { 'content-type': 'application/json' }),
  );
}
