"""The pages of the sponsor, the administrator and the auditor: people, sites, protocol versions, how it stands."""
