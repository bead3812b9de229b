"""Commands at the wall of the blind: masked values, opened envelopes, the audit of the sealed list."""
