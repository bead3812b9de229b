"""The rehearsal of a trial: virtual sites and participants walk through the real doors with a moved clock."""
