"""What text says and must not say: nearest names, secrets, times."""
