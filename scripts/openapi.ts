import { writeFileSync } from 'node:fs';
import { buildDocument } from './openapi/document.ts';
import { formatDocument } from './openapi/json.ts';

/** Writes docs/openapi.json from the schemas that client and server themselves read with; a test holds it to them. */
writeFileSync(new URL('../docs/openapi.json', import.meta.url), `${formatDocument(buildDocument())}\n`);
