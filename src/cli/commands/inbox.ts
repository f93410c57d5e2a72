import type { Engineer } from '../../client/engineer.ts';
import { fail, hasCode } from '../../core/errors.ts';
import type { InboxView } from '../../core/view.ts';
import { encodeDossier } from '../../core/wire/dossier.ts';
import { encodeInbox } from '../../core/wire/inbox.ts';
import type { CommandContext } from '../command.ts';
import type { Command } from '../commander.ts';
import { addCommonOptions, type CommonOptions } from '../options.ts';
import { chooseReview } from '../reviewing/choose-review.ts';
import { tellDossier } from '../reviewing/dossier-text.ts';
import { formatInbox } from '../reviewing/inbox-text.ts';
import { printJson } from '../text/output.ts';
import { withLogin } from '../with-login.ts';
import type { World } from '../world.ts';

type InboxFlags = CommonOptions & { readonly watch?: boolean; readonly once?: boolean };

const PAUSE_MS = 2_000;
/** For what is said below the list, and the cursor. */
const ROWS_AROUND = 5;
/** What scrolled away before is left alone: somebody may want it back. */
const CLEAR = '\u001b[H\u001b[2J';

export function define(command: Command, { world, exit }: CommandContext): void {
  addCommonOptions(command)
    .argument('[request]', 'only this one, with all that there is to know about it')
    .option('--watch', 'show it again whenever it changes, also where stdout is no terminal')
    .option('--once', 'show it once; on a terminal it updates by itself until Ctrl-C')
    .action(async (typed: string | undefined, flags: InboxFlags) => exit(await run(world, typed, flags)));
}

async function run(world: World, typed: string | undefined, flags: InboxFlags): Promise<number> {
  if (flags.watch && (flags.json || flags.once || typed !== undefined))
    throw fail('usage', { why: '--watch goes on and on: leave out --json, --once and the request' });
  const engineer = await world.connect(flags);
  if (typed !== undefined) return showOne(world, engineer, { typed, flags });
  const inbox = await withLogin(world, engineer, () => engineer.readInbox());
  const isLive = flags.watch ?? (world.terminal.hasScreen && !flags.once && !flags.json);
  if (isLive) return watch(world, engineer, inbox);
  if (flags.json) printJson(world, encodeInbox(inbox));
  else world.terminal.print(formatInbox(world, inbox));
  return 0;
}

async function showOne(
  world: World,
  engineer: Engineer,
  { typed, flags }: { readonly typed: string; readonly flags: InboxFlags },
): Promise<number> {
  const id = await chooseReview(world, engineer, { typed, among: 'requests' });
  const dossier = await withLogin(world, engineer, () => engineer.readDossier(id));
  if (flags.json) printJson(world, encodeDossier(dossier));
  else tellDossier(world, dossier);
  return 0;
}

/**
 * Draws it again at every change, until Ctrl-C, which interrupts nothing here: it is how one leaves. While the server is away, what was last known
 * stays, and says so.
 */
async function watch(world: World, engineer: Engineer, first: InboxView): Promise<number> {
  const { terminal, interrupt } = world;
  let inbox = first;
  let note = '';
  while (!interrupt.signal.aborted) {
    terminal.print(draw(world, formatInbox(world, inbox), note));
    const next = await followOnce(world, engineer, inbox);
    if (next !== 'away') callForNew(world, inbox, next);
    note = next === 'away' ? '\nthe server is not reached; trying again' : '';
    inbox = next === 'away' ? inbox : next;
  }
  return 0;
}

/** A screen is drawn again from its top, so that what is oldest stays in sight however much there is. */
function draw({ terminal }: World, text: string, note: string): string {
  if (!terminal.hasScreen || !terminal.animated) return `${text}${note}\n`;
  const lines = text.split('\n');
  const most = Math.max(1, terminal.rows - ROWS_AROUND);
  const hidden = lines.length > most ? `\n… and more: jit inbox --once shows all of it` : '';
  const leave = terminal.paint.dim('updates by itself · Ctrl-C to leave');
  return `${CLEAR}${lines.slice(0, most).join('\n')}${hidden}${note}\n\n${leave}\n`;
}

async function followOnce(world: World, engineer: Engineer, inbox: InboxView): Promise<InboxView | 'away'> {
  const { signal } = world.interrupt;
  try {
    return await withLogin(world, engineer, () => engineer.readInbox({ after: inbox.position, signal }));
  } catch (error) {
    if (signal.aborted) return inbox;
    if (!hasCode(error, 'unreachable')) throw error;
    await world.clock.sleep(PAUSE_MS, signal);
    return 'away';
  }
}

/** Somebody waits: whoever left the inbox open in another window hears of it. */
function callForNew(world: World, before: InboxView, after: InboxView): void {
  const known = new Set([...before.requests, ...before.afterwards].map((request) => request.id));
  const fresh = [...after.requests, ...after.afterwards].find((request) => !known.has(request.id));
  if (fresh)
    world.terminal.alert(`jit: ${fresh.requestedBy} asks for ${fresh.scopes.join(' ')} on ${fresh.target}`);
}
