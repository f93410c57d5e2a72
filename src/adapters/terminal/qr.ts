import { renderUnicodeCompact } from 'uqr';

/** The screen that a code must fit on. */
export type Screen = { readonly columns: number; readonly rows: number };

const BORDER_MODULES = 2;

/** Half-block lines, light on dark; empty when they would not fit on one screen. */
export function drawQrCode(text: string, screen: Screen): string {
  const code = renderUnicodeCompact(text, { border: BORDER_MODULES });
  const lines = code.split('\n');
  const fits = lines.length < screen.rows && (lines[0]?.length ?? 0) <= screen.columns;
  return fits ? code : '';
}
