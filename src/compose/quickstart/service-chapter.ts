import { requireExit, requireThat, type Story, step } from './story.ts';

/** A token for a service: good while the grant lives, dead at once afterwards. */
export async function tellService(story: Story): Promise<void> {
  await step(story, 'jit request gets a token for the sample service', async () => {
    const reason = ['--reason', 'INC-4211 slow checkout'];
    requireExit(
      await story.jit.run(['request', 'prod:api.read', '--on', 'orders-api', '--for', '10m', ...reason]),
      0,
    );
  });
  const token = await step(story, 'the service accepts it', async () => {
    const { stdout } = requireExit(await story.jit.run(['token', '--on', 'orders-api']), 0);
    const status = await ask(story, stdout.trim());
    requireThat(status === 200, `the service answered ${status}`);
    return stdout.trim();
  });
  await step(story, 'after jit done the service refuses it', async () => {
    requireExit(await story.jit.run(['done']), 0);
    const status = await ask(story, token);
    requireThat(status === 401, `the service answered ${status}`);
  });
}

async function ask({ stage }: Story, token: string): Promise<number> {
  const response = await fetch(stage.service.url, { headers: { authorization: `Bearer ${token}` } });
  await response.text();
  return response.status;
}
