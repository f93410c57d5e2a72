/** Whom a command talks to. stdout is for machines and pipes, stderr for people; prompts need both ends to be a TTY. */
export interface Terminal {
  /** True when questions may be asked: stdin and stderr are terminals and CI is not set. */
  readonly interactive: boolean;
  /** True when a line on stderr may be rewritten while something is waited for. */
  readonly animated: boolean;
  /** True when stdout is a screen that somebody looks at: lines are cut to it, and it may be drawn again. */
  readonly hasScreen: boolean;
  /** Paints text for people; does nothing without colour (NO_COLOR, CI, no TTY). */
  readonly paint: Paint;
  /** Columns of stderr; 80 when unknown. */
  readonly columns: number;
  /** Lines of stderr; 24 when unknown. */
  readonly rows: number;
  /** To stdout, as it is: the caller has neutralised it or it is a secret that was asked for. */
  print(text: string): void;
  /** To stderr, one line, untrusted parts neutralised (S12). */
  tell(line: string): void;
  /** A line that is alive while something is waited for; a plain line where there is no TTY. */
  startSpinner(text: string): Spinner;
  /** Calls for somebody who looked away: a sound, and a message where the terminal knows how. Nothing without a TTY. */
  alert(text: string): void;
  /** Each prompt throws `interrupted` on Ctrl-C and leaves the terminal as it was. Never called unless `interactive`. */
  select<T>(question: SelectQuestion<T>): Promise<T>;
  input(question: InputQuestion): Promise<string>;
  password(message: string): Promise<string>;
  confirm(message: string, options: { readonly fallback: boolean }): Promise<boolean>;
  /** A QR code for a phone; empty where the terminal is too narrow or no TTY. */
  drawQr(text: string): string;
}

export type Paint = {
  readonly strong: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly accent: (text: string) => string;
};

export interface Spinner {
  update(text: string): void;
  succeed(text: string): void;
  fail(text: string): void;
  /** Removes the line. */
  stop(): void;
}

export type SelectQuestion<T> = {
  readonly message: string;
  /** Typing searches in `name` and `description`. */
  readonly choices: readonly { readonly name: string; readonly value: T; readonly description?: string }[];
};

export type InputQuestion = {
  readonly message: string;
  readonly initial?: string;
  /** Undefined when the answer will do, else what is wrong with it. */
  readonly complain?: (answer: string) => string | undefined;
};
