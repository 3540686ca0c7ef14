"""Forms: what they ask, and how their input becomes a request."""
