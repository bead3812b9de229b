"""The shipped protocols, each read once in a test process: a Protocol cannot change, so tests may share it."""

from functools import cache

from equipoise.protocol import read_protocol

shipped = cache(read_protocol)
