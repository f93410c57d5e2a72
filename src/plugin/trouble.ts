import { JitError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import { removeHidden } from '../core/text.ts';
import { decodeProblem, encodeProblem } from '../core/wire/problem.ts';
import type { Settings } from './api.ts';

const LONGEST_WHY = 200;

/** What a plugin threw as one short line for people: no secret of its settings, nothing hidden (I5, S12). */
export function explainTrouble(message: string, settings: Settings): string {
  return removeHidden(redact(message, settings)).slice(0, LONGEST_WHY);
}

/** What a plugin threw, for a log: its settings' secrets are taken out, where it was thrown stays in. Its `cause` is left out unread. */
export function describeTrouble(error: unknown, settings: Settings): Error {
  const told = new Error(redact(readMessage(error), settings));
  if (!(error instanceof Error)) return told;
  try {
    told.name = String(error.name);
    told.stack = redact(String(error.stack), settings);
  } catch {
    // It can be told without.
  }
  return told;
}

/** Anything may be thrown, and not all of it can be made a text. */
export function readMessage(error: unknown): string {
  try {
    return error instanceof Error ? String(error.message) : String(error);
  } catch {
    return 'what it threw cannot be read';
  }
}

/** An error of jit's as a server's would be taken: a code that there is, so much text and no more. Undefined for others. */
export function repeatRefusal(error: JitError, settings: Settings): JitError | undefined {
  try {
    const said = decodeProblem(encodeProblem(error));
    if (!said) return undefined;
    const { code, message, hint, demand } = said;
    return new JitError({ code, message: redact(message, settings), hint: redact(hint, settings), demand });
  } catch {
    return undefined;
  }
}

function redact(text: string, settings: Settings): string {
  const secrets = Object.values(settings).filter((value) => value instanceof Secret);
  const forms = secrets
    .map((secret) => secret.reveal())
    .flatMap((plain) => [plain, encodeURIComponent(plain)]);
  return forms.reduce((rest, form) => rest.replaceAll(form, '[redacted]'), text);
}
