import type { Command } from 'commander';
import type { Engineer } from '../../client/engineer.ts';
import { nameProfile, useServer } from '../../core/client-config.ts';
import { fail } from '../../core/errors.ts';
import type { LoginWay } from '../../core/ports/session.ts';
import type { PersonView } from '../../core/view.ts';
import type { CommandContext } from '../command.ts';
import { logIn, offerFileKeychain } from '../log-in.ts';
import { addCommonOptions, type CommonOptions } from '../options.ts';
import { encodePerson, printJson } from '../text/output.ts';
import type { World } from '../world.ts';

type LoginFlags = CommonOptions & {
  readonly open: boolean;
  readonly browser?: boolean;
  readonly workloadTokenFile?: string;
};

export function define(command: Command, { world, exit }: CommandContext): void {
  addCommonOptions(command)
    .argument('[url]', 'the server; the one of the profile where it is missing')
    .option('--browser', 'through a browser on this computer, without a code to compare')
    .option(
      '--workload-token-file <file>',
      'as a workload, with the token that its platform keeps in this file',
    )
    .option('--no-open', 'do not open the browser')
    .action(async (url: string | undefined, flags: LoginFlags) => exit(await run(world, url, flags)));
}

async function run(world: World, url: string | undefined, flags: LoginFlags): Promise<number> {
  const choice = { profile: flags.profile, server: url };
  const server = await world.findServer(choice);
  const person = await logInOrOffer(world, server, { choice, flags });
  await rememberServer(world, server, flags.profile);
  if (flags.json) printJson(world, encodePerson(person));
  return 0;
}

type Attempt = {
  readonly choice: { readonly profile?: string | undefined; readonly server?: string | undefined };
  readonly flags: LoginFlags;
};

async function logInOrOffer(world: World, server: string, { choice, flags }: Attempt): Promise<PersonView> {
  const attempt = async (): Promise<PersonView> => {
    const engineer: Engineer = await world.connect(choice);
    return logIn(world, engineer, { shouldOpen: flags.open, way: chooseWay(world, flags) });
  };
  try {
    return await attempt();
  } catch (error) {
    if (!(await offerFileKeychain(world, server, error))) throw error;
    return attempt();
  }
}

/** What was typed; else the file that the environment names; else a code, which works everywhere. */
function chooseWay(world: World, { browser = false, workloadTokenFile }: LoginFlags): LoginWay {
  if (browser && workloadTokenFile !== undefined)
    throw fail('usage', { why: '--browser and --workload-token-file exclude each other' });
  if (browser) return { kind: 'browser' };
  const tokenFile = workloadTokenFile ?? world.processes.environment.JIT_WORKLOAD_TOKEN_FILE;
  return tokenFile ? { kind: 'workload', tokenFile } : { kind: 'device' };
}

/** The first server that is logged in to becomes the profile that needs no name; another one is named by its host. */
async function rememberServer(world: World, server: string, wanted: string | undefined): Promise<void> {
  const config = await world.readConfig();
  const name = wanted ?? nameProfile(config, server);
  const defaultProfile = config.defaultProfile ?? name;
  const known = config.profiles[name];
  if (known?.server !== server)
    await world.writeConfig({
      ...config,
      defaultProfile,
      profiles: { ...config.profiles, [name]: useServer(known, server) },
    });
  if (name !== defaultProfile) world.terminal.tell(`  use it with --profile ${name}`);
}
