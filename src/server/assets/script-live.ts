/**
 * Keeps the parts of a page that say so (`data-live`) as the server has them: a stream says that something changed, the
 * page is fetched again, and what differs is swapped. Focus, scroll position and what was typed stay. Also filters
 * while one types.
 */
export const SCRIPT_LIVE = `
  const said = document.getElementById('said');
  const say = (text) => { if (said) said.textContent = text; };
  let wanted = 0;

  async function fetchPage(address) {
    const response = await fetch(address, { headers: { accept: 'text/html' }, redirect: 'error' });
    if (!response.ok) throw new Error(String(response.status));
    return new DOMParser().parseFromString(await response.text(), 'text/html');
  }

  function keepTyped(from, to) {
    for (const field of from.querySelectorAll('textarea, input:not([type=hidden], [type=checkbox])')) {
      const same = field.id && to.querySelector('#' + CSS.escape(field.id));
      if (same) same.value = field.value;
    }
  }

  function swap(old, made) {
    if (old.dataset.version !== undefined && old.dataset.version === made.dataset.version) return false;
    const fresh = document.importNode(made, true);
    if (old.isEqualNode(fresh)) return false;
    const focused = old.contains(document.activeElement) ? document.activeElement.id : '';
    const top = focused ? document.activeElement.getBoundingClientRect().top : null;
    keepTyped(old, fresh);
    const rows = focused ? [...old.querySelectorAll('a[id^="open-"]')] : [];
    const place = rows.findIndex((row) => row.id === focused);
    old.replaceWith(fresh);
    if (focused) {
      const after = rows.slice(Math.max(0, place)).map((row) => document.getElementById(row.id)).find(Boolean);
      const next = document.getElementById(focused) || after || document.getElementById('main');
      next.focus({ preventScroll: true });
      if (top !== null && next.id === focused) scrollBy(0, next.getBoundingClientRect().top - top);
    }
    return true;
  }

  // The answer to a form stands at the form's address, where there is nothing to read.
  const readAddress = () => location.href.replace(/\\/(decide|review|cancel)$/, '');

  async function refresh(address = readAddress()) {
    const mine = ++wanted;
    try {
      const page = await fetchPage(address);
      if (mine !== wanted) return;
      document.title = page.title;
      let isActChanged = false;
      for (const old of document.querySelectorAll('[data-live]')) {
        const made = page.getElementById(old.id);
        if (made && swap(old, made) && old.id === 'act') isActChanged = true;
      }
      tellMoments();
      if (isActChanged) say('This request has changed. Look at it again before you decide.');
    } catch {
      // The next change, or the next page, tries again.
    }
  }

  let timer = 0;
  let refreshedMs = 0;
  function refreshSoon() {
    if (timer) return;
    const sinceMs = performance.now() - refreshedMs;
    timer = setTimeout(() => {
      timer = 0;
      refreshedMs = performance.now();
      refresh();
    }, Math.max(100, 1000 - sinceMs));
  }

  let events = null;
  let listeningAgain = 0;
  let position = document.body.dataset.position;
  function listen() {
    if (events) return;
    clearTimeout(listeningAgain);
    events = new EventSource('/events?after=' + position);
    const hear = (event) => {
      position = event.lastEventId || position;
      refreshSoon();
    };
    events.addEventListener('change', hear);
    events.addEventListener('reset', hear);
    // A browser comes back by itself after a break, but not after an answer that is no stream: a proxy's 502 say.
    events.addEventListener('error', () => {
      if (events?.readyState !== EventSource.CLOSED) return;
      stopListening();
      listeningAgain = setTimeout(listenIfKnown, 5000);
    });
  }
  // Where the session is over, the server leads to the login, and what is shown here gets old.
  async function listenIfKnown() {
    const answer = await fetch(readAddress(), { redirect: 'manual' }).catch(() => null);
    const notice = document.getElementById('logged-out');
    if (answer?.type !== 'opaqueredirect' || !notice) { listen(); return; }
    notice.querySelector('a').href = readAddress();
    notice.hidden = false;
  }
  function stopListening() {
    clearTimeout(listeningAgain);
    events?.close();
    events = null;
  }
  if (document.querySelector('[data-live]')) {
    // A browser has few connections for one server: only the inbox, which counts in its title, listens unseen.
    const isInbox = document.getElementById('q') !== null;
    listen();
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) listen();
      else if (!isInbox) stopListening();
    });
    addEventListener('pagehide', stopListening);
    addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
  }

  const filter = document.getElementById('q');
  if (filter) {
    let typing = 0;
    filter.addEventListener('input', () => {
      clearTimeout(typing);
      typing = setTimeout(async () => {
        const address = new URL(location.href);
        address.search = filter.value.trim() ? '?' + new URLSearchParams({ q: filter.value }) : '';
        history.replaceState(null, '', address);
        await refresh(address.href);
        const sum = document.querySelector('#list .sum');
        say(sum ? sum.textContent : '');
      }, 120);
    });
  }
`;
