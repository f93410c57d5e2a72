import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CompanyServer } from '../../../support/company/provider.ts';
import { openScene, type Scene } from '../../../support/company/renewal-scene.ts';

let scene: Scene;

beforeEach(async () => {
  scene = await openScene();
  scene.server.accounts.set('u-1', { name: 'ada', groups: ['engineers'] });
  await scene.logIn('u-1');
});

afterEach(() => scene[Symbol.asyncDispose]());

const readGroups = async (of = scene) => (await of.directory.find('oidc:u-1'))?.groups;

const AWAY: Readonly<Record<string, CompanyServer['intercept']>> = {
  'does not answer': () => true,
  'closes the connection': (_, response) => {
    response.socket?.destroy();
    return true;
  },
  'is in maintenance': (_, response) => {
    response.writeHead(503, { 'content-type': 'text/html' }).end('<html>back soon</html>');
    return true;
  },
  'says it is a server error': (_, response) => {
    response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":"server_error"}');
    return true;
  },
  'says invalid_grant in HTML': (_, response) => {
    response.writeHead(400, { 'content-type': 'text/html' }).end('{"error":"invalid_grant"}');
    return true;
  },
  'says invalid_grant with the status of a success': (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}');
    return true;
  },
  'says invalid_grant with the status of a server that fails': (_, response) => {
    response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}');
    return true;
  },
  'says invalid_grant with the status of a stranger': (_, response) => {
    response.writeHead(403, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}');
    return true;
  },
  'does not know jit any more': (_, response) => {
    response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":"invalid_client"}');
    return true;
  },
};

describe('a company that is away', () => {
  it.each(Object.entries(AWAY))('%s: nobody is removed, and it is told once', async (_, intercept) => {
    scene.server.accounts.set('u-2', { name: 'bob' });
    await scene.logIn('u-2');
    scene.server.intercept = (path, response, request) =>
      path === '/token' && intercept(path, response, request);
    await scene.round();
    await scene.round();
    expect([scene.left, scene.ended]).toEqual([[], []]);
    expect(scene.errors).toEqual([expect.objectContaining({ code: 'provider_failed' })]);
    scene.server.intercept = () => false;
    await scene.round();
    expect([scene.left, await readGroups()]).toEqual([[], ['engineers']]);
  });

  it('is told of again when it goes away again', async () => {
    for (let time = 0; time < 2; time += 1) {
      scene.server.intercept = (path, response) => {
        if (path === '/token') response.writeHead(503).end('');
        return path === '/token';
      };
      await scene.round();
      scene.server.intercept = () => false;
      await scene.round();
    }
    expect(scene.errors).toHaveLength(2);
  });

  it('and loses the answer in which it gave a new renewal: a login is needed, but nobody has left', async () => {
    await using other = await openScene({ rotatesRenewals: true });
    other.server.accounts.set('u-1', { name: 'ada', groups: ['engineers'] });
    await other.logIn('u-1');
    other.server.intercept = (path, response) => {
      if (path === '/token') {
        const { end } = response;
        response.end = ((...parts: Parameters<typeof end>) => {
          response.socket?.destroy();
          return end.apply(response, parts);
        }) as typeof end;
      }
      return false;
    };
    await other.round();
    other.server.intercept = () => false;
    await other.round();
    expect([other.left, other.ended]).toEqual([[], ['oidc:u-1']]);
    expect((await other.people.find('oidc:u-1'))?.renewal).toBeNull();
    await other.logIn('u-1');
    other.server.accounts.delete('u-1');
    await other.round();
    expect(other.left).toEqual(['oidc:u-1']);
  });

  it('and gave a new renewal before its answer went wrong: the new one is asked with next time', async () => {
    await using other = await openScene({ rotatesRenewals: true });
    other.server.accounts.set('u-1', { name: 'ada', groups: ['engineers'] });
    await other.logIn('u-1');
    other.server.rewrite = (claims) => ({ ...claims, groups: 'engineers' });
    await other.round();
    other.server.rewrite = (claims) => claims;
    other.server.accounts.set('u-1', { name: 'ada', groups: ['dba'] });
    await other.round();
    expect([await readGroups(other), other.left, other.ended]).toEqual([['dba'], [], []]);
  });

  it('and refuses an older login of somebody who just logged in again: that one is there', async () => {
    let isFirst = true;
    scene.server.intercept = (path, response) => {
      if (path !== '/token' || !isFirst) return false;
      isFirst = false;
      void scene.logIn('u-1').then(() => {
        response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}');
      });
      return true;
    };
    await scene.round();
    expect([isFirst, scene.left, await readGroups()]).toEqual([false, [], ['engineers']]);
  });

  it('that answers about somebody else changes nothing', async () => {
    scene.server.rewrite = (claims) => ({ ...claims, sub: 'u-2', groups: ['admins'] });
    await scene.round();
    expect([await readGroups(), scene.left, scene.errors.length]).toEqual([['engineers'], [], 1]);
  });
});
