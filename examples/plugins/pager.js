import { createServer } from 'node:http';
import { definePlugin, fail, formatJson } from 'jit';

/**
 * A channel in one file: whoever is on call is told by a pager's HTTP API, in the manner of PagerDuty's events. In jit.yaml:
 *
 *   plugins: [./pager.js]
 *   channels:
 *     pager: { url: https://events.pager.example.com/v2/enqueue, routing_key: "${PAGER_KEY}" }
 *
 * jit plugin check ./pager.js tries it.
 */
const URGENT = ['request.escalated', 'request.break_glass', 'request.review_overdue'];

function open({ name, settings, call }) {
  return {
    async deliver({ notice, request }, { signal }) {
      const { id, url, requestedBy, scopes, target, reason, state } = request;
      const event = {
        event_action: state === 'pending' || URGENT.includes(notice.kind) ? 'trigger' : 'resolve',
        // One incident a request: what comes later changes it, and what comes twice changes nothing.
        dedup_key: id,
        payload: {
          summary: `${requestedBy} asks for ${scopes.join(' ')} on ${target}: ${reason}`,
          severity: URGENT.includes(notice.kind) ? 'critical' : 'info',
          source: url,
          custom_details: { kind: notice.kind, state },
        },
      };
      const answer = await call(settings.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Token ${settings.routing_key.reveal()}`,
        },
        // Not JSON.stringify: people wrote the reason, and what would deceive whoever reads it is an escape here.
        body: formatJson(event),
        signal,
      });
      if (answer.status === 410) return { reference: null, isGone: true };
      if (!answer.ok) throw fail('channel_failed', { channel: name, why: `it answered ${answer.status}` });
      return { reference: null };
    },
  };
}

/** A pager for jit plugin check. */
async function check() {
  const bodies = [];
  let manner = 'take';
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request)).toString();
    const now = manner;
    manner = 'take';
    if (now === 'hang') return;
    if (now === 'take') bodies.push(body);
    response.writeHead(now === 'refuse' ? 503 : 202).end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    settings: { url: `http://127.0.0.1:${server.address().port}/`, routing_key: 'only for the check' },
    received: () => bodies,
    refuse: () => (manner = 'refuse'),
    hang: () => (manner = 'hang'),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const plugin = definePlugin({
  name: 'pager',
  api: '^1.0',
  channel: { name: 'pager', settings: { url: 'address', routing_key: 'secret' }, open, check },
});
