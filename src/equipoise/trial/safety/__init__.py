"""Safety where both sides of the blind meet: the watch, the reports of a case, those for the safety board."""
