import {
  CODE_GUESSES_PER_ACCOUNT,
  CODE_GUESSES_PER_ADDRESS,
  CODE_GUESSES_PER_CODE,
  GUESS_WINDOW_SECONDS,
} from '../../core/limits.ts';
import { findNetwork } from '../http/network.ts';
import type { Attempts } from '../oauth/login/attempts.ts';
import { type DeviceLogin, normaliseUserCode, type PendingDevice } from '../oauth/login/device-login.ts';

export type CodeGuess = { readonly userCode: string; readonly subject: string; readonly address: string };

/**
 * Looks a typed code up. Wrong ones are counted per code, account and address before any is looked at, and all look
 * alike (DEV-10).
 */
export async function guessCode(
  parts: { readonly attempts: Attempts; readonly deviceLogin: DeviceLogin },
  { userCode, subject, address }: CodeGuess,
): Promise<PendingDevice | undefined> {
  const attempt = await parts.attempts.begin([
    {
      name: `code ${normaliseUserCode(userCode)}`,
      limit: CODE_GUESSES_PER_CODE,
      windowSeconds: GUESS_WINDOW_SECONDS,
    },
    { name: `code account ${subject}`, limit: CODE_GUESSES_PER_ACCOUNT, windowSeconds: GUESS_WINDOW_SECONDS },
    {
      name: `code address ${findNetwork(address)}`,
      limit: CODE_GUESSES_PER_ADDRESS,
      windowSeconds: GUESS_WINDOW_SECONDS,
    },
  ]);
  const device = attempt && (await parts.deviceLogin.find(userCode));
  if (device) await attempt?.succeed();
  return device;
}
