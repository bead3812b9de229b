"""The conduct of a trial: what people do is a decision on the record, a module a chapter."""
