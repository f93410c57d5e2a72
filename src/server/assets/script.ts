import { createHash } from 'node:crypto';
import { SCRIPT_KEYS } from './script-keys.ts';
import { SCRIPT_LIVE } from './script-live.ts';
import { SCRIPT_MOMENTS } from './script-moments.ts';

/**
 * The one script of the pages. It makes them quicker to use and keeps them up to date; everything can be done without.
 * It never writes markup, only moves nodes that this server made.
 */
export const SCRIPT = `'use strict';\n(() => {\n${SCRIPT_MOMENTS}${SCRIPT_LIVE}${SCRIPT_KEYS}})();\n`;

/** Its address changes with its content, so that it may be kept for ever. */
export const SCRIPT_PATH = `/assets/jit-${createHash('sha256').update(SCRIPT).digest('hex').slice(0, 12)}.js`;
