"""Safety behind the wall: cases for the authorities, stopping rules, the closed report of the safety board."""
