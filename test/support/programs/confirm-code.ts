import { createFormBrowser } from '../../../src/adapters/form-browser.ts';

/** What a person does in the browser: logs in with the PIN, compares the code, clicks. */
export async function confirmCode(
  stage: { readonly url: string; readonly pin: string },
  {
    code,
    user,
    decision = 'approve',
  }: { readonly code: string; readonly user: string; readonly decision?: string },
): Promise<void> {
  const browser = createFormBrowser();
  const login = await browser.get(`${stage.url}/device?user_code=${code}`);
  const confirmation = await browser.submit(login, { user, pin: stage.pin });
  if (!confirmation.html.includes(code)) throw new Error(`the page does not show ${code}`);
  await browser.submit(confirmation, { decision });
}
