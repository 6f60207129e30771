"""The embedded AWS: MiniStack on loopback with IAM enforced, plus stand-ins for the services it lacks.

For development, tests and the demo. What it does not prove is listed in docs/explanation/embedded-aws.md.
"""
