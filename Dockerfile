# FeedGuard on a server: one image for web, workers and commands. Built by `docker compose build`.
FROM python:3.12-slim AS build
WORKDIR /src
COPY . .
RUN python -m venv /opt/feedguard \
 && /opt/feedguard/bin/pip install --no-cache-dir -c constraints.txt ".[server]"

FROM python:3.12-slim
RUN useradd --system --uid 10001 --create-home feedguard \
 && mkdir -m 0700 /data && chown feedguard /data
COPY --from=build /opt/feedguard /opt/feedguard
ENV PATH=/opt/feedguard/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=feedguard.settings \
    FEEDGUARD_DATA=/data \
    FEEDGUARD_HOST=0.0.0.0
USER feedguard
VOLUME /data
EXPOSE 8765
CMD ["django-admin", "web"]
