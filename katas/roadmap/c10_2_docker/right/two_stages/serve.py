"""The app by a factory and a server object; the health check in the same file."""

import os
import sys
import urllib.request


def main() -> None:
    port = int(os.environ.get("PORT", "8000"))
    if "--health" in sys.argv:
        with urllib.request.urlopen(f"http://localhost:{port}/model", timeout=3) as answer:
            sys.exit(0 if answer.status == 200 else 1)
    import saved_model
    import uvicorn

    sha256 = os.environ.get("MODEL_SHA256")
    if not sha256:
        sys.exit("MODEL_SHA256 is not set")
    app = saved_model.create_app(os.path.join(os.path.dirname(__file__), "model"), sha256)
    config = uvicorn.Config(app, host="0.0.0.0", port=port, timeout_graceful_shutdown=2, log_level="warning")
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
