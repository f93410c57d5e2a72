/** Colours and measures. Every pair of text and ground has a contrast of 4.5 or more, in light and in dark. */
export const TOKENS = `
:root {
  color-scheme: light dark;
  --ground: #f3f5f6;
  --surface: #ffffff;
  --sunken: #f3f5f6;
  --line: #d3d9dd;
  --line-strong: #77838c;
  --text: #182026;
  --text-soft: #51606a;
  --accent: #0b6655;
  --accent-strong: #084f42;
  --accent-text: #ffffff;
  --danger: #a3271f;
  --danger-ground: #fbeceb;
  --notice: #6b4a00;
  --notice-ground: #fdf4dc;
  --focus: #1257c4;
  --radius: 8px;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace;
  --sans: system-ui, -apple-system, "Segoe UI", "Noto Sans", "Liberation Sans", Arial, sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #11171b;
    --surface: #1a2227;
    --sunken: #141b1f;
    --line: #323d45;
    --line-strong: #81909a;
    --text: #e8edf0;
    --text-soft: #a9b6be;
    --accent: #4fc3a8;
    --accent-strong: #74d6bf;
    --accent-text: #06231d;
    --danger: #ff9d94;
    --danger-ground: #38201f;
    --notice: #f2cf7f;
    --notice-ground: #332a15;
    --focus: #8fb8ff;
  }
}
`;
