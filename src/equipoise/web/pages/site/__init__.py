"""The pages of a site: what is to be done today, the participants, their visits and forms."""
