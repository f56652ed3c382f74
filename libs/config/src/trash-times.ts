interface Terms {
  readonly retention: { readonly trash: number };
  readonly homeservers: readonly { readonly server_name: string; readonly retention: { readonly trash?: number | undefined } }[];
}

/** For how many milliseconds deleted media of a server name can be restored; 0: not at all. */
export type TrashTimes = (origin: string) => number;

/** What the configuration says for each tenant, and for other servers' media what it says for all. */
export function toTrashTimes({ retention, homeservers }: Terms): TrashTimes {
  const own = new Map(homeservers.map(({ server_name, retention: { trash } }) => [server_name, trash]));
  return (origin) => own.get(origin) ?? retention.trash;
}
