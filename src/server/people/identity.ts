import type { Directory } from '../../core/ports/directory.ts';
import type { PinIdentity } from '../oauth/login/identity.ts';

/** The development users as a directory: to say who could approve. */
export function createDirectory(identity: PinIdentity): Directory {
  return {
    isComplete: true,
    find: (subject) => identity.find(subject),
    list: async () => {
      const found = await Promise.all(identity.names.map((name) => identity.find(`dev:${name}`)));
      return found.flatMap((person) => (person ? [person] : []));
    },
  };
}
