"""What rules look at and what runs them. The rules themselves are in `rules`, one module each."""
