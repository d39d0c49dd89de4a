import { AssetEntryPage, AssetView, ChargeRequest, ChargeView } from '../../contracts/asset';
import { PageQuery } from '../../contracts/common';
import { API } from '../paths';
import type { Operation } from './operation';

export const assetOperations: readonly Operation[] = [
  {
    method: 'get',
    path: `${API}/asset`,
    operationId: 'getAsset',
    tag: 'Asset',
    summary: 'Read your balance',
    description: 'The balance as it is; history is not summed up for it.',
    access: 'user',
    replies: [{ status: 200, description: 'The balance', body: AssetView }],
    refusals: [],
  },
  {
    method: 'get',
    path: `${API}/asset/entries`,
    operationId: 'listAssetEntries',
    tag: 'Asset',
    summary: 'List the movements of your balance',
    description: 'The ledger, newest first.',
    access: 'user',
    query: PageQuery,
    replies: [{ status: 200, description: 'A page of the ledger', body: AssetEntryPage }],
    refusals: [],
  },
  {
    method: 'post',
    path: `${API}/asset/charges`,
    operationId: 'chargeAsset',
    tag: 'Asset',
    summary: 'Charge your balance',
    description: 'Adds to the balance, once per Idempotency-Key: to charge again, send another key.',
    access: 'user',
    body: { schema: ChargeRequest, required: true },
    idempotencyKey: 'charge-1',
    replies: [{ status: 201, description: 'Charged', body: ChargeView, headers: ['Idempotency-Replayed'] }],
    refusals: [],
  },
];
