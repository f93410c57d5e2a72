import { fail, JitError } from '../core/errors.ts';
import { formatJson, neutralise, wrapColumns } from '../core/text.ts';
import type { World } from './world.ts';

const MARK_COLUMNS = 2;

export type ReportOptions = {
  readonly json: boolean;
  /** Whose help says how it is typed. */
  readonly command?: string | undefined;
};

/** Says what went wrong, to people and, under `--json`, to programs. Returns the exit code. */
export function reportError(world: World, error: unknown, options: ReportOptions): number {
  const known = withCommand(
    error instanceof JitError ? error : fail('failed', { why: describeUnknown(error) }, error),
    options,
  );
  const { terminal } = world;
  if (options.json)
    terminal.print(formatJson({ error: { code: known.code, message: known.message, hint: known.hint } }));
  const [first = '', ...more] = splitComplaints(known).flatMap((text) => wrap(world, text));
  terminal.tell(`${terminal.paint.bad('✖')} ${first}`);
  for (const line of more) terminal.tell(`  ${line}`);
  if (known.hint !== '') terminal.tell(`  ${terminal.paint.dim(known.hint)}`);
  return known.exitCode;
}

/** What is wrong with a configuration, one a line: `jit.yaml:12 pending_ttl: …`. */
function splitComplaints({ code, message }: JitError): readonly string[] {
  return code === 'config_invalid' ? message.split(/; (?=[^\s:;]+:\d+[ :])/) : [message];
}

/** Between words, where a person reads; the hint stays in one piece, so that it can be copied. */
function wrap({ terminal }: World, text: string): readonly string[] {
  return terminal.animated ? wrapColumns(neutralise(text), terminal.columns - MARK_COLUMNS) : [text];
}

function withCommand(error: JitError, { command }: ReportOptions): JitError {
  return error.code === 'usage' ? fail('usage', { why: error.message, command }, error) : error;
}

function describeUnknown(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : 'something unexpected happened';
}
