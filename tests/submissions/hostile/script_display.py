# Displays HTML and JavaScript that would run in the browser of whoever reads the feedback.
# attacks: outputs
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    from IPython.display import HTML, Javascript, display

    display(HTML("<script>document.title = 'owned'</script><img src=x onerror='alert(1)'>"))
    display(Javascript("document.body.innerHTML = 'full marks'"))
    raise ValueError("<script>alert('from a message')</script>\x1b[2J\x1b]0;owned\x07\x00\ud800")
