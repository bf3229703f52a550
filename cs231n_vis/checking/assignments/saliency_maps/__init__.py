"""Assignment 1: saliency maps."""
