"""Signing with a password: who signs proves anew to be the person whose signature it is (21 CFR 11.200)."""
