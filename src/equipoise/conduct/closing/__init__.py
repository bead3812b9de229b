"""How the trial ends: signatures, locks, the data cut, exports, unblinding."""
