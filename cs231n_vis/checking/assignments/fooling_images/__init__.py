"""Assignment 2: fooling images."""
