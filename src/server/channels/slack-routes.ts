import { Hono } from 'hono';
import type { Chat } from '../../core/ports/chat.ts';
import type { Secret } from '../../core/secret.ts';
import type { ApiEnvironment } from '../api/context.ts';
import { createSlackActions, type SlackActionParts } from './slack-actions.ts';
import { createSlackLinkPages, type SlackLinkParts } from './slack-link.ts';
import type { SlackPeopleParts } from './slack-people.ts';

/** What a configured Slack brings to the server's HTTP side. */
export type SlackDesk = { readonly chat: Chat; readonly signingSecret: Secret };

export type SlackRouteParts = SlackActionParts & SlackLinkParts & SlackPeopleParts;

/** Everything at `/channels/slack`; nothing where Slack is not configured. */
export function createSlackRoutes(
  desk: SlackDesk | null,
  parts: Omit<SlackRouteParts, keyof SlackDesk>,
): Hono<ApiEnvironment> {
  const routes = new Hono<ApiEnvironment>();
  if (!desk) return routes;
  const all = { ...parts, ...desk };
  return routes.route('/', createSlackActions(all)).route('/', createSlackLinkPages(all));
}
