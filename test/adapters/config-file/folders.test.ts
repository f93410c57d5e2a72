import { describe, expect, it } from 'vitest';
import { findFolders } from '../../../src/adapters/config-file/folders.ts';

const HOME = '/home/dev';

describe('folders', () => {
  it('are the XDG ones of the home folder', () => {
    expect(findFolders({ HOME }, 'linux')).toEqual({
      config: '/home/dev/.config/jit',
      state: '/home/dev/.local/state/jit',
      data: '/home/dev/.local/share/jit',
    });
  });

  it('follow the XDG variables, unless they are relative', () => {
    const environment = { HOME, XDG_CONFIG_HOME: '/c', XDG_STATE_HOME: '/s', XDG_DATA_HOME: 'relative' };
    expect(findFolders(environment, 'linux')).toEqual({
      config: '/c/jit',
      state: '/s/jit',
      data: '/home/dev/.local/share/jit',
    });
  });

  it('follow jit’s own variables first', () => {
    const environment = { HOME, XDG_CONFIG_HOME: '/c', JIT_CONFIG_DIR: '/mine/c', JIT_STATE_DIR: '/mine/s' };
    expect(findFolders(environment, 'linux')).toMatchObject({ config: '/mine/c', state: '/mine/s' });
    expect(findFolders(environment, 'darwin')).toMatchObject({ config: '/mine/c', state: '/mine/s' });
  });

  it('are in the library on a Mac, each apart', () => {
    const folders = findFolders({ HOME: '/Users/dev' }, 'darwin');
    expect(folders.config).toBe('/Users/dev/Library/Application Support/jit');
    expect(new Set(Object.values(folders)).size).toBe(3);
  });
});
