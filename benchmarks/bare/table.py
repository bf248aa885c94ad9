"""The least that a command can do that lists things: a Rich table of N rows."""

import typer

app = typer.Typer()


@app.command()
def main(n_rows: int) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("id", "title", "state", "difficulty", "minutes")
    for number in range(n_rows):
        table.add_row(f"p{number:03}_made_up_{number}", f"Made up number {number}", "todo", "★★☆☆☆", "20")
    Console().print(table)


if __name__ == "__main__":
    app()
