import { beforeDeadline, type Deadline } from '../deadline.ts';

/** Lets a few work at once; the others wait for their turn, no longer than their deadline. */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  async use<T>(deadline: Deadline, work: () => Promise<T>): Promise<T> {
    await this.#take(deadline);
    try {
      return await work();
    } finally {
      this.#give();
    }
  }

  async #take(deadline: Deadline): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    try {
      await beforeDeadline(deadline, promise);
    } catch (error) {
      const index = this.#waiting.indexOf(resolve);
      if (index === -1) this.#give();
      else this.#waiting.splice(index, 1);
      throw error;
    }
  }

  #give(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}
