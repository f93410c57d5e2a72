import type { CommandEntry } from '../command.ts';

/** All commands, in the order in which help shows them. */
export const commands: readonly CommandEntry[] = [
  { name: 'login', summary: 'log in with a device code', load: () => import('./login.ts') },
  { name: 'logout', summary: 'give everything back and end the session', load: () => import('./logout.ts') },
  { name: 'whoami', summary: 'who, which groups, how and when logged in', load: () => import('./whoami.ts') },
  { name: 'scopes', summary: 'what I may ask for, where, and how long', load: () => import('./scopes.ts') },
  { name: 'request', summary: 'ask for a scope', load: () => import('./request.ts') },
  { name: 'wait', summary: 'wait for a decision and pick the grant up', load: () => import('./wait.ts') },
  { name: 'cancel', summary: 'take a pending request back', load: () => import('./cancel.ts') },
  { name: 'status', summary: 'what I hold and what is pending', load: () => import('./status.ts') },
  { name: 'exec', summary: 'run a command with a grant', load: () => import('./exec.ts') },
  { name: 'extend', summary: 'ask for more time', load: () => import('./extend.ts') },
  { name: 'done', summary: 'give grants back', load: () => import('./done.ts') },
  { name: 'revoke', summary: 'take grants away and wait for proof', load: () => import('./revoke.ts') },
  { name: 'token', summary: 'print the token of a grant', load: () => import('./token.ts') },
  { name: 'history', summary: 'what I asked for and what came of it', load: () => import('./history.ts') },
  { name: 'doctor', summary: 'find what is wrong', load: () => import('./doctor.ts') },
  { name: 'config', summary: 'settings of this machine', load: () => import('./config.ts') },
  { name: 'completion', summary: 'completion for bash, zsh or fish', load: () => import('./completion.ts') },
  { name: 'server', summary: 'run the approval server', load: () => import('./server.ts') },
  { name: 'quickstart', summary: 'the whole thing on this machine', load: () => import('./quickstart.ts') },
  { name: '__reap', summary: '', isHidden: true, load: () => import('./reap.ts') },
  { name: '__complete', summary: '', isHidden: true, load: () => import('./complete.ts') },
];
