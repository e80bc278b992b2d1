# syntax=docker/dockerfile:1
# One image for `undersigned api`, `worker` and `migrate`; docker-compose.yml shows how.

FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/undersigned
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY lifecycle lifecycle
COPY integrations integrations
COPY activities activities
COPY workflows workflows
COPY api api
RUN /opt/undersigned/bin/pip install --constraint constraints.txt .

FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/undersigned --create-home undersigned
COPY --from=build /opt/undersigned /opt/undersigned
ENV PATH=/opt/undersigned/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    UNDERSIGNED_HOST=0.0.0.0 \
    UNDERSIGNED_PORT=8080 \
    UNDERSIGNED_DATA_DIR=/var/lib/undersigned/data
USER undersigned
WORKDIR /var/lib/undersigned
EXPOSE 8080
# Whether the API answers; a worker has no port, so docker-compose.yml switches the check off there.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['UNDERSIGNED_PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["undersigned"]
CMD ["api"]
