# The gateway as a container image. Try it without an engine: scripts/check-image.
#     docker build -t propylon . && docker run -p 8080:8080 -e LLMAAS_API_KEY -v propylon:/data propylon
#     docker run -p 8080:8080 propylon serve --listen 0.0.0.0:8080 --sandbox

FROM swift:6.3-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends libsqlite3-dev libssl-dev pkg-config python3 zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
# A layer of its own: the dependencies are fetched again only where the manifest changes.
COPY Package.swift ./
RUN swift package resolve
COPY . .
RUN scripts/build -Xlinker -s && scripts/documents /documents

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libsqlite3-0 libssl3 libstdc++6 tzdata zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin propylon \
    && install -d -o propylon -g propylon -m 0700 /data
COPY --from=build /source/.build/release/propylon /usr/local/bin/propylon
COPY --from=build /documents /usr/share
COPY config/propylon.yaml /etc/propylon/propylon.yaml
# The configuration's data folder is ./data, and so /data.
WORKDIR /
USER 10001:10001
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["propylon", "status"]
ENTRYPOINT ["propylon"]
# All addresses of the container; the admin listener stays on its loopback, where the health check asks it.
CMD ["serve", "--listen", "0.0.0.0:8080"]
