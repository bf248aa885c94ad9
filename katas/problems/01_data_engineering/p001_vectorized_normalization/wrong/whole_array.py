"""The mean and the deviation are taken over the whole array, not down each column."""



def zscore(x):
    if x.ndim != 2 or len(x) == 0:
        raise ValueError(f"x must be a table with at least one row, got shape {x.shape}")
    std = x.std()
    return (x - x.mean()) / (std if std > 1e-12 else 1.0)
