# The program in a container. docs/deploying.md says how a project is built with it.
#
#   docker build --build-arg OCTAVO_COMMIT="$(git rev-parse HEAD)" --tag octavo .
#   docker run --rm --user "$(id -u):$(id -g)" --volume "$PWD:/project" octavo build --strict

# Both stages are of one release of Debian: a program needs the C library that it was linked with, or a newer one.
FROM rust:1-slim-trixie AS build
WORKDIR /source
COPY . .
# The repository is not in here (.dockerignore), so that who builds says which commit it is.
ARG OCTAVO_COMMIT=""
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/source/target \
    cargo build --release --locked --package octavo --bin octavo \
    && install -D target/release/octavo /built/octavo

FROM debian:trixie-slim
# For plugins that are written in Python. A project of built-in analyses needs nothing but the program.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /built/octavo /usr/local/bin/octavo
RUN useradd --uid 1000 --create-home octavo
USER octavo
WORKDIR /project
ENTRYPOINT ["octavo"]
CMD ["--help"]
