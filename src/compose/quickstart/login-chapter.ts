import { createFormBrowser } from '../../adapters/form-browser.ts';
import { readDocument, requireExit, requireThat, type Story, step } from './story.ts';

/** Logging in: the code is confirmed in the page, the way a browser without script would. */
export async function tellLogin(story: Story): Promise<void> {
  const login = story.jit.start(['login', story.stage.server.url, '--no-open', '--json']);
  const code = await step(story, 'jit login shows a code and an address', async () => {
    const [, found = ''] = await login.says(/code\s+([A-Z]{4}-[A-Z]{4})/);
    return found;
  });
  await step(story, `the code ${code} is confirmed in the page as dev`, () => confirm(story, code));
  await step(story, 'jit login is logged in as dev', async () => {
    const person = readDocument(requireExit(await login.ended, 0));
    requireThat(person.name === 'dev', `the name is ${String(person.name)}`);
  });
  await step(story, 'jit whoami says who, which groups, and how', async () => {
    const person = readDocument(requireExit(await story.jit.run(['whoami', '--json']), 0));
    requireThat(
      JSON.stringify(person.groups) === '["engineers"]',
      `the groups are ${JSON.stringify(person.groups)}`,
    );
  });
}

async function confirm({ stage }: Story, code: string): Promise<void> {
  const browser = createFormBrowser();
  const login = await browser.get(`${stage.server.url}/device?user_code=${code}`);
  const confirmation = await browser.submit(login, { user: 'dev', pin: stage.pin.reveal() });
  requireThat(confirmation.html.includes(code), 'the page does not show the code');
  const done = await browser.submit(confirmation, { decision: 'approve' });
  requireThat(done.url.endsWith('/device/approved'), `the page ends at ${done.url}`);
}
