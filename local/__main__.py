"""`python -m local` runs the embedded AWS."""

from local.server import main

main()
