"""Making assignments and judging answers: release, saved maps, judge.

``judge`` knows numbers only; ``saved_maps`` knows files; ``release`` knows notebooks. What a
student's notebook calls is ``cs231n_vis.check``, which puts them together.
"""
