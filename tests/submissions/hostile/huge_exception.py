# Raises an exception with 200 MB of text, caused by ten thousand others.
# attacks: outputs
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    problem = ValueError("x" * 200_000_000)
    for number in range(10_000):
        cause, problem = problem, ValueError(number)
        problem.__cause__ = cause
    raise problem
