# One image for every service: docker build --build-arg SERVICE=gateway .
FROM node:24-bookworm-slim AS installed
WORKDIR /gatehouse
COPY package.json package-lock.json .npmrc ./
COPY shared shared
COPY services services
COPY infra infra
# Not `npm ci`: see docs/decisions/0009-install-without-npm-ci.md.
RUN npm install --no-save --omit=dev --loglevel=error

FROM node:24-bookworm-slim
ARG SERVICE
RUN test -n "$SERVICE" || (echo "SERVICE is missing: --build-arg SERVICE=<name>" >&2; exit 1)
ENV SERVICE=$SERVICE NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/data
WORKDIR /gatehouse
COPY --from=installed /gatehouse ./
RUN mkdir /data && chown node /data
USER node
VOLUME /data
# Through a shell only to name the service; exec leaves node as the process that gets the signals.
CMD ["sh", "-c", "exec node services/$SERVICE/src/main.ts"]
