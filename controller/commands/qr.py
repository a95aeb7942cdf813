"""Print a QR code in the terminal, to photograph, or to print and store."""

import click


def print_qr(text: str, err: bool = True) -> None:
    """Print `text` as a QR code, by default on standard error, apart from the command's output."""
    import io

    import segno

    drawn = io.StringIO()
    segno.make(text, error="l", micro=False).terminal(out=drawn, border=4, compact=True)
    click.echo(drawn.getvalue(), err=err, nl=False)
