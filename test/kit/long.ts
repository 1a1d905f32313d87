/**
 * How much of a random or repeated test runs. `.ci/run` sets `LONG_TESTS`, and then all of it runs; without it, as much
 * as a developer waits for.
 */
export const long = process.env["LONG_TESTS"] === "true"

export const runs = (usual: number, all: number): number => long ? all : usual
