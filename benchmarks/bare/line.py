"""The least that a command made with Typer can do: print one line."""

import typer

app = typer.Typer()


@app.command()
def main() -> None:
    print("Write in: normalization.py")


if __name__ == "__main__":
    app()
