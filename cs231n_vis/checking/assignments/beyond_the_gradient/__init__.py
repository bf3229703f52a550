"""Assignment 4: beyond the gradient."""
