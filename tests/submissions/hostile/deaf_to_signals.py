# Ignores every signal that can be ignored, and loops.
# attacks: signals
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import signal

    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    while True:
        pass
