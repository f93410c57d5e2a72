/** Thrown inside the transaction to undo all of it: somebody else was first. Never seen outside. */
export const LOST = new Error('lost');
