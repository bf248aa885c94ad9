"""Serves the model in the folder model over HTTP; this is what the container runs."""

import os

import uvicorn
from saved_model import create_app


def main() -> None:
    """Serve create_app of saved_model on 0.0.0.0, at the port that PORT names; MODEL_SHA256 is the model's digest."""
    # Made before anything listens: where the model is another one, this raises, and nobody is ever served by it. A
    # variable that is missing raises as well, so there is no default that could be right by chance.
    app = create_app("model", os.environ["MODEL_SHA256"])
    # 127.0.0.1, uvicorn's default, is the container's own loopback. Without the limit, a request that never ends would
    # hold up the end until Docker kills the process.
    uvicorn.run(app, host="0.0.0.0", port=int(os.environ["PORT"]), timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main()

# More than one core is used by more containers, or by uvicorn's `workers`; each process then loads its own model.
