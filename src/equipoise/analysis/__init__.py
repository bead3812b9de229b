"""From estimands and data to results: one file a kind of analysis."""
