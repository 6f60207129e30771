"""Put files in the outbox."""
