/** Writes the fields of server-sent events (HTML Living Standard §9.2.5) to one client, for as long as it is there. */
export type Pen = {
  /** False while the client has not read what it was sent. */
  readonly hasRoom: () => boolean;
  readonly write: (...fields: readonly string[]) => void;
  readonly close: () => void;
};

export function createPen(controller: ReadableStreamDefaultController<Uint8Array>, gone: AbortSignal): Pen {
  const encoder = new TextEncoder();
  return {
    hasRoom: () => (controller.desiredSize ?? 0) > 0,
    write: (...fields) => {
      if (!gone.aborted) controller.enqueue(encoder.encode(`${fields.join('\n')}\n\n`));
    },
    close: () => {
      if (!gone.aborted) controller.close();
    },
  };
}
