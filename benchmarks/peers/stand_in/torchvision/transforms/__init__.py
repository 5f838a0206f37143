"""Transforms of pictures."""
