/** Tells of what does not work once, and again only after it worked in between. */
export type Outage = {
  readonly failed: (error: unknown) => void;
  readonly worked: () => void;
};

export function createOutage(onError: (error: unknown) => void): Outage {
  let isTold = false;
  return {
    failed: (error) => {
      if (!isTold) onError(error);
      isTold = true;
    },
    worked: () => {
      isTold = false;
    },
  };
}
