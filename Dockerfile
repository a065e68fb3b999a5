# The sandbox as a container, from the wheel in dist/ and the pins in requirements/. Others can reach it, so it takes
# credentials of its own from the environment and does not start without. It writes to /data alone.
#
#   make build
#   docker build --tag trustly-sandbox .
#   docker run --read-only --volume trustly-sandbox:/data --publish 127.0.0.1:8086:8086 \
#     --env TRUSTLY_SANDBOX_ACCESS_ID --env TRUSTLY_SANDBOX_ACCESS_KEY trustly-sandbox
FROM python:3.13-slim

RUN --mount=type=bind,target=/context \
    python -m pip install --no-cache-dir --require-hashes --requirement /context/requirements/sandbox.txt \
    && python -m pip install --no-cache-dir --no-deps /context/dist/*.whl \
    && install --directory --owner=10001 --group=10001 /data

# SQLite's temporary files, where the root file system cannot be written to.
ENV SQLITE_TMPDIR=/data PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
VOLUME /data
EXPOSE 8086
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8086/_sandbox/health', timeout=2)"]
ENTRYPOINT ["python", "-m", "trustly_customers", "sandbox", "--host", "0.0.0.0"]
CMD ["--store", "/data/customers.db"]
