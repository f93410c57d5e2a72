import * as v from 'valibot';
import type { PluginPatience } from '../../client-config.ts';
import { formatTypedDuration } from '../../duration-text.ts';
import * as field from '../fields.ts';

/** As long as a plugin is ever waited for. */
export const LONGEST_PATIENCE: PluginPatience = { timeoutSeconds: 10, followSeconds: 30 };

function atMost(seconds: number) {
  const limited = v.pipe(
    field.duration,
    v.check((value) => value >= 1 && value <= seconds, `must be from 1s to ${seconds}s`),
  );
  return v.optional(limited, `${seconds}s`);
}

/** How long a profile waits for its plugin. */
export const patienceEntries = {
  timeout: atMost(LONGEST_PATIENCE.timeoutSeconds),
  follow_timeout: atMost(LONGEST_PATIENCE.followSeconds),
};

type Written = { readonly timeout: number; readonly follow_timeout: number };

export function buildPatience({ timeout, follow_timeout }: Written): PluginPatience {
  return { timeoutSeconds: timeout, followSeconds: follow_timeout };
}

export function encodePatience(patience: PluginPatience): Readonly<Record<keyof Written, string>> {
  return {
    timeout: formatTypedDuration(patience.timeoutSeconds),
    follow_timeout: formatTypedDuration(patience.followSeconds),
  };
}
