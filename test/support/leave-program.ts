import { openKeytarKeychain } from '../../src/adapters/keychain/keytar.ts';
import { JitError } from '../../src/core/errors.ts';
import { leave } from '../../src/leave.ts';

// The smallest program that asks the keychain and leaves as jit does.
const [folder = '', outputBytes = '0'] = process.argv.slice(2);
const keychain = openKeytarKeychain({ folder });

async function ask(): Promise<number> {
  try {
    await keychain.get({ service: 'jit jit.example.com', account: 'session' });
    return 0;
  } catch (error) {
    if (!(error instanceof JitError)) throw error;
    process.stderr.write(`${error.code}\n`);
    return error.exitCode;
  }
}

const exitCode = await ask();
process.stdout.write(`${'x'.repeat(Number(outputBytes))}end\n`);
await leave({ exitCode, stuck: keychain.isStuck() }, process);
