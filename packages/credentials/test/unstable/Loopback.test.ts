import { assert, describe, it } from "@effect/vitest"
import { isLoopback } from "../../src/unstable/Loopback.ts"

describe("a loopback host", () => {
  it.each([
    "localhost",
    "LOCALHOST:80",
    "127.0.0.1",
    "127.8.9.10:6666",
    "::1",
    "[::1]",
    "[::1]:443",
    "0:0:0:0:0:0:0:1",
    "::ffff:127.0.0.1",
    "[::ffff:7f00:1]"
  ])("%s is one", (host) => assert.isTrue(isLoopback(host)))

  it.each([
    "",
    "localhost.example.com",
    "example.com",
    "127.0.0.1.example.com",
    "127.0.0.256",
    "128.0.0.1",
    "0.0.0.0",
    "::",
    "::2",
    "[::1",
    "::1:80",
    "::ffff:8.8.8.8",
    "localhost:123456",
    "user@localhost",
    "localhost/"
  ])("%s is none", (host) => assert.isFalse(isLoopback(host)))
})
