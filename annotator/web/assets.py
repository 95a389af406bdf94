"""Style sheets, scripts and images: served by WhiteNoise, compressed, and kept by browsers for a year.

All files stand under one folder named by the hash of them all, so that scripts may import their neighbours by a
relative path and a browser never mixes two versions.
"""

import atexit
import gzip
import hashlib
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

from flask import Flask
from whitenoise import WhiteNoise  # type: ignore[import-untyped]  # the package has no types

from annotator.places import folder

ONE_YEAR = 31_536_000
COMPRESSED = frozenset({".css", ".js", ".svg", ".json", ".txt"})


@cache
def packed() -> tuple[Path, str]:
    """Return a folder with the static files and their gzipped twins, and the hash of them all.

    The folder is temporary: an installation may be read-only. It goes when the process that made it ends.
    """
    source, target = folder("static"), Path(tempfile.mkdtemp(prefix="annotator-static-"))
    maker = os.getpid()

    def clear() -> None:
        if os.getpid() == maker:  # a forked worker that ends must not take the files from the others
            shutil.rmtree(target, ignore_errors=True)

    atexit.register(clear)
    digest = hashlib.sha256()
    for path in sorted(p for p in source.rglob("*") if p.is_file()):
        name, content = path.relative_to(source), path.read_bytes()
        digest.update(f"{name.as_posix()}\0{len(content)}\0".encode() + content)
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(content)
        if path.suffix in COMPRESSED:
            copy.with_name(copy.name + ".gz").write_bytes(gzip.compress(content, mtime=0))
    return target, digest.hexdigest()[:12]


def init_app(app: Flask) -> None:
    """Serve the files before Flask sees the request, and give templates ``asset('css/look.css')``."""
    files, version = packed()
    prefix = f"/static/{version}/"

    def asset(name: str) -> str:
        """Return the address of a static file; a name that does not exist is a mistake of the template."""
        if not (files / name).is_file():
            message = f"static/{name} does not exist"
            raise FileNotFoundError(message)
        return prefix + name

    app.jinja_env.globals["asset"] = asset
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]  # Flask documents this way of adding WSGI middleware
        app.wsgi_app,
        root=str(files),
        prefix=prefix,
        max_age=ONE_YEAR,
        allow_all_origins=False,
        immutable_file_test=lambda _path, _url: True,
        add_headers_function=lambda headers, _path, _url: headers.__setitem__("X-Content-Type-Options", "nosniff"),
    )
