/**
 * The database's shape, one step a version: `user_version` counts the steps taken.
 * A step that has been released is never changed; a new one is added after it.
 */
export const migrations: readonly string[] = [
  `
  -- seq orders everything: it only grows, whatever the clock does.
  CREATE TABLE jobs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    group_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    priority INTEGER NOT NULL,
    client TEXT NOT NULL,
    workspace TEXT,
    target TEXT,
    input TEXT NOT NULL,
    depends_on TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    -- Daemons that died while this job ran.
    interruptions INTEGER NOT NULL DEFAULT 0,
    paused INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    ended_seq INTEGER,
    deadline_at INTEGER,
    seed INTEGER,
    engine TEXT,
    -- How far the job is, in steps that need not be taken again.
    checkpoint TEXT,
    -- Set when a person cancelled a step that must first come to its own end.
    cancelling INTEGER NOT NULL DEFAULT 0,
    join_key TEXT,
    result TEXT,
    error TEXT
  ) STRICT;
  CREATE INDEX jobs_by_state ON jobs (state, seq);
  CREATE INDEX jobs_by_workspace ON jobs (workspace, state, seq) WHERE workspace IS NOT NULL;
  CREATE INDEX jobs_by_group ON jobs (group_id);
  CREATE INDEX jobs_by_end ON jobs (ended_seq) WHERE ended_seq IS NOT NULL;
  CREATE INDEX jobs_by_join_key ON jobs (join_key) WHERE join_key IS NOT NULL AND ended_seq IS NULL;

  -- Clients whose vanishing takes the job with it; a job without a row here is kept.
  CREATE TABLE job_owners (job TEXT NOT NULL, client TEXT NOT NULL, PRIMARY KEY (job, client)) STRICT, WITHOUT ROWID;
  CREATE INDEX job_owners_by_client ON job_owners (client);

  CREATE TABLE submissions (seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, reply TEXT NOT NULL) STRICT;

  -- Prompts that an engine may still hold. One whose job has ended or moved on is cancelled there.
  CREATE TABLE prompts (id TEXT PRIMARY KEY, engine TEXT NOT NULL, job TEXT NOT NULL) STRICT, WITHOUT ROWID;

  -- Artifact hashes found in lock files, and when they were last seen there.
  CREATE TABLE locked_hashes (hash TEXT PRIMARY KEY, seen_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
];
