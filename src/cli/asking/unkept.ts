import type { Engineer } from '../../client/engineer.ts';
import type { OnUnkept, Unkept } from '../../client/request.ts';
import type { World } from '../world.ts';

/** Names what is live and not here, and what helps. */
export async function tellUnkept(world: World, { grant, request }: Unkept): Promise<void> {
  const help = `jit wait ${request.id} delivers it again, jit done ${grant.id} gives it back`;
  world.terminal.tell(
    `${world.terminal.paint.warn('!')} ${grant.id} is live and could not be kept here: ${help}`,
  );
}

/** For a command that asked only for itself: what it asked for is given back at once, all else is named. */
export function giveBackUnkept(world: World, engineer: Engineer, isMine: () => boolean): OnUnkept {
  return async (unkept) => {
    const { id } = unkept.grant;
    const isGiven = unkept.isOwn && isMine() && (await giveBackNow(engineer, id));
    if (!isGiven) return tellUnkept(world, unkept);
    world.terminal.tell(`${world.terminal.paint.warn('!')} ${id} could not be kept here, and was given back`);
  };
}

async function giveBackNow(engineer: Engineer, id: string): Promise<boolean> {
  try {
    return (await engineer.giveBack({ grantIds: [id], because: 'done' })).given.length > 0;
  } catch {
    return false;
  }
}
