"""How finely the pictures of a PDF page are printed, measured by following its drawing commands."""

from collections.abc import Iterator

import pikepdf


def placed_dpi(page: pikepdf.Page) -> Iterator[float]:
    """The resolution in pixels an inch of each picture that the page draws, the coarser of both directions."""
    return _drawn(page.obj, page.resources, pikepdf.Matrix())


def _drawn(stream: pikepdf.Object, resources: pikepdf.Object, matrix: pikepdf.Matrix) -> Iterator[float]:
    saved: list[pikepdf.Matrix] = []
    for instruction in pikepdf.parse_content_stream(stream):
        operands = instruction.operands
        match str(instruction.operator):
            case "q":
                saved.append(matrix)
            case "Q" if saved:
                matrix = saved.pop()
            case "cm":
                matrix = pikepdf.Matrix(*(float(number) for number in operands)) @ matrix
            case "Do":
                drawn = resources["/XObject"][str(operands[0])]
                yield from _of_object(drawn, resources, matrix)


def _of_object(drawn: pikepdf.Object, resources: pikepdf.Object, matrix: pikepdf.Matrix) -> Iterator[float]:
    if drawn.get("/Subtype") == "/Image":
        across_in = (matrix.a**2 + matrix.b**2) ** 0.5 / 72
        down_in = (matrix.c**2 + matrix.d**2) ** 0.5 / 72
        yield min(float(drawn.Width) / across_in, float(drawn.Height) / down_in)
    elif drawn.get("/Subtype") == "/Form":
        inner = pikepdf.Matrix(drawn["/Matrix"]) @ matrix if "/Matrix" in drawn else matrix
        yield from _drawn(drawn, drawn.get("/Resources", resources), inner)
