"""Making assignments and judging answers.

Making: ``release`` (text to notebooks), ``saved_maps``, ``student_repository``, ``demo``.

Judging, in the order of a submission's path: ``merge`` (the student's cells into the pristine
notebook), ``worker`` with ``sandbox``, ``warm`` and ``inside`` (run it, walled off), ``examine``
(take the answers out as arrays), ``checks`` with ``judge`` and ``misconceptions`` (right, wrong,
and why), ``results``, ``feedback`` and ``report`` (write it down). ``grade`` leads a class along
it. ``plugin`` and ``nbval_items`` do the part from ``examine`` on for pytest's nbval;
``cs231n_vis.check`` does it in the student's own notebook.
"""
