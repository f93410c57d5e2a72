/** Which part of a plugin was tried. */
export type PluginPart = 'backend' | 'connector' | 'channel';

export type TestResult = {
  readonly part: PluginPart;
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Why it failed, or was not tried. */
  readonly why: string | null;
};

/** What to try a plugin with; null: what it says itself, or what it offers. */
export type PluginCheckOrder = {
  /** A profile, a package, or a path. */
  readonly name: string;
  /** Something that is granted at once, or that a connector can issue. */
  readonly scope: string | null;
  /** Something that waits for a person. */
  readonly reviewedScope: string | null;
  readonly target: string | null;
  /** A JSON file with the settings of a connector's target. */
  readonly settingsFile: string | null;
  readonly onResult: (result: TestResult) => void;
};
