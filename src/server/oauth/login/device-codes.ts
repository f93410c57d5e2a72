import { randomUUID } from 'node:crypto';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { FoundEntry, ProtocolStore } from '../../../core/ports/protocol-store.ts';
import { type Instant, SECOND_MS } from '../../../core/time.ts';
import { isPlainRecord } from '../json.ts';
import { buildAdapter, buildRefinedAdapter, type Refine, type Stored } from '../provider/adapter.ts';
import { DEVICE_CODE_KEPT_SECONDS } from '../provider/lifetimes.ts';

const CODE = 'DeviceCode';
const DECISION = 'JitDeviceDecision';
const ANSWER = 'JitDeviceAnswer';

/** What the person answered: approved, as the fields that the provider wants on its code, or denied. */
export type DeviceAnswer =
  | {
      readonly accountId: string;
      readonly grantId: string;
      readonly scope: string;
      readonly authTime: number;
      readonly amr: readonly string[];
    }
  | { readonly error: 'access_denied'; readonly errorDescription: string };

/** A device code as the pages see it. The code itself is not there: only its hash is stored. */
export type WaitingCode = {
  /** Ties the answer to the code; no secret. */
  readonly link: string;
  readonly clientId: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly device: Readonly<Record<string, unknown>>;
  readonly startedAt: Instant;
  readonly expiresAt: Instant;
};

/**
 * The adapter for device codes. The store has hashes only, so whoever knows the user code cannot write to the entry of
 * the device code: the answer is an entry of its own, under a random link that both know, and joined on `find`.
 */
export function buildDeviceCodeAdapter(stored: Stored, look: Refine): Adapter {
  const plain = buildAdapter(CODE, stored);
  const join: Refine = async (id, payload) =>
    look(id, { ...payload, ...(await findAnswer(stored, payload)) });
  return {
    ...buildRefinedAdapter(plain, join),
    async upsert(id, payload, expiresInSeconds) {
      const withLink = { ...payload, link: randomUUID() };
      await plain.upsert(id, withLink, (expiresInSeconds ?? 0) + DEVICE_CODE_KEPT_SECONDS);
    },
  };
}

async function findAnswer({ protocol }: Stored, payload: AdapterPayload): Promise<AdapterPayload> {
  const { link } = payload as { readonly link?: unknown };
  if (typeof link !== 'string') return {};
  return (await protocol.find(ANSWER, link))?.payload ?? {};
}

/** The code that a person typed, while it waits for an answer; undefined when there is none, for whatever reason. */
export async function findWaitingCode(
  protocol: ProtocolStore,
  userCode: string,
  now: Instant,
): Promise<WaitingCode | undefined> {
  const entry = await protocol.findByUserCode(CODE, userCode);
  const code = entry && decodeCode(entry);
  if (!code || now >= code.expiresAt) return undefined;
  return (await protocol.find(ANSWER, code.link)) ? undefined : code;
}

/** One person's answer counts: true for the caller that may give it, false for all who come later. */
export async function claimDecision(protocol: ProtocolStore, code: WaitingCode): Promise<boolean> {
  return protocol.insertOnce({ kind: DECISION, id: code.link, expiresAt: keptUntil(code) });
}

export async function putAnswer(
  protocol: ProtocolStore,
  code: WaitingCode,
  answer: DeviceAnswer,
): Promise<void> {
  const grantId = 'grantId' in answer ? answer.grantId : undefined;
  await protocol.put({ kind: ANSWER, id: code.link, payload: answer, expiresAt: keptUntil(code), grantId });
}

function keptUntil(code: WaitingCode): Instant {
  return code.expiresAt + DEVICE_CODE_KEPT_SECONDS * SECOND_MS;
}

function decodeCode({ payload }: FoundEntry): WaitingCode | undefined {
  const { link, clientId, params, deviceInfo, iat, exp } = payload;
  if (typeof link !== 'string' || typeof clientId !== 'string') return undefined;
  if (typeof iat !== 'number' || typeof exp !== 'number') return undefined;
  return {
    link,
    clientId,
    params: isPlainRecord(params) ? params : {},
    device: isPlainRecord(deviceInfo) ? deviceInfo : {},
    startedAt: iat * SECOND_MS,
    expiresAt: exp * SECOND_MS,
  };
}
