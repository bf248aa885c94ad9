"""Checked by hand, from the plain body; the app is made by a factory."""

import math
import os

import saved_model
import numpy as np
import uvicorn
from fastapi import Body, FastAPI
from fastapi.responses import JSONResponse

NAMES = ("sepal_length", "sepal_width", "petal_length", "petal_width")


def create_service(folder, sha256):
    model = saved_model.load(folder, sha256)
    app = FastAPI()

    @app.post("/classify")
    async def classify(body=Body(None)):
        try:
            row = np.array([[body[name] for name in NAMES]], dtype=float)
        except (KeyError, TypeError, ValueError, OverflowError):
            return JSONResponse({"detail": "four numbers, please"}, status_code=422)
        if not all(math.isfinite(value) and 0 < value <= 100 for value in row[0]):
            return JSONResponse({"detail": "between 0 and 100, please"}, status_code=422)
        (species,) = model.predict(row).tolist()
        return {"species": species, "probability": model.predict_proba(row).max().item()}

    return app


def main():
    app = create_service("model", os.environ["MODEL_SHA256"])
    uvicorn.run(app, host="0.0.0.0", port=int(os.environ.get("PORT", 8000)))


if __name__ == "__main__":
    main()
