"""Commands that concern the data of a running trial."""
