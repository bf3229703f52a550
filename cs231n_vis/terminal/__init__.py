"""The commands `cs231n-vis saliency` and `compare`, and the picture that the first draws."""
