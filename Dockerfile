# The image of every process of ours: `python -m signaling`, `python -m media`, `rvw …`.
#
# Everything that is installed is pinned with hashes by requirements.lock: its versions are taken as constraints, so that the
# tools for tests in it stay out. A mirror of PyPI or npm: --build-arg UV_DEFAULT_INDEX=… PIP_INDEX_URL=… NPM_CONFIG_REGISTRY=…

FROM python:3.11.15-slim-bookworm AS build

ARG PIP_INDEX_URL
ARG UV_DEFAULT_INDEX
ARG NPM_CONFIG_REGISTRY
ENV PYTHONDONTWRITEBYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1

RUN python -m pip install --no-cache-dir --disable-pip-version-check uv==0.13.9
WORKDIR /build
COPY pyproject.toml requirements.lock ./
RUN python -m venv --without-pip /opt/rvw \
    && uv pip install --python /opt/rvw/bin/python --compile-bytecode --require-hashes \
        --constraints requirements.lock --requirements pyproject.toml
RUN python -m venv --without-pip /opt/build \
    && uv pip install --python /opt/build/bin/python --require-hashes \
        --constraints requirements.lock --requirements pyproject.toml --group build

# The pages, built with Node from PyPI; packages first, because they change less often than sources.
COPY web/package.json web/package-lock.json web/.npmrc web/
COPY rvw rvw
RUN /opt/build/bin/python -c "import sys; from rvw.cli import node; sys.exit(node.install())"
COPY web web
RUN /opt/build/bin/python -c "import sys; from rvw.cli import node; sys.exit(node.build())"

COPY README.md LICENSE ./
COPY config config
COPY media media
COPY signaling signaling
RUN uv build --wheel --no-build-isolation --python /opt/build/bin/python --out-dir /wheel . \
    && uv pip install --python /opt/rvw/bin/python --compile-bytecode --no-deps /wheel/*.whl


FROM python:3.11.15-slim-bookworm

RUN groupadd --gid 10001 rvw \
    && useradd --uid 10001 --gid rvw --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin rvw \
    && install --directory --owner=rvw --group=rvw --mode=0700 /var/lib/rvw
COPY --from=build /opt/rvw /opt/rvw

ENV PATH=/opt/rvw/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /var/lib/rvw
CMD ["python", "-m", "signaling"]
