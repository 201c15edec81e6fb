# Steward in a container.
#
#   docker build -t steward .
#   docker run --rm -it -v steward-state:/var/lib/steward steward
#   docker run -d -p 127.0.0.1:8080:8080 -v steward-state:/var/lib/steward steward serve --web 0.0.0.0:8080
#
# Your own catalogue: mount intents/, training-data/ and access/ over those in /srv/steward.

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
COPY . .
# The heads are trained here, so that a container answers at once.
RUN cargo build --release --locked --features postgres && ./target/release/steward train

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates tzdata tini \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home /var/lib/steward steward \
 && install -d -o steward -m 0700 /var/lib/steward
WORKDIR /srv/steward
COPY --from=build /src/target/release/steward /usr/local/bin/steward
COPY --from=build --chown=steward /src/models models
COPY intents intents
COPY training-data training-data
COPY access access
COPY demo demo
COPY deploy/container.yaml steward.yaml
USER steward
VOLUME /var/lib/steward
# tini hands SIGTERM on and reaps what local jobs leave behind. `docker stop --time 30` gives what is
# being handled its time; jobs on this machine end with the container, so run them on an engine.
ENTRYPOINT ["tini", "--", "steward"]
CMD ["chat"]
