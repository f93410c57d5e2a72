/** The little that a contract suite needs of a test runner: it imports none, so that any can run it. */
export type SuiteRunner = {
  readonly test: (name: string, body: () => Promise<void>) => void;
};
