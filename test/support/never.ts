/** Something that is waited for in vain. */
export const never = (): Promise<never> => new Promise(() => undefined);
