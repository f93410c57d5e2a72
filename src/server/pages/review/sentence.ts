/** The words of an error or a reason, which stand in the middle of a line in a terminal, as a sentence. */
export function toSentence(text: string): string {
  const start = `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
  return /[.!?]$/.test(start) ? start : `${start}.`;
}
