/**
 * Whether a store can still write what it must: a store in a file on a disk of its own machine keeps some room set aside.
 * Once the disk is full that room is what endings are written to, and nothing new is taken until it is set aside again.
 */
export interface Room {
  isShort(): boolean;
  /** Calls back with every change. Returns how to stop. */
  watch(listener: (isShort: boolean) => void): () => void;
  /** Sets the room aside where it is not, and there is enough for it. MUST be called again and again: nothing else heals. */
  look(): Promise<void>;
}
