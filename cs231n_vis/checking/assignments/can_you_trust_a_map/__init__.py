"""Assignment 5: can you trust a map?"""
