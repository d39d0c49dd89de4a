import { paymentWorkflowId, queueTokenWorkflowId, reservationWorkflowId } from '../../src/workflows/ids';
import { newFan, newGuest } from '../support/fan';
import { countOf, makeQueue, statusOf } from '../support/fixtures';
import type { Reply } from '../support/http';
import { eventually, type ApiProcess } from '../support/system';
import { answer } from './kill';
import { reservationAtRest, tokenAtRest } from './rest';
import { pay, tokenIdOf, type Place } from './writes';

/** One life of a workflow, with rows of its own, begun while no worker runs. */
export interface Lived {
  /** The name of its trail. */
  trail: string;
  /** How often its effect is there; more than once is damage. */
  effects(): Promise<number>;
  settled(): Promise<boolean>;
  /** What the client was told, if somebody waits. */
  answered?: Promise<Reply>;
}

export interface Life {
  name: string;
  must: string[];
  begin(): Promise<Lived>;
}

/** While others are still to be killed, nobody may be there to answer. */
const ANSWERED_MS = 600_000;

const both = (...crossings: string[]) => crossings.flatMap((crossing) => [`before ${crossing}`, `after ${crossing}`]);

/** What workers do. `brief` is an API process whose holds last a second. */
export function livesOf(place: Place, brief: ApiProcess): Life[] {
  return [
    {
      name: 'payment',
      must: [
        'after task: initializeWorkflow',
        // Letting the next fan in comes on top where no API's snapshot has done it meanwhile.
        ...both('COMMIT of asset_entry, asset, payment', 'Temporal SignalWorkflowExecution', 'activity result'),
        ...both('commands: '),
      ],
      begin: () => payment(place),
    },
    {
      name: 'hold expires',
      must: ['after task: initializeWorkflow', ...both('COMMIT of reservation, concert_seat', 'activity result')],
      begin: () => holdExpires(place, brief),
    },
    {
      name: 'token expires',
      must: ['after task: initializeWorkflow', ...both('UPDATE waiting_token.status', 'activity result')],
      begin: () => tokenExpires(place),
    },
    {
      name: 'dispatcher',
      must: both(
        'COMMIT of waiting_token',
        'Temporal StartWorkflowExecution',
        'UPDATE waiting_token.workflow_started_at',
      ),
      begin: () => dispatched(place),
    },
  ];
}

async function payment(place: Place): Promise<Lived> {
  const attempt = await pay(place);
  return {
    trail: paymentWorkflowId(attempt.reservationId),
    effects: attempt.effects,
    settled: attempt.settled,
    answered: answer(() => attempt.send(place.system), ANSWERED_MS),
  };
}

/** Its time is over when the worker comes. */
async function holdExpires({ system, sale, seat }: Place, brief: ApiProcess): Promise<Lived> {
  const fan = await newGuest(system, sale);
  const seatId = seat();
  const { body: held } = await fan.at(brief).hold(sale.scheduleId, [seatId]);
  await eventually(
    'its time is over',
    () => fan.reservation(held.id),
    ({ body }) => body.status === 'EXPIRED',
  );
  return {
    trail: reservationWorkflowId(held.id),
    effects: async () => Number((await statusOf(system.db, 'concert_seat', seatId)) === 'FREE'),
    settled: () => reservationAtRest(system, held.id, 'EXPIRED'),
  };
}

async function tokenExpires(place: Place): Promise<Lived> {
  const { system } = place;
  const fan = await newFan(system);
  await fan.join((await makeQueue(system.db, { maxActive: 1, activeSeconds: 1 })).name);
  const tokenId = await tokenIdOf(place, fan);
  await eventually('its time is over', fan.poll, ({ body }) => body.status === 'EXPIRED');
  return {
    trail: queueTokenWorkflowId(tokenId),
    effects: async () => Number((await statusOf(system.db, 'waiting_token', tokenId)) === 'EXPIRED'),
    settled: () => tokenAtRest(system, tokenId, 'EXPIRED'),
  };
}

/** A token that waits has no workflow until a dispatcher comes. */
async function dispatched(place: Place): Promise<Lived> {
  const { system } = place;
  const fan = await newFan(system);
  await fan.join((await makeQueue(system.db, { maxActive: 0 })).name);
  const tokenId = await tokenIdOf(place, fan);
  return {
    trail: 'dispatcher',
    effects: () => countOf(system.db, 'waiting_token', 'id = ? AND workflow_started_at IS NOT NULL', [tokenId]),
    settled: () => tokenAtRest(system, tokenId, 'WAITING'),
  };
}
