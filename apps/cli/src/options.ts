/** What every command understands. */
export interface CommonOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly progress?: boolean;
  readonly connect?: boolean;
  readonly standalone?: boolean;
  readonly dryRun?: boolean;
}
