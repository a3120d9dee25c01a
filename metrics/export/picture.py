"""Pictures as SVG and PNG that stand alone: title, sentence, picture, and a foot with source, release and protection."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from html import escape

import vl_convert

from metrics.present.charts import FONT, Spec
from metrics.present.marks import LIGHT
from metrics.present.sentences import plain

WIDTH = 900
PADDING = 28


def svg(spec: Spec, title: str, sentence: str, foot: Sequence[str]) -> str:
    """The picture as one SVG document."""
    inner = vl_convert.vegalite_to_svg(spec | {"width": WIDTH - 2 * PADDING})
    width, height = (float(found) for found in re.findall(r'(?:width|height)="([\d.]+)"', inner)[:2])
    scale = (WIDTH - 2 * PADDING) / width
    said, small = textwrap.wrap(plain(sentence), 112), [part for line in foot for part in textwrap.wrap(line, 140)]
    top = PADDING + 26 + 22 * len(said) + 14
    total = top + height * scale + 18 + 17 * len(small) + PADDING
    parts = [_text(title, PADDING, PADDING + 18, 22, LIGHT.ink, weight=600)]
    parts += [_text(line, PADDING, PADDING + 48 + 22 * place, 15, LIGHT.ink) for place, line in enumerate(said)]
    parts.append(f'<g transform="translate({PADDING},{top}) scale({scale:.5f})">{inner}</g>')
    base = top + height * scale + 22
    parts += [_text(line, PADDING, base + 17 * place, 12, LIGHT.quiet) for place, line in enumerate(small)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{total:.0f}" viewBox="0 0 {WIDTH} {total:.0f}" '
        f'role="img" aria-label="{escape(title)}" lang="sv"><title>{escape(title)}</title><desc>{escape(plain(sentence))}</desc>'
        f'<rect width="100%" height="100%" fill="#FFFFFF"/>{"".join(parts)}</svg>'
    )


def _text(text: str, x: float, y: float, size: int, colour: str, *, weight: int = 400) -> str:
    family = escape(FONT)
    return f'<text x="{x}" y="{y:.1f}" font-family="{family}" font-size="{size}" font-weight="{weight}" fill="{colour}">{escape(text)}</text>'


def png(spec: Spec, title: str, sentence: str, foot: Sequence[str]) -> bytes:
    """The same as a PNG, sharp enough for print."""
    return bytes(vl_convert.svg_to_png(svg(spec, title, sentence, foot), scale=2))
