# PostgreSQL with forecast_rnn.  Build: docker build -t postgres-forecast-rnn .   The database still needs CREATE EXTENSION.
FROM postgres:15-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev make postgresql-server-dev-15
COPY . /src
RUN make -C /src && make -C /src install DESTDIR=/out

FROM postgres:15-bookworm
COPY --from=build /out/ /
