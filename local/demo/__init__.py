"""`make demo`: deploys the real stack into the embedded AWS and runs the demo data through it."""
