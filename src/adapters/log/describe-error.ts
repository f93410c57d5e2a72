const LONGEST_TEXT_CHARACTERS = 2_048;
const MOST_CAUSES = 4;

export type DescribedError = {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  /** Where it was thrown, without the message; absent where the error says all by its code. */
  readonly stack?: readonly string[];
  readonly cause?: DescribedError;
};

/** What a log says of whatever was thrown. */
export function describeError(error: unknown, depth = 0): DescribedError {
  if (!(error instanceof Error)) return { name: typeof error, message: cut(String(error)) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const stack = error.name === 'JitError' ? [] : listFrames(error);
  const hasCause = error.cause !== undefined && depth < MOST_CAUSES;
  return {
    name: error.name,
    message: cut(error.message),
    ...(code === undefined ? {} : { code }),
    ...(stack.length === 0 ? {} : { stack }),
    ...(hasCause ? { cause: describeError(error.cause, depth + 1) } : {}),
  };
}

function listFrames({ stack = '' }: Error): readonly string[] {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => cut(line.trim()));
}

function cut(text: string): string {
  return text.length > LONGEST_TEXT_CHARACTERS ? `${text.slice(0, LONGEST_TEXT_CHARACTERS)}…` : text;
}
