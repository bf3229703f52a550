# Prints and shows large things in sixty cells, each of which alone would be bearable.
# attacks: outputs
# %%
print("\U0001f600" * 900_000, 1)
# %%
display({"text/html": "<script>alert(1)</script>" * 30_000}, raw=True)
# %%
display({"image/png": "A" * 900_000, "application/json": {"a": ["b"] * 90_000}}, raw=True)
# %%
raise ValueError("\u20ac" * 900_000)
# %%
print("\U0001f600" * 900_000, 2)
# %%
display({"text/html": "<script>alert(1)</script>" * 30_000}, raw=True)
# %%
display({"image/png": "A" * 900_000, "application/json": {"a": ["b"] * 90_000}}, raw=True)
# %%
raise ValueError("\u20ac" * 900_000)
# %%
print("\U0001f600" * 900_000, 3)
# %%
display({"text/html": "<script>alert(1)</script>" * 30_000}, raw=True)
# %%
display({"image/png": "A" * 900_000, "application/json": {"a": ["b"] * 90_000}}, raw=True)
# %%
raise ValueError("\u20ac" * 900_000)
# %%
print("\U0001f600" * 900_000, 4)
# %%
display({"text/html": "<script>alert(1)</script>" * 30_000}, raw=True)
# %%
display({"image/png": "A" * 900_000, "application/json": {"a": ["b"] * 90_000}}, raw=True)
# %%
raise ValueError("\u20ac" * 900_000)
# %%
print("\U0001f600" * 900_000, 5)
# %%
display({"text/html": "<script>alert(1)</script>" * 30_000}, raw=True)
# %%
display({"image/png": "A" * 900_000, "application/json": {"a": ["b"] * 90_000}}, raw=True)
# %%
raise ValueError("\u20ac" * 900_000)
# %%
print("\U0001f600" * 900_000, 6)
# %%
display({"text/html": "<script>alert(1)</script>" * 30_000}, raw=True)
# %%
display({"image/png": "A" * 900_000, "application/json": {"a": ["b"] * 90_000}}, raw=True)
# %%
raise ValueError("\u20ac" * 900_000)
# %%
print("\U0001f600" * 900_000, 7)
# %%
display({"text/html": "<script>alert(1)</script>" * 30_000}, raw=True)
# %%
display({"image/png": "A" * 900_000, "application/json": {"a": ["b"] * 90_000}}, raw=True)
# %%
raise ValueError("\u20ac" * 900_000)
# %%
print("\U0001f600" * 900_000, 8)
# %%
display({"text/html": "<script>alert(1)</script>" * 30_000}, raw=True)
# %%
display({"image/png": "A" * 900_000, "application/json": {"a": ["b"] * 90_000}}, raw=True)
# %%
raise ValueError("\u20ac" * 900_000)
# %%
print("\U0001f600" * 900_000, 9)
# %%
display({"text/html": "<script>alert(1)</script>" * 30_000}, raw=True)
# %%
display({"image/png": "A" * 900_000, "application/json": {"a": ["b"] * 90_000}}, raw=True)
# %%
raise ValueError("\u20ac" * 900_000)
# %%
print("\U0001f600" * 900_000, 10)
# %%
display({"text/html": "<script>alert(1)</script>" * 30_000}, raw=True)
# %%
display({"image/png": "A" * 900_000, "application/json": {"a": ["b"] * 90_000}}, raw=True)
# %%
raise ValueError("\u20ac" * 900_000)
# %%
print("\U0001f600" * 900_000, 11)
# %%
display({"text/html": "<script>alert(1)</script>" * 30_000}, raw=True)
# %%
display({"image/png": "A" * 900_000, "application/json": {"a": ["b"] * 90_000}}, raw=True)
# %%
raise ValueError("\u20ac" * 900_000)
# %%
print("\U0001f600" * 900_000, 12)
# %%
display({"text/html": "<script>alert(1)</script>" * 30_000}, raw=True)
# %%
display({"image/png": "A" * 900_000, "application/json": {"a": ["b"] * 90_000}}, raw=True)
# %%
raise ValueError("\u20ac" * 900_000)
# %%
print("\U0001f600" * 900_000, 13)
# %%
display({"text/html": "<script>alert(1)</script>" * 30_000}, raw=True)
# %%
display({"image/png": "A" * 900_000, "application/json": {"a": ["b"] * 90_000}}, raw=True)
# %%
raise ValueError("\u20ac" * 900_000)
# %%
print("\U0001f600" * 900_000, 14)
# %%
display({"text/html": "<script>alert(1)</script>" * 30_000}, raw=True)
# %%
display({"image/png": "A" * 900_000, "application/json": {"a": ["b"] * 90_000}}, raw=True)
# %%
raise ValueError("\u20ac" * 900_000)
# %%
print("\U0001f600" * 900_000, 15)
# %%
display({"text/html": "<script>alert(1)</script>" * 30_000}, raw=True)
# %%
display({"image/png": "A" * 900_000, "application/json": {"a": ["b"] * 90_000}}, raw=True)
# %%
raise ValueError("\u20ac" * 900_000)


# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return None
