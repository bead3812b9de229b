"""What data managers and auditors read of a record with SQL alone.

`trail` is the audit trail: the time in UTC and by the clock of the site, the content as JSON (ICH E6(R3) 4.2.2).
`activity` says who did how much of what on which day of their site, where the planned review of the trail begins
(E6(R3) 4.2.3). Both belong to the record's schema and so to its side of the blind.
"""

VIEWS = """
CREATE VIEW {schema}.trail AS
SELECT sequence, at AT TIME ZONE 'UTC' AS utc, at AT TIME ZONE zone AS local_time, zone, actor, role, site,
    participant, kind, version, payload::jsonb AS payload, reason, request, part, encode(hash, 'hex') AS hash
FROM {schema}.event;
COMMENT ON VIEW {schema}.trail IS 'The audit trail: time in UTC and by the clock of the site, content as JSON';

CREATE VIEW {schema}.activity AS
SELECT (at AT TIME ZONE zone)::date AS day, site, actor, role, kind,
    count(*) AS events, count(reason) AS with_reason
FROM {schema}.event GROUP BY 1, 2, 3, 4, 5;
COMMENT ON VIEW {schema}.activity IS 'Who did how much of what on which day, by the clock of the site';
"""
