import type { Command } from 'commander';
import { fail } from '../../core/errors.ts';
import type { HeldGrant } from '../../core/ports/local-state.ts';
import type { Secret } from '../../core/secret.ts';
import { formatInstant } from '../../core/time.ts';
import type { TokenTerms } from '../../core/view.ts';
import { chooseHeld } from '../choose.ts';
import type { CommandContext } from '../command.ts';
import { addCommonOptions, type CommonOptions } from '../options.ts';
import { printJson } from '../text/output.ts';
import type { World } from '../world.ts';

type TokenFlags = CommonOptions & {
  readonly scope?: string;
  readonly on?: string;
  readonly proof?: string;
};

export function define(command: Command, { world, exit }: CommandContext): void {
  addCommonOptions(command)
    .option('--scope <scope>', 'the grant that has this scope')
    .option('--on <target>', 'the grant on this target')
    .option('--proof <method>', 'with the address that follows: the headers of that one request')
    .argument('[url]', 'the address of the request, with --proof')
    .action(async (url: string | undefined, flags: TokenFlags) => exit(await run(world, { ...flags, url })));
}

/** Never prompts, never opens a browser: what it needs is here already, or it says what is missing. */
async function run(world: World, flags: TokenFlags & { readonly url: string | undefined }): Promise<number> {
  const wanted = readWanted(flags);
  const engineer = await world.connect({ ...flags, isUnattended: true });
  const sought = { scope: flags.scope, target: flags.on };
  const fitting = await engineer.findFitting(sought);
  const silent = { ...world, terminal: { ...world.terminal, interactive: false } };
  const held = await chooseHeld(silent, { fitting, wanted: sought, listHeld: engineer.listHeld });
  const proved = wanted && (await engineer.prove(held, wanted));
  const secret = await engineer.requireSecret(held);
  const { token, proof } = proved ?? { ...secret, proof: undefined };
  if (flags.json) printJson(world, describe(held, { terms: secret.terms ?? null, token, proof }));
  else world.terminal.print(proof ? formatHeaders(token, proof) : token.reveal());
  return 0;
}

function readWanted({
  proof: method,
  url: text,
}: {
  readonly proof?: string;
  readonly url: string | undefined;
}) {
  if (method === undefined && text === undefined) return undefined;
  const url = URL.parse(text ?? '');
  if (method && /^[A-Z]{1,16}$/.test(method) && /^https?:$/.test(url?.protocol ?? '') && url)
    return { method, url };
  throw fail('usage', {
    why: '--proof needs a method and an address: --proof GET https://orders.example.com/orders',
  });
}

/** As `curl --header @-` reads them. */
function formatHeaders(token: Secret, proof: Secret): string {
  return `authorization: DPoP ${token.reveal()}\ndpop: ${proof.reveal()}`;
}

type Shown = {
  readonly terms: TokenTerms | null;
  readonly token: Secret;
  readonly proof: Secret | undefined;
};

function describe({ view }: HeldGrant, { terms, token, proof }: Shown): object {
  return {
    grant_id: view.id,
    scopes: view.scopes,
    target: view.target,
    expires_at: formatInstant(view.expiresAt),
    token: token.reveal(),
    token_type: terms?.boundTo ? 'DPoP' : 'Bearer',
    token_expires_at: formatInstant(terms?.expiresAt ?? view.expiresAt),
    ...(proof ? { proof: proof.reveal() } : {}),
  };
}
