"""The helpers of keras-vis, in ``utils.utils``."""
