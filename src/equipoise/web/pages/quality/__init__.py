"""The pages of data quality: completeness, queries, verification, review, coding, the audit trail."""
