"""Making: ``release`` (text to notebooks), ``write_saved_maps`` (right results, in float64),
``student_repository`` and ``rooms`` (what students are handed), ``demo``.
"""
