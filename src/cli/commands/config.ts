import type { Command } from 'commander';
import { useServer } from '../../core/client-config.ts';
import { encodeProfile } from '../../core/config/backends/profile.ts';
import { fail } from '../../core/errors.ts';
import type { CommandContext } from '../command.ts';
import { addCommonOptions, type CommonOptions } from '../options.ts';
import { formatRows, printJson } from '../text/output.ts';
import type { World } from '../world.ts';

const SETTINGS = ['server', 'keychain', 'notify'] as const;
/** Set in the environment; the keychain's wins over every profile, the server's over none. */
const OVERRIDES = ['JIT_SERVER', 'JIT_KEYCHAIN'];
type Setting = (typeof SETTINGS)[number];

export function define(command: Command, { world, exit }: CommandContext): void {
  addCommonOptions(command)
    .argument('[setting]', `what to set: ${SETTINGS.join(', ')}`)
    .argument('[value]', 'what to set it to')
    .action(async (setting: string | undefined, value: string | undefined, flags: CommonOptions) =>
      exit(await run(world, { setting, value, flags })),
    );
}

type Order = {
  readonly setting: string | undefined;
  readonly value: string | undefined;
  readonly flags: CommonOptions;
};

async function run(world: World, { setting, value, flags }: Order): Promise<number> {
  if (setting === undefined) return show(world, flags);
  if (!isSetting(setting))
    throw fail('usage', { why: `there is no setting "${setting}": ${SETTINGS.join(', ')}` });
  if (value === undefined) throw fail('usage', { why: `say what to set ${setting} to` });
  await change(world, { setting, value, profile: flags.profile });
  world.terminal.tell(`${world.terminal.paint.good('✔')} ${setting} is ${value}`);
  return 0;
}

async function show(world: World, flags: CommonOptions): Promise<number> {
  const config = await world.readConfig();
  if (flags.json) {
    printJson(world, {
      default_profile: config.defaultProfile ?? null,
      notify: config.notify ?? true,
      profiles: Object.fromEntries(
        Object.entries(config.profiles).map(([name, profile]) => [
          name,
          { server: profile.server, ...encodeProfile(profile) },
        ]),
      ),
      folders: world.folders,
    });
    return 0;
  }
  const { environment } = world.processes;
  const rows = Object.entries(config.profiles).map(([name, profile]) => [
    name === config.defaultProfile ? `${name} *` : name,
    profile.server,
    `keychain ${profile.keychain ?? 'os'}`,
  ]);
  const overrides = OVERRIDES.filter((name) => environment[name]).map((name) => [
    name,
    environment[name] ?? '',
  ]);
  world.terminal.print(
    formatRows(
      world,
      rows.length === 0 ? [['no profile yet: jit login https://jit.example.com makes one']] : rows,
    ),
  );
  world.terminal.print(
    formatRows(world, [
      ['notify', config.notify === false ? 'off' : 'on'],
      ['config', world.folders.config],
      ['state', world.folders.state],
      ...overrides,
    ]),
  );
  return 0;
}

type SettingChange = {
  readonly setting: Setting;
  readonly value: string;
  readonly profile: string | undefined;
};

async function change(world: World, { setting, value, profile }: SettingChange): Promise<void> {
  const config = await world.readConfig();
  const name = profile ?? config.defaultProfile ?? 'default';
  const known = config.profiles[name];
  if (setting === 'server') {
    const server = await world.findServer({ server: value });
    await world.writeConfig({
      ...config,
      defaultProfile: config.defaultProfile ?? name,
      profiles: { ...config.profiles, [name]: useServer(known, server) },
    });
    return;
  }
  if (setting === 'notify') {
    if (value !== 'on' && value !== 'off')
      throw fail('usage', { why: `"${value}" is not valid for notify: use on or off` });
    await world.writeConfig({ ...config, notify: value === 'on' });
    return;
  }
  if (value !== 'os' && value !== 'file')
    throw fail('usage', { why: `"${value}" is not valid for keychain: use os or file` });
  if (!known) throw fail('no_server', {});
  await world.writeConfig({
    ...config,
    profiles: { ...config.profiles, [name]: { ...known, keychain: value } },
  });
}

function isSetting(text: string): text is Setting {
  return (SETTINGS as readonly string[]).includes(text);
}
