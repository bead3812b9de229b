"""Commands that keep a trial safe, and give it out of hand."""
