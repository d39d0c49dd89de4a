export { payment } from './payment';
export { queueToken } from './queue-token';
export { reservation } from './reservation';
export { sweep } from './sweep';
