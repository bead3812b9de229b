"""Tables of tests of several hypotheses."""
