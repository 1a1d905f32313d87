import { assert, describe, it } from "@effect/vitest"
import { marker } from "../../../../test/kit/leaks.ts"
import * as Text from "../../src/unstable/Text.ts"

describe("what of a user's input may be shown", () => {
  it("names are quoted, on one line, and short", () => {
    assert.strictEqual(Text.name("dev"), "\"dev\"")
    assert.strictEqual(
      Text.name("a\r\nb\u001b[31m\u2028\"c\u0085"),
      "\"a\\u{d}\\u{a}b\\u{1b}[31m\\u{2028}\\u{22}c\\u{85}\""
    )
    assert.strictEqual(Text.name("日本語 ü"), "\"日本語 ü\"")
    assert.strictEqual(Text.name("x".repeat(64)), `"${"x".repeat(64)}"`)
    assert.strictEqual(Text.name("x".repeat(65)), `"${"x".repeat(63)}…"`)
    assert.strictEqual(Text.name("😀".repeat(70)), `"${"😀".repeat(63)}…"`)
  })

  it("paths keep their slashes", () => {
    assert.strictEqual(Text.path("/home/me/.aliyun/config.json"), "/home/me/.aliyun/config.json")
    assert.strictEqual(Text.path("C:\\Users\\me\n"), "C:\\Users\\me\\u{a}")
    assert.strictEqual(Array.from(Text.path("x".repeat(5000))).length, 1024)
  })

  it("words are shown when they look like one", () => {
    assert.strictEqual(Text.word("ram_role_arn"), "\"ram_role_arn\"")
    for (const text of ["", "a b", "x".repeat(25), "a-b", "ü"]) {
      assert.strictEqual(Text.word(text), "an unprintable value")
    }
  })

  it("of a URL only scheme, host and port are shown", () => {
    const origins: ReadonlyArray<readonly [url: string, origin: string]> = [
      ["http://127.0.0.1:6666/path?query=s3cr3t#s3cr3t", "http://127.0.0.1:6666"],
      ["https://sts.aliyuncs.com", "https://sts.aliyuncs.com"],
      ["http://host?token=s3cr3t", "http://host"],
      ["http://host#s3cr3t", "http://host"],
      ["http://user:s3cr3t@host/x", "http://host"],
      ["http://user:p@s3cr3t@host/x", "http://host"],
      ["http://s3cr3t@host:80", "http://host:80"],
      ["http://host\\@s3cr3t/x", "http://host"],
      ["http://host\\s3cr3t", "http://host"],
      ["http://[::1]:80/x", "http://[::1]:80"],
      ["s3cr3t", "an unreadable URL"],
      ["http://", "an unreadable URL"],
      ["http://@", "an unreadable URL"],
      ["", "an unreadable URL"]
    ]
    for (const [url, origin] of origins) {
      assert.strictEqual(Text.origin(url), origin)
    }
  })

  it("error codes are words, so that no key or token can pass for one", () => {
    for (const code of ["NoPermission", "InvalidAccessKeyId.NotFound", "SDK.Error-Code", "invalid_grant"]) {
      assert.strictEqual(Text.code(code), code)
    }
    const secrets = ["LTAI5tAbCdEf0123456789ab", marker, "a b", "", "CAIS+tok/en==", ".x", "x".repeat(97), 7, null, [
      "A"
    ]]
    for (const text of secrets) {
      assert.isUndefined(Text.code(text))
    }
  })

  it("codes of the system may have digits", () => {
    assert.strictEqual(Text.systemCode("ERR_HTTP2_STREAM_ERROR"), "ERR_HTTP2_STREAM_ERROR")
    for (const text of ["", "a b", 7, undefined, "x".repeat(97)]) {
      assert.isUndefined(Text.systemCode(text))
    }
  })

  it("request ids are hex", () => {
    const id = "7463B73D-3A1F-4E2B-9C0D-0123456789AB"
    assert.strictEqual(Text.requestId(id), id)
    for (const text of ["short", "LTAI5tAbCdEf0123456789ab", "x".repeat(36), "a".repeat(65), 12345678, null]) {
      assert.isUndefined(Text.requestId(text))
    }
  })
})
