# The platform and the contract suites in one image: which of them a container runs is its command.

FROM node:20.20.2-slim AS dependencies
WORKDIR /app
COPY . .
# What runs in production and nothing else: neither tools nor tests, nor the benchmarks' peers.
RUN npm ci --omit=dev --no-audit --no-fund --ignore-scripts --workspace launcher --workspace chaincode/care --workspace chaincode/claims --workspace chaincode/registry

FROM node:20.20.2-slim AS build
WORKDIR /app
COPY . .
RUN npm ci --no-audit --no-fund --ignore-scripts && node scripts/build.mjs
# Workspaces are linked into node_modules, so the folders themselves must be there: compiled, without sources and tests.
RUN rm -rf node_modules */node_modules */*/node_modules && find . -name src -type d -prune -exec rm -rf {} + && find . -path '*/dist/*.test.js*' -delete

FROM node:20.20.2-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app .
USER node
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=5 CMD ["node", "launcher/dist/health.js", "http://127.0.0.1:4000/ready"]
# Run with --init, so that signals reach it and nothing is left behind.
CMD ["node", "--enable-source-maps", "--no-warnings", "launcher/dist/platform/server.js"]
