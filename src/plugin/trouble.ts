import { Secret } from '../core/secret.ts';
import { removeHidden } from '../core/text.ts';
import type { Settings } from './api.ts';

const LONGEST_WHY = 200;

/** What a plugin threw as one short line for people: no secret of its settings, nothing hidden (I5, S12). */
export function explainTrouble(message: string, settings: Settings): string {
  return removeHidden(redact(message, settings)).slice(0, LONGEST_WHY);
}

/** The same for a log, with where it was thrown. What it was caused by is not looked through, and stays out. */
export function describeTrouble(error: unknown, settings: Settings): Error {
  const told = new Error(redact(readMessage(error), settings));
  if (!(error instanceof Error)) return told;
  told.name = error.name;
  told.stack = redact(error.stack ?? '', settings);
  return told;
}

export function readMessage(error: unknown): string {
  return error instanceof Error ? String(error.message) : String(error);
}

function redact(text: string, settings: Settings): string {
  const secrets = Object.values(settings).filter((value) => value instanceof Secret);
  const forms = secrets
    .map((secret) => secret.reveal())
    .flatMap((plain) => [plain, encodeURIComponent(plain)]);
  return forms.reduce((rest, form) => rest.replaceAll(form, '[redacted]'), text);
}
