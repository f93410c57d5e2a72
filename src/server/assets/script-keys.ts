/** Single keys, which can be turned off (WCAG 2.1.4), and the dialogs that they open. */
export const SCRIPT_KEYS = `
  const SETTING = 'jit-keys';
  const readSetting = () => { try { return localStorage.getItem(SETTING); } catch { return null; } };
  let isOn = readSetting() !== 'off';
  const keysDialog = document.getElementById('keys');
  const keysOn = document.getElementById('keys-on');
  if (keysOn) {
    keysOn.checked = isOn;
    keysOn.addEventListener('change', () => {
      isOn = keysOn.checked;
      try { localStorage.setItem(SETTING, isOn ? 'on' : 'off'); } catch { /* for this page only, then */ }
    });
  }
  for (const opener of document.querySelectorAll('[data-opens=keys]')) {
    opener.hidden = false;
    opener.addEventListener('click', () => keysDialog.showModal());
  }
  for (const closer of document.querySelectorAll('[data-closes]')) {
    closer.addEventListener('click', () => closer.closest('dialog').close());
  }

  const listRows = () => [...document.querySelectorAll('[data-row] a[id^="open-"]')];
  const findRow = () => document.activeElement?.closest?.('[data-row]') ?? null;

  function move(step) {
    const rows = listRows();
    if (rows.length === 0) return;
    const current = rows.indexOf(findRow()?.querySelector('a[id^="open-"]'));
    const next = current < 0 ? (step > 0 ? 0 : rows.length - 1) : current + step;
    if (next < 0 || next >= rows.length) {
      const link = document.querySelector(step > 0 ? '.pager a[rel=next]' : '.pager a[rel=prev]');
      if (link) { sessionStorage.setItem('jit-arrive', step > 0 ? 'first' : 'last'); link.click(); }
      return;
    }
    rows[next].focus();
    rows[next].scrollIntoView({ block: 'nearest' });
  }
  try {
    const arrive = sessionStorage.getItem('jit-arrive');
    sessionStorage.removeItem('jit-arrive');
    if (arrive) listRows().at(arrive === 'last' ? -1 : 0)?.focus();
  } catch { /* no storage: nothing to arrive from */ }

  function ask(id) {
    const row = findRow();
    const dialog = document.getElementById(id);
    if (!row || !dialog) return false;
    if (!row.dataset.digest) { row.querySelector('a[id^="open-"]').click(); return true; }
    dialog.querySelector('[data-fill=asked]').textContent = row.dataset.asked;
    dialog.querySelector('[data-fill=why]').textContent = row.querySelector('.row-why').textContent;
    const form = dialog.querySelector('form');
    form.action = '/requests/' + encodeURIComponent(row.dataset.row) + '/decide';
    form.elements.digest.value = row.dataset.digest;
    dialog.showModal();
    (dialog.querySelector('input:not([type=hidden])') ?? dialog.querySelector('[type=submit]')).focus();
    return true;
  }

  function focusOn(id) {
    const found = document.getElementById(id);
    if (!found) return false;
    found.focus();
    found.scrollIntoView({ block: 'nearest' });
    return true;
  }

  const KEYS = {
    j: () => move(1),
    k: () => move(-1),
    a: () => ask('approve-dialog') || focusOn('approve-button') || focusOn('review-reason'),
    d: () => ask('deny-dialog') || focusOn('deny-reason') || focusOn('review-reason'),
    '/': () => focusOn('q') || focusOn('user'),
    u: () => document.getElementById('back')?.click(),
    '?': () => keysDialog?.showModal(),
  };

  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && event.target.id === 'q') { event.target.blur(); return; }
    if (event.key === 'Enter' && event.target.id === 'q') {
      // What is typed is filtered already: on to the list.
      if (listRows().length > 0) { event.preventDefault(); move(1); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    if (document.querySelector('dialog[open]')) return;
    if (event.target.closest?.('input, textarea, select')) return;
    const act = (isOn || event.key === '?') && Object.hasOwn(KEYS, event.key) ? KEYS[event.key] : null;
    if (!act) return;
    event.preventDefault();
    act();
  });
`;
