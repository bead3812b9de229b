"""The pages, a package for those who use them, each page beside its template."""
