import { fail } from '../../../core/errors.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { Connector } from '../../../core/ports/connector.ts';
import type { Secret } from '../../../core/secret.ts';
import { neutralise } from '../../../core/text.ts';
import { buildRoleName, isOwnRole, requireOwnRole } from '../postgres/role-name.ts';
import { hideSecrets, listSecrets } from './error-tail.ts';
import {
  decodeDone,
  decodeIssued,
  decodeListed,
  decodeRemoved,
  decodeUsed,
  encodeQuestion,
  type Question,
} from './messages.ts';
import { openProgram, type Program } from './program.ts';
import { run } from './run.ts';

export type ExecConnectorOptions = {
  readonly name: string;
  readonly installation: string;
  readonly clock: Clock;
  /** An absolute path. */
  readonly command: string;
  readonly args: readonly string[];
  readonly sha256: string | null;
  readonly timeoutSeconds: number;
  /** What the program needs besides `STANDARD`: it inherits nothing of the server's. */
  readonly environment: Readonly<Record<string, Secret>>;
};

/** The same on every machine, so that what works when it is tried works when the server starts it. */
const STANDARD = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
};

/**
 * A target whose credentials a program of your own makes and removes: one process an operation, JSON on stdin, one JSON
 * document on stdout (docs/connectors.md). Whatever it does wrong is `target_failed`.
 */
export function openExecConnector(options: ExecConnectorOptions): Connector {
  const program = openProgram(options);
  const ask = createAsk(options, program);
  const own = (handle: string): string => requireOwnRole(options, handle);
  return {
    kind: 'exec',
    plan: (grantId) => buildRoleName(options, grantId),
    issue: async ({ grantVersion: _, ...order }) =>
      ask({ operation: 'issue', ...order, handle: own(order.handle) }, decodeIssued),
    probe: async (credential, deadlineAt) => {
      await ask({ operation: 'probe', credential, deadlineAt }, decodeDone);
    },
    extend: async (order) => {
      await ask({ operation: 'extend', ...order, handle: own(order.handle) }, decodeDone);
    },
    remove: async (handle, order) => {
      const question: Question = { operation: 'remove', ...order, handle: own(handle) };
      const sessionsEnded = await ask(question, decodeRemoved);
      // What a program that forgot something says of itself is no proof.
      const left = await ask({ operation: 'list', deadlineAt: order.deadlineAt }, decodeListed);
      if (!left.some((live) => live.handle === handle)) return { sessionsEnded };
      throw fail('target_failed', {
        target: options.name,
        why: `remove: it ended well, and "list" still has ${handle}`,
      });
    },
    list: async (deadlineAt) => {
      const live = await ask({ operation: 'list', deadlineAt }, decodeListed);
      return live.filter(({ handle }) => isOwnRole(options, handle));
    },
    activity: async (handle, deadlineAt) =>
      ask({ operation: 'activity', handle: own(handle), deadlineAt }, decodeUsed),
    close: () => program.close(),
  };
}

type Ask = <T>(question: Question, decode: (text: string) => T) => Promise<T>;

function createAsk(options: ExecConnectorOptions, program: Program): Ask {
  const { name: target, clock, installation } = options;
  return async (question, decode) => {
    const given = question.credential ? listSecrets(question.credential) : [];
    const secrets = [...Object.values(options.environment), ...given];
    const refuse = (why: string): Error =>
      fail('target_failed', { target, why: hideSecrets(`${question.operation}: ${why}`, secrets) });
    const limitMs = Math.min(options.timeoutSeconds * 1000, question.deadlineAt - clock.now());
    if (limitMs < 1) throw refuse('it did not finish in time');
    const outcome = await run({
      path: await program.find(),
      args: options.args,
      environment: buildEnvironment(options),
      input: encodeQuestion(question, { target, installation }),
      secrets,
      limitMs,
      clock,
    });
    if (outcome.kind === 'failure') throw refuse(outcome.why);
    try {
      return decode(outcome.text);
    } catch (error) {
      throw refuse(error instanceof TypeError ? neutralise(error.message) : 'its answer cannot be read');
    }
  };
}

function buildEnvironment({ environment }: ExecConnectorOptions): Readonly<Record<string, string>> {
  const given = Object.entries(environment).map(([name, value]) => [name, value.reveal()]);
  return { ...STANDARD, ...Object.fromEntries(given) };
}
