"""Whether the data are right: queries, completeness, source verification, review, coding, double entry."""
