"""Who runs the trial: protocol versions, sites, people and their roles, consent documents, the sealed list."""
