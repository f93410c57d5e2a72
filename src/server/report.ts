import type { Log, LogEntry } from '../core/ports/log.ts';
import type { HealthFound } from './health.ts';
import type { Answered } from './http/http.ts';
import { findRequest } from './http/request-context.ts';
import type { Standing } from './keeping/quarantine.ts';

/** Makes what a part of the server calls with what went wrong there; `event` says where that is. */
export type Report = (event: string) => (error: unknown) => void;

export function createReport(log: Log): Report {
  return (event) => (error) => log({ level: 'error', event, error });
}

/** A log whose lines say which request they are about, where they are about one. */
export function withRequests(log: Log): Log {
  return (entry) => {
    const request = findRequest();
    log(request ? { ...entry, fields: { ...entry.fields, request_id: request.id } } : entry);
  };
}

const SERVER_FAULT = 500;

/** The line of one request. Of its path only the pattern: what stands in an address is anybody's, and may be a secret. */
export function describeAnswered(answered: Answered): LogEntry {
  const { id, method, route, status, durationMs, subject, isCutShort } = answered;
  return {
    level: status >= SERVER_FAULT ? 'error' : 'info',
    event: 'request.answered',
    fields: {
      request_id: id,
      method,
      route: route ?? null,
      status,
      duration_ms: Math.round(durationMs * 1000) / 1000,
      subject: subject ?? null,
      ...(isCutShort ? { cut_short: true } : {}),
    },
  };
}

/** The line of a server that should be sent nobody, or gives nothing new, or does all that it should again. */
export function describeReadiness({ failing, limits }: HealthFound): LogEntry {
  const isReady = failing.length === 0;
  return {
    level: isReady && limits.length === 0 ? 'info' : 'warn',
    event: isReady ? 'server.ready' : 'server.not_ready',
    fields: {
      failing: failing.join(' '),
      ...(limits.length > 0 ? { nothing_new: limits.join(' ') } : {}),
    },
  };
}

/** The line of a store that waits for somebody to confirm it, that another has taken the place of, or that is well again. */
export function describeStanding({ note, isReplaced }: Standing): LogEntry {
  if (isReplaced) return { level: 'error', event: 'store.replaced' };
  if (!note) return { level: 'info', event: 'store.ready' };
  return {
    level: 'warn',
    event: 'store.quarantined',
    fields: { taken_at: note.taken_at, by: note.by },
  };
}
