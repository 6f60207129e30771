"""Training: from a configuration in S3 to trained models and batch segment jobs. Pure; no AWS calls here."""
