# Build once with everything that building needs, run with nothing but the result.

FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
WORKDIR /source
COPY requirements.lock ./
RUN /venv/bin/pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY core core
COPY storage storage
RUN /venv/bin/pip install --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --user-group --home-dir /data studio \
    && install --directory --mode 0700 --owner studio --group studio /data
COPY --from=build /venv /venv
# The root file system may be read-only: all that is written goes to /data and /tmp.
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    NANO_BANANA_DATA_DIR=/data \
    NANO_BANANA_WEB_HOST=0.0.0.0 \
    NANO_BANANA_WEB_PORT=8765
# A `.env` is read from here, and `setup` writes it here.
WORKDIR /data
VOLUME /data
USER studio
EXPOSE 8765
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8765/healthz', timeout=4)"]
ENTRYPOINT ["nano-banana"]
CMD ["serve"]
