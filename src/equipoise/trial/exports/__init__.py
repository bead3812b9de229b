"""What leaves a trial as files: datasets, ODM, the record; each an event that names purpose, size and hash."""
