# The executable and nothing else: build it first with `npm run build`.
#   docker build --build-arg ARCH=arm64 --platform linux/arm64 -t picloud .
FROM debian:bookworm-slim

# PostgreSQL inside the executable needs libstdc++; scripts need roots to verify TLS with.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates libstdc++6 \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --system --uid 10001 --home-dir /var/lib/picloud --create-home picloud

ARG ARCH=x64
COPY dist/picloud-linux-${ARCH} /usr/local/bin/picloud
RUN ln -s picloud /usr/local/bin/pic

USER picloud
ENV PICLOUD_DATA_DIR=/var/lib/picloud
VOLUME /var/lib/picloud
EXPOSE 8080
HEALTHCHECK --interval=30s --start-period=30s \
  CMD BUN_BE_BUN=1 picloud -e "process.exit((await fetch('http://127.0.0.1:8080/healthz')).ok ? 0 : 1)"
ENTRYPOINT ["/usr/local/bin/picloud"]
CMD ["serve"]
