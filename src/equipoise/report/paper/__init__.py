"""The paper pack: what a site writes on while no machine answers, made wholly from the protocol and the record."""
