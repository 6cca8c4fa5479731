"""A store that speaks as much S3 as blobs need, over HTTP: objects in memory, parts, ranges, lists, refusals as told."""

import hashlib
import re
from collections.abc import Awaitable, Callable
from xml.sax.saxutils import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Answer = tuple[int, str]


class FakeS3:
    """Objects by name. `refuses`: what every write is answered with."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.refuses: Answer | None = None
        self._uploads: dict[str, dict[int, bytes]] = {}

    def app(self) -> Starlette:
        """Return the application; buckets are not told apart."""
        return Starlette(routes=[Route("/{path:path}", self._serve, methods=["GET", "HEAD", "PUT", "POST", "DELETE"])])

    async def _serve(self, request: Request) -> Response:
        handlers: dict[str, Callable[[Request, str], Awaitable[Response]]] = {
            "GET": self._get,
            "HEAD": self._get,
            "PUT": self._put,
            "POST": self._post,
            "DELETE": self._delete,
        }
        if request.method in ("PUT", "DELETE") and self.refuses:
            status, code = self.refuses
            return _xml(f"<Error><Code>{code}</Code></Error>", status)
        name = request.path_params["path"].partition("/")[2]
        return await handlers[request.method](request, name)

    async def _get(self, request: Request, name: str) -> Response:
        if "list-type" in request.query_params:
            return self._list(request.query_params.get("prefix", ""))
        if name not in self.objects:
            return _xml("<Error><Code>NoSuchKey</Code></Error>", 404)
        data = self.objects[name]
        headers = {"ETag": f'"{hashlib.md5(data).hexdigest()}"', "Last-Modified": "Sat, 01 Jan 2028 00:00:00 GMT"}
        if wanted := re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("range", "")):
            first, last = int(wanted[1]), min(int(wanted[2]), len(data) - 1)
            headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
            return Response(data[first : last + 1], 206, headers)
        return Response(data, 200, headers)

    async def _put(self, request: Request, name: str) -> Response:
        data = await request.body()
        if "partNumber" in request.query_params:
            self._uploads[request.query_params["uploadId"]][int(request.query_params["partNumber"])] = data
        else:
            self.objects[name] = data
        return Response(status_code=200, headers={"ETag": f'"{hashlib.md5(data).hexdigest()}"'})

    async def _post(self, request: Request, name: str) -> Response:
        if "uploads" in request.query_params:
            upload = f"upload-{len(self._uploads)}"
            self._uploads[upload] = {}
            told = f"<UploadId>{upload}</UploadId>"
            return _xml(f"<InitiateMultipartUploadResult>{told}</InitiateMultipartUploadResult>")
        if "delete" in request.query_params:
            if self.refuses:
                return _xml(f"<Error><Code>{self.refuses[1]}</Code></Error>", self.refuses[0])
            keys = re.findall(r"<Key>(.*?)</Key>", (await request.body()).decode())
            for key in keys:
                self.objects.pop(key, None)
            gone = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
            return _xml(f"<DeleteResult>{gone}</DeleteResult>")
        parts = self._uploads.pop(request.query_params["uploadId"])
        self.objects[name] = b"".join(parts[number] for number in sorted(parts))
        return _xml("<CompleteMultipartUploadResult><ETag>whole</ETag></CompleteMultipartUploadResult>")

    async def _delete(self, request: Request, name: str) -> Response:
        self.objects.pop(name, None)
        self._uploads.pop(request.query_params.get("uploadId", ""), None)
        return Response(status_code=204)

    def _list(self, prefix: str) -> Response:
        found = "".join(
            f"<Contents><Key>{escape(name)}</Key><LastModified>2028-01-01T00:00:00Z</LastModified>"
            f"<ETag>x</ETag><Size>{len(data)}</Size></Contents>"
            for name, data in sorted(self.objects.items())
            if name.startswith(prefix)
        )
        return _xml(f"<ListBucketResult>{found}<IsTruncated>false</IsTruncated></ListBucketResult>")


def _xml(text: str, status: int = 200) -> Response:
    return Response(f'<?xml version="1.0" encoding="UTF-8"?>{text}', status, media_type="application/xml")
