import { createFormBrowser } from '../../../src/adapters/form-browser.ts';
import { logInWith, type Someone } from '../programs/jit-server.ts';
import { passCompany } from './provider.ts';

/** A device login of somebody whom the company vouches for: there, then the code, then the question. */
export function logInAtCompany(server: string, account: string): Promise<Someone> {
  return logInWith(server, async (userCode) => {
    const browser = createFormBrowser();
    const leaving = await browser.get(`${server}/device?user_code=${userCode}`);
    const code = await passCompany(browser, leaving, account);
    const question = await browser.submit(code, {});
    await browser.submit(question, { decision: 'approve' });
  });
}
