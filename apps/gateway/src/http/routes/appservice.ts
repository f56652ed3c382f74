import { pingAppservice } from '../appservice/ping-appservice.ts';
import { queryRoomByAlias, queryUserById } from '../appservice/query-nobody.ts';
import { sendTransaction } from '../appservice/send-transaction.ts';
import type { Route } from './route.ts';

const APP = '/_matrix/app/v1';

/** What our homeservers call. */
export const APPSERVICE_ROUTES: readonly Route[] = [
  { operation: 'sendTransaction', method: 'PUT', paths: [`${APP}/transactions/:txnId`], caller: 'homeserver', limit: 'other', handle: sendTransaction },
  { operation: 'pingAppservice', method: 'POST', paths: [`${APP}/ping`], caller: 'homeserver', limit: 'other', handle: pingAppservice },
  { operation: 'queryUserById', method: 'GET', paths: [`${APP}/users/:userId`], caller: 'homeserver', limit: 'other', handle: queryUserById },
  { operation: 'queryRoomByAlias', method: 'GET', paths: [`${APP}/rooms/:roomAlias`], caller: 'homeserver', limit: 'other', handle: queryRoomByAlias },
];
