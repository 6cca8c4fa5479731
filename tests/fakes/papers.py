"""Files to hand in, made up: a page of paper, a document, and what somebody means ill with."""

import struct
import zipfile
import zlib
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String
from PIL import Image, ImageDraw


def page(width: int = 1240, height: int = 1754, words: str = "PAPER", grey: int = 245) -> Image.Image:
    """Return a picture of a paper with lines on it."""
    picture = Image.new("RGB", (width, height), (grey, grey, grey - 5))
    drawing = ImageDraw.Draw(picture)
    for line in range(height // 12, height - height // 12, max(height // 30, 2)):
        drawing.line((width // 10, line, width - width // 10, line), fill=(60, 60, 70), width=2)
    drawing.text((width // 10, height // 30), words, fill="black")
    return picture


def jpeg(picture: Image.Image | None = None, **more: object) -> bytes:
    """Return a JPEG."""
    out = BytesIO()
    (picture or page()).save(out, "JPEG", quality=90, **more)
    return out.getvalue()


def png(picture: Image.Image | None = None) -> bytes:
    """Return a PNG."""
    out = BytesIO()
    (picture or page()).save(out, "PNG")
    return out.getvalue()


def held_sideways() -> bytes:
    """Return a JPEG whose EXIF says that the camera was turned, where it was, and whose it is."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "MADE-UP-CAMERA"
    return jpeg(page(1754, 1240), exif=exif.tobytes())


def with_exif() -> bytes:
    """Return an upright JPEG with EXIF."""
    exif = Image.Exif()
    exif[0x010F] = "MADE-UP-CAMERA"
    return jpeg(exif=exif.tobytes())


def pdf(pages: int = 2) -> bytes:
    """Return a plain PDF with a picture on each page."""
    with pikepdf.Pdf.new() as made:
        for number in range(pages):
            _page(made, number)
        return _saved(made)


def _page(made: pikepdf.Pdf, number: int) -> pikepdf.Page:
    added = made.add_blank_page(page_size=(595, 842))
    picture = page(620, 877, f"PAGE {number + 1}")
    image = Stream(made, zlib.compress(picture.tobytes()))
    image.stream_dict = Dictionary(
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=620,
        Height=877,
        ColorSpace=Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=Name.FlateDecode,
    )
    added.Resources = Dictionary(XObject=Dictionary(Im0=made.make_indirect(image)))
    added.Contents = made.make_stream(b"q 595 0 0 842 0 0 cm /Im0 Do Q")
    return added


def _saved(made: pikepdf.Pdf) -> bytes:
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def pdf_with_link_and_attachment() -> bytes:
    """Return a PDF with what is left out without a word: a link, an attachment, an opening view, a name of its author."""
    with pikepdf.Pdf.new() as made:
        first = _page(made, 0)
        link = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Link,
            Rect=Array([0, 0, 99, 99]),
            A=Dictionary(S=Name.URI, URI=String("https://example.org/")),
        )
        first.Annots = made.make_indirect(Array([link]))
        made.attachments["secret.txt"] = b"attached words"
        made.docinfo["/Author"] = "Made-Up Author"
        made.Root.OpenAction = Array([first.obj, Name.Fit])
        return _saved(made)


def pdf_with_script() -> bytes:
    """Return a PDF that runs a script when it is opened."""
    with pikepdf.Pdf.new() as made:
        _page(made, 0)
        made.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert('hello')"))
        return _saved(made)


def pdf_with_hidden_script() -> bytes:
    """Return a PDF whose script hangs on a field, deep inside."""
    with pikepdf.Pdf.new() as made:
        first = _page(made, 0)
        action = Dictionary(S=Name.Named, Next=Array([Dictionary(S=Name.JavaScript, JS=made.make_stream(b"app.alert(1)"))]))
        field = Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("f"), AA=Dictionary(K=action))
        field.Rect = Array([0, 0, 9, 9])
        first.Annots = Array([made.make_indirect(field)])
        made.Root.AcroForm = Dictionary(Fields=Array([first.Annots[0]]))
        return _saved(made)


def pdf_that_launches() -> bytes:
    """Return a PDF that starts a program."""
    with pikepdf.Pdf.new() as made:
        _page(made, 0)
        made.Root.OpenAction = Dictionary(S=Name.Launch, F=String("calc.exe"))
        return _saved(made)


def locked_pdf() -> bytes:
    """Return a PDF that asks for a password."""
    with pikepdf.Pdf.new() as made:
        _page(made, 0)
        out = BytesIO()
        made.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
        return out.getvalue()


def zeros(count: int) -> bytes:
    """Return so many zeros as a zlib stream (RFC 1950), without packing each of them."""
    size = 1 << 20
    packing = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packing.compress(bytes(size)) + packing.flush(zlib.Z_FULL_FLUSH)
    packing = zlib.compressobj(9, zlib.DEFLATED, -15)
    rest = packing.compress(bytes(count % size)) + packing.flush()
    return b"\x78\xda" + block * (count // size) + rest + struct.pack(">I", (count % 65521) << 16 | 1)


def pdf_bomb() -> bytes:
    """Return a PDF of some 600 kB whose one stream is 600 MB, unpacked."""
    packed = zeros(600 << 20)
    with pikepdf.Pdf.new() as made:
        first = made.add_blank_page(page_size=(595, 842))
        content = Stream(made, packed)
        content.stream_dict = Dictionary(Filter=Name.FlateDecode)
        first.Contents = made.make_indirect(content)
        return _saved(made)


def pdf_with_huge_picture() -> bytes:
    """Return a small PDF that claims a picture of 30,000 × 30,000."""
    with pikepdf.Pdf.new() as made:
        first = _page(made, 0)
        image = first.Resources.XObject.Im0
        image.Width = image.Height = 30_000
        return _saved(made)


def zip_bomb() -> bytes:
    """Return an archive of some 100 kB that is 100 MB, unpacked."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("paper.pdf", b"\0" * 100_000_000)
    return out.getvalue()


def huge_png(side: int = 30_000) -> bytes:
    """Return a real PNG of side × side in one colour: small packed, gigabytes unpacked."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    packed = zeros(side * (side * 3 + 1))
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def jpeg_and_zip() -> bytes:
    """Return a picture that is an archive as well."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("run.js", "alert(1)")
    return jpeg() + out.getvalue()


def jpeg_and_pdf() -> bytes:
    """Return a picture that is a PDF as well: the document stands in a comment of the picture."""
    comment = pdf(1)[:60_000]
    plain = jpeg()
    return plain[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + plain[2:]


def jpeg_and_script() -> bytes:
    """Return a picture with a page of scripts after its end."""
    return jpeg() + b"<html><script>alert(1)</script></html>"
