FROM python:3.11-slim-bookworm AS service
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
       fonts-noto-cjk libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --home-dir /srv/geo-service geo-service
WORKDIR /source
COPY . .
RUN pip install --no-cache-dir --constraint requirements.lock . \
    && python -m geo_service.api.document /openapi.json

FROM node:22-bookworm-slim AS web
WORKDIR /source
COPY geo_service/webapp/ ./
COPY --from=service /openapi.json ./
RUN npm ci --no-audit --no-fund && npm run build

FROM service
COPY --from=web /source/dist geo_service/webapp/dist
RUN pip install --no-cache-dir --no-deps --force-reinstall . && rm -rf /source/*
USER geo-service
WORKDIR /srv/geo-service
EXPOSE 8000
CMD ["sh", "-c", "geo-service db upgrade && exec geo-service serve --host 0.0.0.0"]
