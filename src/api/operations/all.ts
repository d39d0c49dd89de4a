import type { Config } from '../../config';
import { adminOperations } from './admin';
import { assetOperations } from './asset';
import { concertOperations } from './concert';
import { healthOperations } from './health';
import type { Operation } from './operation';
import { operatorOperations } from './operator';
import { paymentOperations } from './payment';
import { planOperations } from './plan';
import { queueOperations } from './queue';
import { reservationOperations } from './reservation';
import { sessionOperations } from './session';

/** Every operation that a process with this kind of identity offers, in the order a newcomer meets them. */
export function operationsFor(authMode: Config['auth']['mode']): readonly Operation[] {
  return [
    ...(authMode === 'dev' ? sessionOperations : []),
    ...queueOperations,
    ...concertOperations,
    ...reservationOperations,
    ...assetOperations,
    ...paymentOperations,
    ...adminOperations,
    ...planOperations,
    ...operatorOperations,
    ...healthOperations,
  ];
}
