"""What students have of the judge: from what an answer returns to a verdict and a hint.

``in_notebook`` is what check cells call; ``plugin`` and ``nbval_items`` do the same for pytest's
nbval. Both ask an answer (``exchange``, with ``calls`` where a plain call will not do), judge what
it returned (``checks`` with ``verdict``) and name the mistake (``misconceptions``). The checks
themselves are in ``assignments``, a folder for each assignment.
"""
