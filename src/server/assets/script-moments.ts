/** Keeps `in 42 min` true while the page is open, by the server's clock; the words are those of `formatDistance`. */
export const SCRIPT_MOMENTS = `
  const startedAt = Number(document.body.dataset.now);
  const loadedMs = performance.now();
  const readNow = () => startedAt + performance.now() - loadedMs;

  function tellDistance(at) {
    const now = readNow();
    if (at <= now && now - at < 10000) return 'just now';
    const seconds = Math.floor(Math.abs(at - now) / 1000);
    const days = Math.floor(seconds / 86400);
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.floor(seconds / 60) % 60;
    const text = days > 0 ? days + ' d'
      : hours > 0 ? hours + ' h' + (minutes > 0 ? ' ' + minutes + ' min' : '')
      : minutes > 0 ? minutes + ' min'
      : seconds + ' s';
    return at > now ? 'in ' + text : text + ' ago';
  }

  function tellMoments() {
    for (const time of document.querySelectorAll('time[data-moment]')) {
      const text = tellDistance(Number(time.dataset.moment));
      if (time.textContent !== text) time.textContent = text;
    }
  }
  setInterval(tellMoments, 5000);
`;
