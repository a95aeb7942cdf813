"""A QR code in the terminal: what is to be photographed, or printed and put away."""

import click


def print_qr(text: str, err: bool = True) -> None:
    """On standard error, so that what a command prints can still be redirected; a plain terminal shows it."""
    import io

    import segno

    drawn = io.StringIO()
    segno.make(text, error="l", micro=False).terminal(out=drawn, border=4, compact=True)
    click.echo(drawn.getvalue(), err=err, nl=False)
