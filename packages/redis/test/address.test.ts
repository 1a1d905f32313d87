import { assert, describe, it } from "@effect/vitest"
import { Option } from "effect"
import { parse } from "../src/internal/address.ts"

const parsed = (text: string) => Option.getOrUndefined(parse(text))

describe("the URL of a Redis server", () => {
  it("has a host, and defaults for the rest", () => {
    assert.deepStrictEqual(parsed("redis://cache"), {
      tls: false,
      host: "cache",
      port: 6379,
      username: undefined,
      password: undefined,
      db: 0,
      shown: "redis://cache:6379"
    })
  })

  it("may have TLS, a user, a password with special characters, a port and a database", () => {
    assert.deepStrictEqual(parsed("rediss://app:p%40ss%3A%2F@cache.example.com:6380/12"), {
      tls: true,
      host: "cache.example.com",
      port: 6380,
      username: "app",
      password: "p@ss:/",
      db: 12,
      shown: "rediss://cache.example.com:6380"
    })
  })

  it("may have an IPv6 address, and a password without a user", () => {
    const address = parsed("redis://:secret@[::1]:7000/")
    assert.deepStrictEqual([address?.host, address?.username, address?.password], ["::1", undefined, "secret"])
  })

  it.each([
    "",
    "cache:6379",
    "http://cache",
    "redis://",
    "redis:///0",
    "redis://cache/first",
    "redis://cache/0/1",
    "redis://cache/12345678901",
    "redis://cache:port",
    "redis://cache?db=1",
    "redis://cache#1",
    "redis://user@cache",
    "redis://:50%@cache",
    "redis://:a#b@cache",
    "unix:///run/redis.sock"
  ])("is not %s", (text) => assert.isUndefined(parsed(text)))
})
