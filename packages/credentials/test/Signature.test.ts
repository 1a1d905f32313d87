import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Cause, Effect, Exit, FastCheck as fc, Order, Redacted } from "effect"
import { createHash, createHmac, generateKeyPairSync, verify } from "node:crypto"
import { inspect } from "node:util"
import * as Signature from "../src/Signature.ts"

const stringToSign =
  "POST&%2F&AccessKeyId%3DLTAI5tExampleKeyId01%26Action%3DAssumeRole%26DurationSeconds%3D3600%26ExternalId%3Dext%2520id%252F~1%26Format%3DJSON%26Policy%3D%257B%2522Version%2522%253A%25221%2522%252C%2522Statement%2522%253A%255B%257B%2522Effect%2522%253A%2522Allow%2522%252C%2522Action%2522%253A%255B%2522oss%253AGet%252A%2522%255D%252C%2522Resource%2522%253A%2522%252A%2522%257D%255D%257D%26RoleArn%3Dacs%253Aram%253A%253A1234567890123456%253Arole%252Fdemo-role%26RoleSessionName%3Ddemo%2540session%26SignatureMethod%3DHMAC-SHA1%26SignatureNonce%3D0123456789abcdef0123456789abcdef%26SignatureVersion%3D1.0%26Timestamp%3D2026-01-02T03%253A04%253A05Z%26Version%3D2015-04-01"

const nonce = "0123456789abcdef0123456789abcdef"
const timestamp = "2026-01-02T03:04:05Z"

const assumeRole = {
  method: "POST",
  parameters: {
    Version: "2015-04-01",
    Action: "AssumeRole",
    Format: "JSON",
    Timestamp: timestamp,
    SignatureMethod: "HMAC-SHA1",
    SignatureVersion: "1.0",
    SignatureNonce: nonce,
    AccessKeyId: "LTAI5tExampleKeyId01",
    RoleArn: "acs:ram::1234567890123456:role/demo-role",
    RoleSessionName: "demo@session",
    DurationSeconds: "3600",
    ExternalId: "ext id/~1",
    Policy: `{"Version":"1","Statement":[{"Effect":"Allow","Action":["oss:Get*"],"Resource":"*"}]}`
  },
  accessKeySecret: Redacted.make("ExampleSecretExampleSecret0000")
}

const rsaStringToSign =
  "GET&%2F&AccessKeyId%3DLTPubKeyIdExample%26Action%3DGenerateSessionAccessKey%26DurationSeconds%3D3600%26Format%3DJSON%26SignatureMethod%3DSHA256withRSA%26SignatureNonce%3D0123456789abcdef0123456789abcdef%26SignatureType%3DPRIVATEKEY%26SignatureVersion%3D1.0%26Timestamp%3D2026-01-02T03%253A04%253A05Z%26Version%3D2015-04-01"

const generateSession = {
  method: "GET",
  parameters: {
    AccessKeyId: "LTPubKeyIdExample",
    Action: "GenerateSessionAccessKey",
    DurationSeconds: "3600",
    Format: "JSON",
    SignatureMethod: "SHA256withRSA",
    SignatureNonce: nonce,
    SignatureType: "PRIVATEKEY",
    SignatureVersion: "1.0",
    Timestamp: timestamp,
    Version: "2015-04-01"
  }
}

const canonicalRequest = `POST
/
DurationSeconds=3600&Policy=%7B%22a%22%3A%22b%20c%2A~%22%7D
content-type:application/x-www-form-urlencoded
host:sts.cn-hangzhou.aliyuncs.com
x-acs-accesskey-id:STS.NExampleKeyId
x-acs-action:AssumeRole
x-acs-content-sha256:cec1ca10319b9b0f3b6bbae799d75f0b3e2bc9cf00d713ac151115d8e28a542a
x-acs-credentials-provider:static_sts
x-acs-date:2026-01-02T03:04:05Z
x-acs-security-token:CAIS+tok/en==
x-acs-signature-nonce:0123456789abcdef0123456789abcdef
x-acs-version:2015-04-01

content-type;host;x-acs-accesskey-id;x-acs-action;x-acs-content-sha256;x-acs-credentials-provider;x-acs-date;x-acs-security-token;x-acs-signature-nonce;x-acs-version
cec1ca10319b9b0f3b6bbae799d75f0b3e2bc9cf00d713ac151115d8e28a542a`

const acs3: Signature.Acs3Request = {
  method: "POST",
  path: "/",
  query: { Policy: `{"a":"b c*~"}`, DurationSeconds: "3600" },
  headers: {
    Host: "sts.cn-hangzhou.aliyuncs.com",
    "x-acs-action": "AssumeRole",
    "x-acs-version": "2015-04-01",
    "x-acs-date": timestamp,
    "x-acs-signature-nonce": nonce,
    accept: "application/json",
    "User-Agent": "not signed",
    "X-Acs-Content-Sha256": "cec1ca10319b9b0f3b6bbae799d75f0b3e2bc9cf00d713ac151115d8e28a542a",
    "Content-Type": "application/x-www-form-urlencoded",
    "x-acs-credentials-provider": " static_sts\t",
    "x-acs-accesskey-id": "STS.NExampleKeyId",
    "x-acs-security-token": "CAIS+tok/en=="
  },
  body: "RoleArn=acs%3Aram%3A%3A1234567890123456%3Arole%2Fdemo-role&RoleSessionName=demo",
  accessKeyId: "STS.NExampleKeyId",
  accessKeySecret: Redacted.make("ExampleStsSecret")
}

const rsaKeys = generateKeyPairSync("rsa", { modulusLength: 2048 })
const pkcs8 = rsaKeys.privateKey.export({ type: "pkcs8", format: "pem" }).toString()
const pkcs8Lines = pkcs8.trim().split("\n")

const pem = (label: string, body: string): string => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`

const isVerifiedRsa = (text: string, signature: string): boolean =>
  verify("RSA-SHA256", Buffer.from(text), rsaKeys.publicKey, Buffer.from(signature, "base64"))

const byBytes: Order.Order<Buffer> = Buffer.compare

/** What a server does: it has bytes only, and shares no code with the signer. */
const server = {
  decode: (text: string): Buffer => {
    const bytes: Array<number> = []
    for (let i = 0; i < text.length; i++) {
      if (text[i] === "%") {
        bytes.push(Number.parseInt(text.slice(i + 1, i + 3), 16))
        i += 2
      } else {
        bytes.push(text.charCodeAt(i))
      }
    }
    return Buffer.from(bytes)
  },
  encode: (bytes: Buffer): string =>
    Array.from(bytes, (byte) => {
      const char = String.fromCharCode(byte)
      return /[A-Za-z0-9._~-]/.test(char) ? char : `%${byte < 16 ? "0" : ""}${byte.toString(16).toUpperCase()}`
    }).join(""),
  parse: (queryString: string): Array<readonly [Buffer, Buffer]> =>
    queryString.split("&").filter((pair) => pair !== "").map((pair) => {
      const equals = pair.indexOf("=")
      return [server.decode(pair.slice(0, equals)), server.decode(pair.slice(equals + 1))] as const
    }),
  canonicalQuery: (pairs: ReadonlyArray<readonly [Buffer, Buffer]>): string =>
    Arr.sort(pairs, Order.mapInput(byBytes, ([name]: readonly [Buffer, Buffer]) => name))
      .map(([name, value]) => `${server.encode(name)}=${server.encode(value)}`)
      .join("&"),
  acceptsRpc: (method: string, queryString: string, secret: string): boolean => {
    const pairs = server.parse(queryString)
    const given = pairs.find(([name]) => name.toString() === "Signature")?.[1].toString()
    const canonical = server.canonicalQuery(pairs.filter(([name]) => name.toString() !== "Signature"))
    const text = `${method}&%2F&${server.encode(Buffer.from(canonical))}`
    return createHmac("sha1", `${secret}&`).update(text).digest("base64") === given
  },
  acceptsAcs3: (
    sent: {
      readonly method: string
      readonly path: string
      readonly queryString: string
      readonly headers: ReadonlyArray<readonly [name: string, value: string]>
      readonly authorization: string
      readonly body: Buffer
    },
    secret: string
  ): boolean => {
    const [, signedHeaders = "", signature] =
      /^ACS3-HMAC-SHA256 Credential=AK,SignedHeaders=([^,]*),Signature=([0-9a-f]{64})$/.exec(sent.authorization) ?? []
    const names = signedHeaders.split(";")
    const received = sent.headers.map(([name, value]) =>
      [name.toLowerCase(), value.replace(/^[ \t]+|[ \t]+$/g, "")] as const
    )
    const mustBeSigned = received.map(([name]) => name).filter((name) => /^(x-acs-.*|host|content-type)$/.test(name))
    const canonical = [
      sent.method,
      sent.path.split("/").map((segment) => server.encode(server.decode(segment))).join("/"),
      server.canonicalQuery(server.parse(sent.queryString)),
      ...names.map((name) => {
        const values = received.filter(([other]) => other === name).map(([, value]) => Buffer.from(value))
        return `${name}:${Arr.sort(values, byBytes).join(",")}`
      }),
      "",
      signedHeaders,
      createHash("sha256").update(sent.body).digest("hex")
    ].join("\n")
    const text = `ACS3-HMAC-SHA256\n${createHash("sha256").update(canonical).digest("hex")}`
    return new Set(mustBeSigned).size === names.length && mustBeSigned.every((name) => names.includes(name)) &&
      createHmac("sha256", secret).update(text).digest("hex") === signature
  }
}

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom(..." %+*~!'()&=/;#\r\n\0é漢\uFFFD\uE000😀") }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) })
)

const parameters = fc.uniqueArray(fc.tuple(text, text), {
  selector: ([name]) => Buffer.from(name).toString("hex"),
  maxLength: 20
}).map((entries) => Object.fromEntries(entries.filter(([name]) => name !== "Signature")))

const queryStringOf = (pairs: Readonly<Record<string, string>>): string =>
  Object.entries(pairs).map(([name, value]) => `${Signature.percentEncode(name)}=${Signature.percentEncode(value)}`)
    .join("&")

describe("percentEncode", () => {
  it.each([
    ["", ""],
    ["AZaz09-_.~", "AZaz09-_.~"],
    [" ", "%20"],
    ["+", "%2B"],
    ["*", "%2A"],
    ["!'()", "%21%27%28%29"],
    ["/?#[]@&=;,:$", "%2F%3F%23%5B%5D%40%26%3D%3B%2C%3A%24"],
    ["%7E", "%257E"],
    ["\0\n\x7f", "%00%0A%7F"],
    ["é漢😀", "%C3%A9%E6%BC%A2%F0%9F%98%80"],
    ["\uD800", "%EF%BF%BD"],
    ["a\uDC00\uD83D\uDE00\uD83Db", "a%EF%BF%BD%F0%9F%98%80%EF%BF%BDb"]
  ])("of %j is %s", (input, expected) => {
    assert.strictEqual(Signature.percentEncode(input), expected)
  })

  it.prop("writes any text as its UTF-8 bytes and never throws", { text }, (_) => {
    assert.strictEqual(Signature.percentEncode(_.text), server.encode(Buffer.from(_.text)))
  })
})

describe("RPC string to sign", () => {
  it("is the known one for AssumeRole", () => {
    assert.strictEqual(Signature.rpcStringToSign(assumeRole), stringToSign)
  })

  it("is the known one for GenerateSessionAccessKey", () => {
    assert.strictEqual(Signature.rpcStringToSign(generateSession), rsaStringToSign)
    assert.strictEqual(
      createHash("sha256").update(rsaStringToSign).digest("hex"),
      "063497872e7b30ffb8b3c81212f67ab2ccc447a219fda0b7b864e44cebdbcf77"
    )
  })

  it("leaves out the parameter Signature and no other", () => {
    const parameters = { Signature: "x", SignatureNonce: "n", signature: "y" }
    assert.strictEqual(
      Signature.rpcStringToSign({ method: "GET", parameters }),
      "GET&%2F&SignatureNonce%3Dn%26signature%3Dy"
    )
  })

  it("has the method in upper case", () => {
    assert.strictEqual(Signature.rpcStringToSign({ method: "get", parameters: { a: "" } }), "GET&%2F&a%3D")
  })

  it("sorts raw names by their UTF-8 bytes, not by UTF-16 and not by their encoded form", () => {
    assert.strictEqual(
      Signature.rpcStringToSign({
        method: "GET",
        parameters: { "😀": "5", "\uFFFD": "4", "a+": "2", a: "1", "a.": "3" }
      }),
      `GET&%2F&${encodeURIComponent("a=1&a%2B=2&a.=3&%EF%BF%BD=4&%F0%9F%98%80=5")}`
    )
  })

  it("treats a parameter named __proto__ as any other", () => {
    const parameters = JSON.parse(`{"__proto__":"1"}`) as Record<string, string>
    assert.strictEqual(Signature.rpcStringToSign({ method: "GET", parameters }), "GET&%2F&__proto__%3D1")
  })
})

describe("rpcHmacSha1", () => {
  it.effect("gives the known signature without a token", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* Signature.rpcHmacSha1(assumeRole), "60IpLBdw1HeREnA25bKDvVEE98g=")
    }))

  it.effect("gives the known signature with a token", () =>
    Effect.gen(function*() {
      const parameters = { ...assumeRole.parameters, SecurityToken: "CAIS+tok/en==" }
      assert.strictEqual(
        yield* Signature.rpcHmacSha1({ ...assumeRole, parameters }),
        "CO/xxttbuFYcv/RP0hDurj/WaIs="
      )
    }))

  it.effect.prop(
    "is accepted by a server that got the query string",
    { parameters, secret: text },
    (_) =>
      Effect.gen(function*() {
        const signature = yield* Signature.rpcHmacSha1({
          method: "get",
          parameters: _.parameters,
          accessKeySecret: Redacted.make(_.secret)
        })
        const queryString = queryStringOf({ ..._.parameters, Signature: signature })
        assert.isTrue(server.acceptsRpc("GET", queryString, _.secret))
        assert.isFalse(server.acceptsRpc("POST", queryString, _.secret))
        assert.isFalse(server.acceptsRpc("GET", `${queryString}&Forged=1`, _.secret))
        assert.isFalse(server.acceptsRpc("GET", queryString, `${_.secret}x`))
      })
  )
})

describe("rpcRsaSha256", () => {
  const layouts: ReadonlyArray<readonly [name: string, pem: string]> = [
    ["as OpenSSL writes it", pkcs8],
    ["with CRLF line ends", pkcs8.replaceAll("\n", "\r\n")],
    ["with CR line ends", pkcs8.replaceAll("\n", "\r")],
    ["with a byte order mark", `\uFEFF${pkcs8}`],
    ["with white space around every line", pkcs8Lines.map((line) => `\t ${line}  `).join("\n\n")],
    ["without the lines of the armour", pkcs8Lines.slice(1, -1).join("\n")],
    ["without the last line", pkcs8Lines.slice(0, -1).join("\n")],
    ["as words of base64", pkcs8Lines.slice(1, -1).join(" ")],
    ["as one line of base64", pkcs8Lines.slice(1, -1).join("")]
  ]

  it.effect.each(layouts)("signs with a PKCS#8 key %s", ([, pem]) =>
    Effect.gen(function*() {
      const signature = yield* Signature.rpcRsaSha256({ ...generateSession, privateKey: Redacted.make(pem) })
      assert.isTrue(isVerifiedRsa(rsaStringToSign, signature))
    }))

  it.effect.prop(
    "is verified by the public key for any parameters",
    { parameters },
    (_) =>
      Effect.gen(function*() {
        const signature = yield* Signature.rpcRsaSha256({
          method: "GET",
          parameters: _.parameters,
          privateKey: Redacted.make(pkcs8)
        })
        const canonical = server.canonicalQuery(server.parse(queryStringOf(_.parameters)))
        assert.isTrue(isVerifiedRsa(`GET&%2F&${server.encode(Buffer.from(canonical))}`, signature))
      }),
    { fastCheck: { numRuns: 30 } }
  )

  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey
  const cipher = { cipher: "aes-256-cbc", passphrase: "passphrase" } as const
  const pkcs1Lines = rsaKeys.privateKey.export({ type: "pkcs1", format: "pem" }).toString().trim().split("\n")
  const unusable: ReadonlyArray<readonly [name: string, pem: string, reason: Signature.PrivateKeyIssue]> = [
    ["a PKCS#1 key", pkcs1Lines.join("\n"), "Pkcs1"],
    ["a PKCS#1 key without armour", pkcs1Lines.slice(1, -1).join("\n"), "NotRsaPkcs8"],
    ["a PKCS#1 key under a PKCS#8 label", pem("PRIVATE KEY", pkcs1Lines.slice(1, -1).join("\n")), "NotRsaPkcs8"],
    [
      "an encrypted PKCS#1 key",
      rsaKeys.privateKey.export({ type: "pkcs1", format: "pem", ...cipher }).toString(),
      "Pkcs1"
    ],
    [
      "an encrypted PKCS#8 key",
      rsaKeys.privateKey.export({ type: "pkcs8", format: "pem", ...cipher }).toString(),
      "Encrypted"
    ],
    [
      "an encrypted PKCS#8 key without armour",
      rsaKeys.privateKey.export({ type: "pkcs8", format: "der", ...cipher }).toString("base64"),
      "NotRsaPkcs8"
    ],
    ["an EC key in PKCS#8", ec.export({ type: "pkcs8", format: "pem" }).toString(), "NotRsaPkcs8"],
    ["an EC key in SEC 1", ec.export({ type: "sec1", format: "pem" }).toString(), "NotRsaPkcs8"],
    ["a public key", rsaKeys.publicKey.export({ type: "spki", format: "pem" }).toString(), "NotRsaPkcs8"],
    ["a PKCS#8 key cut short", pkcs8Lines.slice(0, 10).join("\n"), "NotRsaPkcs8"],
    ["a PKCS#8 key with a foreign label", pem("constructor", pkcs8Lines.slice(1, -1).join("\n")), "NotRsaPkcs8"],
    ["base64 of something else", Buffer.from("plantedSecretMaterial".repeat(9)).toString("base64"), "NotRsaPkcs8"],
    ["text that is not base64", "plantedSecretMaterial!".repeat(9), "NotRsaPkcs8"],
    ["a secret in the label", "-----BEGIN plantedSecretMaterial-----\nAAAA\n", "NotRsaPkcs8"]
  ]

  it.effect.each(unusable)(
    "fails with the typed error, free of key content, for %s",
    ([, pem, reason]) =>
      Effect.gen(function*() {
        const privateKey = Redacted.make(pem)
        const exit = yield* Effect.exit(Signature.rpcRsaSha256({ ...generateSession, privateKey }))
        const error = yield* Effect.flip(exit)
        assert.instanceOf(error, Signature.UnusablePrivateKey)
        assert.strictEqual(error.reason, reason)
        assert.include(error.message, "openssl pkcs8 -topk8 -nocrypt")
        const renderings = [
          error.message,
          String(error),
          JSON.stringify(error),
          JSON.stringify(exit),
          inspect(error, { depth: null, showHidden: true }),
          inspect(exit, { depth: null, showHidden: true }),
          Exit.isFailure(exit) ? Cause.pretty(exit.cause, { renderErrorCause: true }) : ""
        ].join("\n")
        const content = pem.replace(/-----(BEGIN|END) ([A-Z0-9 ]+)-----/g, "").match(/[A-Za-z0-9+/]{12,}/g) ?? []
        for (const chunk of content) {
          for (let i = 0; i + 12 <= chunk.length; i += 12) assert.notInclude(renderings, chunk.slice(i, i + 12))
        }
      })
  )

  it.effect("fails with the typed error for an empty key", () =>
    Effect.gen(function*() {
      for (const empty of ["", " \r\n", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----"]) {
        const privateKey = Redacted.make(empty)
        const error = yield* Effect.flip(Signature.rpcRsaSha256({ ...generateSession, privateKey }))
        assert.instanceOf(error, Signature.UnusablePrivateKey)
      }
    }))

  it.effect.prop(
    "fails with the typed error for any text that is no key, and repeats none of it",
    { text },
    (_) =>
      Effect.gen(function*() {
        const planted = `${_.text}plantedSecretMaterial${_.text}`
        const privateKey = Redacted.make(planted)
        const error = yield* Effect.flip(Signature.rpcRsaSha256({ ...generateSession, privateKey }))
        assert.instanceOf(error, Signature.UnusablePrivateKey)
        assert.notInclude(inspect(error, { depth: null, showHidden: true }) + error.message, "plantedSecretMaterial")
      })
  )
})

describe("contentSha256", () => {
  it.effect("hashes nothing, text and bytes", () =>
    Effect.gen(function*() {
      const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
      assert.strictEqual(yield* Signature.contentSha256(""), empty)
      assert.strictEqual(yield* Signature.contentSha256(new Uint8Array(0)), empty)
      const expected = createHash("sha256").update("漢😀").digest("hex")
      assert.strictEqual(yield* Signature.contentSha256("漢😀"), expected)
      assert.strictEqual(yield* Signature.contentSha256(Buffer.from("漢😀")), expected)
    }))

  it.effect("hashes only the viewed part of a larger buffer", () =>
    Effect.gen(function*() {
      const view = new Uint8Array([1, 2, 3, 4]).subarray(1, 3)
      const expected = createHash("sha256").update(Buffer.from([2, 3])).digest("hex")
      assert.strictEqual(yield* Signature.contentSha256(view), expected)
    }))
})

describe("acs3HmacSha256", () => {
  const signedHeaders =
    "content-type;host;x-acs-accesskey-id;x-acs-action;x-acs-content-sha256;x-acs-credentials-provider;x-acs-date;x-acs-security-token;x-acs-signature-nonce;x-acs-version"

  it.effect("gives the known canonical request, string to sign and signature", () =>
    Effect.gen(function*() {
      const signature = "4eb506842334f94f460b5801bdb8e02e9a003b117a65835b316b6c08c536fdf2"
      assert.deepStrictEqual(yield* Signature.acs3HmacSha256(acs3), {
        canonicalRequest,
        stringToSign: "ACS3-HMAC-SHA256\n5d3608b04ee840f613000ff1946ed1cac72a4b5828005660d5837bed86c9d13f",
        signature,
        signedHeaders,
        authorization:
          `ACS3-HMAC-SHA256 Credential=STS.NExampleKeyId,SignedHeaders=${signedHeaders},Signature=${signature}`
      })
    }))

  it.effect("hashes a body of bytes like the same text", () =>
    Effect.gen(function*() {
      const signed = yield* Signature.acs3HmacSha256({ ...acs3, body: Buffer.from(acs3.body) })
      assert.strictEqual(signed.canonicalRequest, canonicalRequest)
    }))

  it.effect("signs x-acs-content-sha256 as it is sent, and ends with the hash of the body", () =>
    Effect.gen(function*() {
      const headers = { "x-acs-content-sha256": "as-given" }
      const signed = yield* Signature.acs3HmacSha256({ ...acs3, headers, query: {}, body: "" })
      assert.strictEqual(
        signed.canonicalRequest,
        "POST\n/\n\nx-acs-content-sha256:as-given\n\nx-acs-content-sha256\n" +
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
      )
    }))

  it.effect("trims, sorts and joins the values of one header, however its name is written", () =>
    Effect.gen(function*() {
      const headers = {
        "X-Acs-B": ["z ", " a"],
        "x-acs-a": " 1 ",
        "x-acs-b": "m",
        "x-other": "no",
        "content-length": "3"
      }
      const signed = yield* Signature.acs3HmacSha256({ ...acs3, headers })
      assert.deepStrictEqual(signed.canonicalRequest.split("\n").slice(3, -1), [
        "x-acs-a:1",
        "x-acs-b:a,m,z",
        "",
        "x-acs-a;x-acs-b"
      ])
    }))

  const paths: ReadonlyArray<readonly [path: string, canonical: string]> = [
    ["", "/"],
    ["/", "/"],
    ["/a+b/*/%7Euser/%E6%BC%A2", "/a%20b/%2A/~user/%E6%BC%A2"]
  ]

  it.effect.each(paths)("writes the path %j canonically as %j", ([path, expected]) =>
    Effect.gen(function*() {
      const signed = yield* Signature.acs3HmacSha256({ ...acs3, method: "get", path })
      assert.deepStrictEqual(signed.canonicalRequest.split("\n").slice(0, 2), ["GET", expected])
    }))

  const token = fc.string({ unit: fc.constantFrom(..."abcXYZ019-_"), minLength: 1, maxLength: 8 })
  const headerValue = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((unit) => String.fromCharCode(unit)) })
    .map((value) => ` ${value}\t`)
  const headers = fc.dictionary(
    fc.oneof(
      token.map((name) => `x-acs-${name}`),
      token.map((name) => `X-Acs-${name}`),
      fc.constantFrom("Host", "host", "content-type", "Accept"),
      token
    ),
    fc.oneof(headerValue, fc.array(headerValue, { minLength: 1, maxLength: 3 }))
  )
  const path = fc.array(text.filter((segment) => segment !== "")).map((segments) =>
    `/${
      segments.map((segment) => Signature.percentEncode(segment).replaceAll("%2A", "*").replaceAll("~", "%7E")).join(
        "/"
      )
    }`
  )
  const body = fc.oneof(text, fc.uint8Array())

  it.effect.prop(
    "is accepted by a server that got the request",
    { headers, path, query: parameters, body, secret: text },
    (_) =>
      Effect.gen(function*() {
        const { authorization } = yield* Signature.acs3HmacSha256({
          method: "PUT",
          path: _.path,
          query: _.query,
          headers: { host: "h", ..._.headers },
          body: _.body,
          accessKeyId: "AK",
          accessKeySecret: Redacted.make(_.secret)
        })
        const sent = {
          method: "PUT",
          path: _.path,
          queryString: queryStringOf(_.query),
          headers: Object.entries({ host: "h", ..._.headers }).flatMap(([name, value]) =>
            (typeof value === "string" ? [value] : value).map((single) => [name, single] as const)
          ),
          authorization,
          body: typeof _.body === "string" ? Buffer.from(_.body) : Buffer.from(_.body)
        }
        assert.isTrue(server.acceptsAcs3(sent, _.secret))
        assert.isFalse(server.acceptsAcs3({ ...sent, method: "GET" }, _.secret))
        assert.isFalse(server.acceptsAcs3({ ...sent, path: `${_.path}x` }, _.secret))
        assert.isFalse(server.acceptsAcs3({ ...sent, queryString: `${sent.queryString}&Forged=1` }, _.secret))
        assert.isFalse(server.acceptsAcs3({ ...sent, headers: [...sent.headers, ["x-acs-0", "v"]] }, _.secret))
        assert.isFalse(server.acceptsAcs3({ ...sent, body: Buffer.concat([sent.body, Buffer.from("x")]) }, _.secret))
        assert.isFalse(server.acceptsAcs3(sent, `${_.secret}x`))
      })
  )
})
