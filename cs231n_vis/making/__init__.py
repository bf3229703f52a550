"""Making: ``release`` (text to notebooks), ``save_maps`` (the right results, in double precision),
``student_repository`` and ``rooms`` (what students are handed), ``demo``.
"""
