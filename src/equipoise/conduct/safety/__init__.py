"""Harm: which events are serious, suspected and unexpected, which clocks then run, when enrolment pauses."""
