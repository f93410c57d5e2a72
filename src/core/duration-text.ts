import { DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS, UNIT_SECONDS } from './time.ts';

/** `30 min`, `2 h 45 min`, `1 d`, `45 s`: for people. Parts that are zero are left out. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(whole / DAY_SECONDS), 'd'],
    [Math.floor((whole % DAY_SECONDS) / HOUR_SECONDS), 'h'],
    [Math.floor((whole % HOUR_SECONDS) / MINUTE_SECONDS), 'min'],
    [whole >= HOUR_SECONDS ? 0 : whole % MINUTE_SECONDS, 's'],
  ];
  const shown = parts.filter(([value]) => value > 0).map(([value, unit]) => `${value} ${unit}`);
  return shown.length > 0 ? shown.join(' ') : '0 s';
}

/** `2h45m`: the form that can be typed back. */
export function formatTypedDuration(seconds: number): string {
  let rest = Math.max(1, Math.round(seconds));
  let text = '';
  for (const [unit, size] of Object.entries(UNIT_SECONDS)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) text += `${count}${unit}`;
  }
  return text;
}
