import { Rejection } from "@effect-alicloud/sdk"
import { assert, describe, it } from "@effect/vitest"

const rejections = [
  "InvalidAccessKeyId",
  "InvalidAccessKeyId.NotFound",
  "InvalidAccessKeyId.Inactive",
  "InvalidSecurityToken",
  "InvalidSecurityToken.Expired",
  "InvalidSecurityToken.Malformed",
  "InvalidSecurityToken.MismatchWithAccessKey",
  "SecurityTokenExpired",
  "InvalidBearerToken"
]

const others = [
  "SignatureDoesNotMatch",
  "NoPermission",
  "Forbidden.RAM",
  "AccessDenied",
  "Throttling.User",
  "NoSuchKey",
  "InvalidAccessKeyIdentity",
  "NotInvalidAccessKeyId",
  ""
]

describe("Rejection.isRejected", () => {
  it.each(rejections)("%s is a refusal of the credentials, as code and as name", (code) => {
    assert.isTrue(Rejection.isRejected({ code }))
    assert.isTrue(Rejection.isRejected(Object.assign(new Error("no"), { name: `${code}Error` })))
  })

  it.each(others)("'%s' is none: other credentials would not help", (code) => {
    assert.isFalse(Rejection.isRejected({ code }))
    assert.isFalse(Rejection.isRejected(Object.assign(new Error("no"), { name: `${code}Error` })))
  })

  it("is found inside other errors", () => {
    const refused = { code: "SecurityTokenExpired" }
    assert.isTrue(Rejection.isRejected(new Error("upload failed", { cause: refused })))
    assert.isTrue(Rejection.isRejected({ _tag: "UnknownException", error: { cause: refused } }))
  })

  it("does not get lost in errors that contain themselves", () => {
    const error: { cause?: unknown } = {}
    error.cause = error
    assert.isFalse(Rejection.isRejected(error))
  })

  it("is not found in things that are no errors", () => {
    for (const thing of [undefined, null, 403, "InvalidAccessKeyId", [], { code: 403 }]) {
      assert.isFalse(Rejection.isRejected(thing))
    }
  })
})
