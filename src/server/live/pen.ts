/** Writes the fields of server-sent events (HTML Living Standard §9.2.5) to one client. */
export type Pen = {
  /** False while the client has not read what it was sent. */
  readonly hasRoom: () => boolean;
  readonly write: (...fields: readonly string[]) => void;
  /** Safe when the client is gone. */
  readonly close: () => void;
};

export function createPen(controller: ReadableStreamDefaultController<Uint8Array>): Pen {
  const encoder = new TextEncoder();
  return {
    hasRoom: () => (controller.desiredSize ?? 0) > 0,
    write: (...fields) => controller.enqueue(encoder.encode(`${fields.join('\n')}\n\n`)),
    close: () => {
      try {
        controller.close();
      } catch {
        // It was cancelled: there is nobody to close it for.
      }
    },
  };
}
