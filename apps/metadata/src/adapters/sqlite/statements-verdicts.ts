export const VERDICTS = {
  putVerdict: `INSERT OR REPLACE INTO content_verdicts (digest, state, finding, scanner, at) VALUES ($digest, $state, $finding, $scanner, $at)`,
  passUnjudged: `INSERT INTO content_verdicts (digest, state, finding, scanner, at) VALUES ($digest, $state, $finding, $scanner, $at)
                 ON CONFLICT DO NOTHING`,
  verdict: 'SELECT * FROM content_verdicts WHERE digest = $digest',
  judgedOf: 'SELECT digest FROM content_verdicts WHERE digest IN (SELECT value FROM json_each($digests))',
  verdictsOfState: 'SELECT * FROM content_verdicts WHERE state = $state AND digest > $after ORDER BY digest LIMIT $limit',
  addToExamine: 'INSERT INTO content_to_examine (digest, at) VALUES ($digest, $at) ON CONFLICT DO NOTHING',
  examined: 'DELETE FROM content_to_examine WHERE digest = $digest',
  toExamine: 'SELECT * FROM content_to_examine WHERE digest = $digest',
  allToExamine: 'SELECT * FROM content_to_examine WHERE digest > $after ORDER BY digest LIMIT $limit',
} as const;
