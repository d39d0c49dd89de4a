/** The control: the next version as if no hold were open. */
export { reservationUnpatched as reservation } from './next-version';
