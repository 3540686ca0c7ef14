"""Base images: fetch, choose, destroy."""
