const ATTEMPTS = 20;

/** Does what needs one port at two places, again with another where somebody else has it at one of them. */
export async function whereFree<Value>(attempt: () => Promise<Value>): Promise<Value> {
  for (let left = ATTEMPTS; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!isTaken || left <= 1) throw error;
    }
  }
}
