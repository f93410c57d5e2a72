import { Hono } from 'hono';
import { ICON, ICON_PATH } from '../assets/icon.ts';
import { SCRIPT, SCRIPT_PATH } from '../assets/script.ts';
import { STYLE, STYLE_PATH } from '../assets/style.ts';
import { framePages, type PageContext, type PageEnvironment } from './page-frame.ts';

const FOR_EVER = 'public, max-age=31536000, immutable';

/** What pages are made of beside their text. Each address names the content, so that browsers keep it for ever. */
export function createAssetRoutes(url: string): Hono<PageEnvironment> {
  const assets = new Hono<PageEnvironment>();
  assets.use('/assets/*', framePages(url));
  assets.get(STYLE_PATH, (c) => send(c, STYLE, 'text/css; charset=utf-8'));
  assets.get(SCRIPT_PATH, (c) => send(c, SCRIPT, 'text/javascript; charset=utf-8'));
  assets.get(ICON_PATH, (c) => send(c, ICON, 'image/svg+xml'));
  return assets;
}

function send(c: PageContext, text: string, type: string): Response {
  return c.body(text, 200, { 'content-type': type, 'cache-control': FOR_EVER });
}
