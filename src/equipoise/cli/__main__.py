"""`python -m equipoise.cli`."""

from . import main

main()
