"""Serves the model in the folder model over HTTP; this is what the container runs."""


def main() -> None:
    """Serve create_app of saved_model on 0.0.0.0, at the port that PORT names; MODEL_SHA256 is the model's digest."""
    raise NotImplementedError


if __name__ == "__main__":
    main()
