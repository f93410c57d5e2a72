import { type CrashRoom, openCrashRoom } from './crashing-room.ts';
import { watchStatements } from './crashing-statements.ts';
import type { CrashNews, CrashOrder, CrashReport } from './messages.ts';

// Any number of approval servers in one process, each with a store of its own, which is killed with all of them once each
// stands still at its fail point.

const rooms = new Map<number, CrashRoom>();

function report(room: number, news: CrashNews): void {
  const message: CrashReport = { room, news };
  process.send?.(message);
}

async function open(order: Extract<CrashOrder, { kind: 'open' }>): Promise<void> {
  try {
    const { arm, start } = openCrashRoom({ ...order, report: (news) => report(order.room, news) });
    rooms.set(order.room, { arm, start });
    await start();
    report(order.room, { kind: 'ready' });
  } catch (error) {
    report(order.room, { kind: 'failed', why: String(error) });
  }
}

watchStatements();
process.on('message', (order: CrashOrder) => {
  if (order.kind === 'open') return void open(order);
  rooms.get(order.room)?.arm(order.arming);
  report(order.room, { kind: 'armed' });
});
// Without the test there is nobody to end it.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('error', () => {});
