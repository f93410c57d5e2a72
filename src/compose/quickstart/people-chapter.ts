import { readDocument, requireExit, requireThat, type Story, step } from './story.ts';

/** What policy does not grant at once: left pending, taken back; and refused where nothing allows it. */
export async function tellPeople(story: Story): Promise<void> {
  const write = [
    'request',
    'prod:db.write',
    '--on',
    'orders',
    '--for',
    '15m',
    '--reason',
    'INC-4211 fix the totals',
  ];
  await step(story, 'a write waits for people (exit code 5) and can be taken back', async () => {
    const { request } = readDocument(requireExit(await story.jit.run([...write, '--no-wait', '--json']), 5));
    const { id, state } = request as { id: string; state: string };
    requireThat(state === 'pending', `it is ${state}`);
    requireExit(await story.jit.run(['cancel', id]), 0);
  });
  await step(story, 'what no rule allows is denied with its reasons (exit code 3)', async () => {
    const long = [
      'request',
      'prod:db.read',
      '--on',
      'orders',
      '--for',
      '3h',
      '--reason',
      'INC-4211 slow checkout',
    ];
    const ended = requireExit(await story.jit.run(long), 3);
    requireThat(ended.stderr.includes('denied'), ended.stderr);
  });
}

/** The end: nothing held, nobody logged in. */
export async function tellLogout(story: Story): Promise<void> {
  await step(story, 'jit logout ends the session at the server', async () => {
    requireExit(await story.jit.run(['logout']), 0);
    requireExit(await story.jit.run(['whoami']), 4);
  });
}
