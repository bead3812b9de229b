"""What a protocol can find out: size, power, detectable effect, looks on the way and calendar, before anyone enters."""
