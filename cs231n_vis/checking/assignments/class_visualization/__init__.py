"""Assignment 3: class visualisation."""
