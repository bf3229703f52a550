"""Assignment 6: right for the wrong reason."""
