"""QR codes inside a page."""

from web.frame.qr import qr_svg


def test_code_is_svg_without_anything_a_content_security_policy_stops() -> None:
    svg = qr_svg("genkan/" + "5a" * 16 + "\n— 署名\n")
    assert svg.startswith("<svg")
    assert "style" not in svg
    assert "<script" not in svg
    assert 'fill="#fff"' in svg, "white whatever the colour scheme"


def test_same_text_gives_the_same_picture_and_another_text_another() -> None:
    assert qr_svg("one") == qr_svg("one") != qr_svg("two")
