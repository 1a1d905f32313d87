import * as Credentials from "@effect-alicloud/credentials/Credentials"
import * as EcsRamRole from "@effect-alicloud/credentials/EcsRamRole"
import { Connection } from "@effect-alicloud/credentials/Platform"
import type { Fault, WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import { HttpClient } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Fiber, Layer, Logger, Option, TestClock } from "effect"
import { cloud, count, story } from "../kit/cloud.ts"
import { assertNoLeak, errorOf } from "../kit/leaks.ts"
import { build, getOf, secretsOf, withEnv } from "../kit/world.ts"

type Instance = NonNullable<WorldInput["instance"]>

const roleName = "EcsRole"

const onInstance = (instance: Partial<Instance>, faults: ReadonlyArray<Fault> = []) =>
  cloud({ instance: { roleName, ...instance }, faults }).layer

const offCloud = cloud({ instance: undefined }).layer

const page: Fault = { endpoint: "imds.list", kind: "html404" }

describe("a clock that is wrong", () => {
  it.effect("ahead: the error of the instance's session names the difference, and nothing is tried again", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("12 hours")
      const error = yield* errorOf(getOf(EcsRamRole.layer()))
      assert.strictEqual(error._tag === "SourceFailed" && error.reason, "Expired")
      assert.match(error.message, /clock is wrong, 12h ahead of the instance metadata service: correct it/)
      assert.deepStrictEqual(yield* story, ["imds.token 200", "imds.list 200", "imds.credentials 200"])
    }).pipe(Effect.provide(cloud({ instance: { roleName }, clockSkewSeconds: -12 * 3600 }).layer)))

  it.effect("behind: the instance's session is used until its end, with one warning", () => {
    const warnings: Array<string> = []
    const logger = Logger.replace(Logger.defaultLogger, Logger.make(({ message }) => warnings.push(String(message))))
    return Effect.gen(function*() {
      const provider = yield* build(EcsRamRole.layer())
      const credentials = yield* provider.get
      yield* provider.invalidate(credentials)
      yield* provider.get
      assert.lengthOf(warnings, 1)
      assert.match(warnings[0] ?? "", /clock is wrong, 1h behind the instance metadata service: correct it/)
    }).pipe(
      Effect.scoped,
      Effect.provide(Layer.merge(logger, cloud({ instance: { roleName }, clockSkewSeconds: 3600 }).layer))
    )
  })
})

describe("the instance's role", () => {
  const found: ReadonlyArray<
    readonly [
      title: string,
      config: EcsRamRole.Config,
      instance: Partial<Instance>,
      faults: ReadonlyArray<Fault>,
      story: ReadonlyArray<string>
    ]
  > = [
    ["is read with one token", {}, {}, [], ["imds.token 200", "imds.list 200", "imds.credentials 200"]],
    ["is not looked up when it is named", { roleName }, {}, [], ["imds.token 200", "imds.credentials 200"]],
    ["is read with a token when the instance demands one", {}, { imdsV1: false }, [], [
      "imds.token 200",
      "imds.list 200",
      "imds.credentials 200"
    ]],
    ["is read with a token when version 1 is disabled here", { disableIMDSv1: true }, {}, [], [
      "imds.token 200",
      "imds.list 200",
      "imds.credentials 200"
    ]],
    ["is read without a token when there is none", {}, { imdsV2: false }, [], [
      "imds.token 404",
      "imds.list 200",
      "imds.credentials 200"
    ]],
    ["is read without a token when that breaks", {}, {}, [{ endpoint: "imds.token", kind: "status", status: 500 }], [
      "imds.token 500",
      "imds.list 200",
      "imds.credentials 200"
    ]],
    ["is read without a token when that is lost", {}, {}, [{ endpoint: "imds.token", kind: "disconnect" }], [
      "imds.token -",
      "imds.list 200",
      "imds.credentials 200"
    ]],
    ["is read without a token when that is no token", {}, {}, [
      { endpoint: "imds.token", kind: "status", status: 200, body: "<html>not a token</html>" }
    ], ["imds.token 200", "imds.list 200", "imds.credentials 200"]],
    ["is read without a token when that is empty", {}, {}, [
      { endpoint: "imds.token", kind: "status", status: 200, body: "\n" }
    ], ["imds.token 200", "imds.list 200", "imds.credentials 200"]],
    ["is looked up once more without token when it fails with one", {}, {}, [
      { endpoint: "imds.list", kind: "status", status: 500, times: 1 }
    ], ["imds.token 200", "imds.list 500", "imds.list 200", "imds.credentials 200"]],
    ["is read once more without token when it fails with one", {}, {}, [
      { endpoint: "imds.credentials", kind: "disconnect", times: 1 }
    ], ["imds.token 200", "imds.list 200", "imds.credentials -", "imds.credentials 200"]],
    ["is read once more without token when it is malformed with one", { roleName }, {}, [
      { endpoint: "imds.credentials", kind: "malformed", times: 1 }
    ], ["imds.token 200", "imds.credentials 200", "imds.credentials 200"]],
    ["is read once more without token when it says no with one", { roleName }, {}, [
      { endpoint: "imds.credentials", kind: "setField", field: "Code", value: "Failed", times: 1 }
    ], ["imds.token 200", "imds.credentials 200", "imds.credentials 200"]],
    ["may end in a line feed", {}, { trailingNewline: true }, [], [
      "imds.token 200",
      "imds.list 200",
      "imds.credentials 200"
    ]],
    ["is the first of several", {}, {}, [
      { endpoint: "imds.list", kind: "status", status: 200, body: `${roleName}\nOther\n` }
    ], ["imds.token 200", "imds.list 200", "imds.credentials 200"]]
  ]
  for (const [title, config, instance, faults, expected] of found) {
    it.effect(title, () =>
      Effect.gen(function*() {
        const credentials = yield* getOf(EcsRamRole.layer(config))
        assert.strictEqual(credentials.type, "ecs_ram_role")
        assert.strictEqual(credentials.providerName, "ecs_ram_role")
        assert.strictEqual(credentials._tag, "Sts")
        assert.isTrue(Option.isSome(Credentials.expirationOf(credentials)))
        assertNoLeak(credentials)
        assert.deepStrictEqual(yield* story, expected)
      }).pipe(Effect.provide(onInstance(instance, faults))))
  }

  const brief: ReadonlyArray<readonly [title: string, fault: Fault]> = [
    ["503", { endpoint: "imds", kind: "status", status: 503, times: 1 }],
    ["429", { endpoint: "imds", kind: "status", status: 429, times: 1 }],
    ["a page", { endpoint: "imds", kind: "status", status: 200, body: "<html> </html>", times: 1 }],
    ["an empty expiration", {
      endpoint: "imds.credentials",
      kind: "setField",
      field: "Expiration",
      value: "",
      times: 1
    }],
    ["an empty key", { endpoint: "imds.credentials", kind: "setField", field: "AccessKeyId", value: "", times: 1 }],
    ["another code", { endpoint: "imds.credentials", kind: "setField", field: "Code", value: "Busy", times: 1 }],
    ["half an answer", { endpoint: "imds.credentials", kind: "truncate", times: 1 }]
  ]
  for (const [title, fault] of brief) {
    for (const after of fault.endpoint === "imds" ? [0, 1, 2] : [0]) {
      for (const [instance, config] of [[{ imdsV1: false }, {}], [{}, { disableIMDSv1: true }]] as const) {
        const where = config.disableIMDSv1 ? "version 1 is disabled here" : "it demands a token"
        it.effect(`is read although step ${after + 1} is answered with ${title} once and ${where}`, () =>
          Effect.gen(function*() {
            const credentials = yield* getOf(EcsRamRole.layer(config))
            assert.strictEqual(credentials._tag, "Sts")
          }).pipe(Effect.provide(onInstance(instance, [{ ...fault, after }]))))
      }
    }
  }

  const broken: ReadonlyArray<
    readonly [
      title: string,
      config: EcsRamRole.Config,
      instance: Partial<Instance>,
      faults: ReadonlyArray<Fault>,
      tag: string,
      message: RegExp,
      story: ReadonlyArray<string>
    ]
  > = [
    [
      "version 1 is disabled here and there is no version 2",
      { disableIMDSv1: true },
      { imdsV2: false },
      [],
      "SourceFailed",
      /refused the token \(HTTP 404\)/,
      [
        "imds.token 404"
      ]
    ],
    [
      "version 1 is disabled here and a read with a token fails",
      { disableIMDSv1: true },
      {},
      [
        { endpoint: "imds.list", kind: "status", status: 500 }
      ],
      "SourceFailed",
      /HTTP 500/,
      ["imds.token 200", "imds.list 500", "imds.list 500"]
    ],
    [
      "it demands a token and gives none",
      {},
      { imdsV1: false, imdsV2: false },
      [],
      "SourceFailed",
      /refused the token \(HTTP 404\)/,
      [
        "imds.token 404",
        "imds.list 403"
      ]
    ],
    [
      "it demands a token and fails to give one",
      {},
      { imdsV1: false },
      [{ endpoint: "imds.token", kind: "status", status: 503 }],
      "SourceFailed",
      /refused the token \(HTTP 503\)/,
      ["imds.token 503", "imds.list 403", "imds.token 503"]
    ],
    ["it has no role", {}, { roleName: undefined }, [], "SourceUnavailable", /knows no RAM role \(HTTP 404\)/, [
      "imds.token 200",
      "imds.list 404",
      "imds.list 404"
    ]],
    [
      "it has no role and demands a token",
      {},
      { roleName: undefined, imdsV1: false },
      [],
      "SourceUnavailable",
      /knows no RAM role/,
      [
        "imds.token 200",
        "imds.list 404",
        "imds.list 403"
      ]
    ],
    [
      "it has no role and version 1 is disabled here",
      { disableIMDSv1: true },
      { roleName: undefined },
      [],
      "SourceUnavailable",
      /knows no RAM role/,
      [
        "imds.token 200",
        "imds.list 404"
      ]
    ],
    [
      "its list of roles is empty",
      {},
      {},
      [{ endpoint: "imds.list", kind: "status", status: 200, body: " \n" }],
      "SourceUnavailable",
      /knows no RAM role/,
      [
        "imds.token 200",
        "imds.list 200",
        "imds.list 200"
      ]
    ],
    [
      "its list of roles is a page",
      {},
      {},
      [
        { endpoint: "imds.list", kind: "status", status: 200, body: "<html>s3cr3t</html>" }
      ],
      "SourceFailed",
      /list of roles is not usable/,
      ["imds.token 200", "imds.list 200", "imds.list 200"]
    ],
    ["another role was named", { roleName: "Other" }, {}, [], "SourceFailed", /HTTP 404/, [
      "imds.token 200",
      "imds.credentials 404",
      "imds.credentials 404"
    ]],
    [
      "another role was named and it demands a token",
      { roleName: "Other" },
      { imdsV1: false },
      [],
      "SourceFailed",
      /HTTP 404/,
      [
        "imds.token 200",
        "imds.credentials 404",
        "imds.credentials 403"
      ]
    ],
    [
      "it limits requests",
      { roleName },
      {},
      [{ endpoint: "imds.credentials", kind: "throttle" }],
      "SourceFailed",
      /Throttled.*HTTP 429/,
      [
        "imds.token 200",
        "imds.credentials 429",
        "imds.credentials 429"
      ]
    ],
    [
      "it answers with a redirect, which is not followed",
      { roleName },
      {},
      [
        { endpoint: "imds.credentials", kind: "redirect", location: "http://s3cr3t.example.com/" }
      ],
      "SourceFailed",
      /HTTP 302/,
      ["imds.token 200", "imds.credentials 302", "imds.credentials 302"]
    ],
    [
      "its answer is huge",
      { roleName },
      {},
      [
        { endpoint: "imds.credentials", kind: "huge", bytes: 2 * 1024 * 1024 }
      ],
      "SourceFailed",
      /larger than 1 MiB/,
      ["imds.token 200", "imds.credentials 200", "imds.credentials 200"]
    ]
  ]
  for (const [title, config, instance, faults, tag, message, expected] of broken) {
    it.effect(`${title}: ${tag}`, () =>
      Effect.gen(function*() {
        const error = yield* errorOf(getOf(EcsRamRole.layer(config)))
        assert.strictEqual(error._tag, tag)
        assert.match(error.message, message)
        assert.deepStrictEqual(yield* story, expected)
      }).pipe(Effect.provide(onInstance(instance, faults))))
  }

  it.scoped("is read with a new token for each session", () =>
    Effect.gen(function*() {
      const provider = yield* build(EcsRamRole.layer({ roleName }))
      const first = yield* provider.get
      assert.deepStrictEqual(Credentials.expirationOf(first), Option.some(DateTime.unsafeMake(21_600_000)))
      assert.strictEqual(yield* provider.get, first)
      yield* TestClock.adjust("7 hours")
      assert.deepStrictEqual(secretsOf(yield* provider.get).slice(0, 1), ["STS.Fake0002"])
      assert.deepStrictEqual(yield* story, [
        "imds.token 200",
        "imds.credentials 200",
        "imds.token 200",
        "imds.credentials 200"
      ])
    }).pipe(Effect.provide(onInstance({}))))
})

describe("off the cloud", () => {
  it.effect("one refused connection ends it, whether version 1 is allowed or not", () =>
    Effect.gen(function*() {
      for (const [requests, disableIMDSv1] of [[1, false], [2, true]] as const) {
        const error = yield* errorOf(getOf(EcsRamRole.layer({ disableIMDSv1 })))
        assert.strictEqual(error._tag, "SourceUnavailable")
        assert.include(error.message, "http://100.100.100.200 does not answer (ECONNREFUSED)")
        assert.strictEqual(yield* count, requests)
      }
    }).pipe(Effect.provide(offCloud)))

  it.effect("a role whose name is half a character is a failure, not a defect", () =>
    Effect.gen(function*() {
      const error = yield* errorOf(Effect.provide(getOf(EcsRamRole.layer({ roleName: "role\ud800" })), onInstance({})))
      assert.strictEqual(error._tag, "SourceFailed")
    }))

  it.effect("a role that was named is a failure, after one request, too", () =>
    Effect.gen(function*() {
      const error = yield* errorOf(getOf(EcsRamRole.layer({ roleName })))
      assert.strictEqual(error._tag === "SourceFailed" && error.reason, "Transport")
      assert.strictEqual(yield* count, 1)
    }).pipe(Effect.provide(offCloud)))

  it.effect("silence ends after two seconds a step", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(Effect.flip(getOf(EcsRamRole.layer())))
      yield* TestClock.adjust("1999 millis")
      assert.strictEqual(yield* count, 1)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* count, 2)
      yield* TestClock.adjust("2 seconds")
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error._tag, "SourceUnavailable")
      assert.deepStrictEqual(yield* story, ["imds.token -", "imds.list -"])
    }).pipe(Effect.provide(onInstance({}, [{ endpoint: "imds", kind: "hang" }]))))

  it.effect("silence of a role that was named is a time-out", () =>
    Effect.gen(function*() {
      const layer = EcsRamRole.layer({
        roleName,
        disableIMDSv1: true,
        timeout: "3 seconds",
        connectTimeout: "2 seconds"
      })
      const fiber = yield* Effect.fork(Effect.flip(getOf(layer)))
      yield* TestClock.adjust("4999 millis")
      assert.isTrue(Option.isNone(yield* Fiber.poll(fiber)))
      yield* TestClock.adjust("1 millis")
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error._tag === "SourceFailed" && error.reason, "Timeout")
      assert.strictEqual(yield* count, 1)
    }).pipe(Effect.provide(onInstance({}, [{ endpoint: "imds", kind: "hang" }]))))
})

describe("the environment", () => {
  it.effect("closes the service at each get, also to a source made in code", () =>
    Effect.gen(function*() {
      const source = yield* EcsRamRole.make({ roleName }).pipe(withEnv({ ALIBABA_CLOUD_ECS_METADATA_DISABLED: "TRUE" }))
      const error = yield* errorOf(source.get)
      assert.strictEqual(error._tag, "SourceUnavailable")
      assert.include(error.message, "ALIBABA_CLOUD_ECS_METADATA_DISABLED")
      assert.strictEqual(yield* count, 0)
    }).pipe(Effect.provide(onInstance({}))))

  const cases: ReadonlyArray<
    readonly [title: string, config: EcsRamRole.Config, env: Record<string, string>, story: ReadonlyArray<string>]
  > = [
    ["names the role", {}, { ALIBABA_CLOUD_ECS_METADATA: ` ${roleName}\n` }, [
      "imds.token 200",
      "imds.credentials 200"
    ]],
    ["does not name the role when an option does", { roleName }, { ALIBABA_CLOUD_ECS_METADATA: "Other" }, [
      "imds.token 200",
      "imds.credentials 200"
    ]],
    ["disables version 1", { roleName }, { ALIBABA_CLOUD_IMDSV1_DISABLED: "true" }, [
      "imds.token 500",
      "imds.token 500"
    ]],
    ["disables version 1 in the other documented spelling", { roleName }, { ALIBABA_CLOUD_IMDSV1_DISABLE: "true" }, [
      "imds.token 500",
      "imds.token 500"
    ]],
    ["does not disable version 1 when an option allows it", { roleName, disableIMDSv1: false }, {
      ALIBABA_CLOUD_IMDSV1_DISABLED: "true"
    }, ["imds.token 500", "imds.credentials 200"]],
    ["disables version 1 by the word true only", { roleName }, { ALIBABA_CLOUD_IMDSV1_DISABLED: "1" }, [
      "imds.token 500",
      "imds.credentials 200"
    ]]
  ]
  for (const [title, config, env, expected] of cases) {
    const faults: ReadonlyArray<Fault> = title.includes("version 1")
      ? [{ endpoint: "imds.token", kind: "status", status: 500 }]
      : []
    it.effect(title, () =>
      Effect.gen(function*() {
        yield* Effect.ignore(getOf(EcsRamRole.layer(config)))
        assert.deepStrictEqual(yield* story, expected)
      }).pipe(Effect.provide(onInstance({}, faults)), withEnv(env)))
  }

  it.scoped("is that in which it was built", () =>
    Effect.gen(function*() {
      const provider = yield* build(EcsRamRole.layer()).pipe(withEnv({ ALIBABA_CLOUD_ECS_METADATA: roleName }))
      yield* provider.get.pipe(
        withEnv({ ALIBABA_CLOUD_ECS_METADATA: "Other", ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true" })
      )
      assert.deepStrictEqual(yield* story, ["imds.token 200", "imds.credentials 200"])
    }).pipe(Effect.provide(onInstance({}, [page]))))
})

describe("the connection", () => {
  it.effect("never goes through a proxy and has a second to connect and one to answer", () => {
    const seen: Array<object> = []
    const watched = Layer.effect(
      HttpClient.HttpClient,
      Effect.map(HttpClient.HttpClient, (client) =>
        HttpClient.make((request) =>
          Effect.zipRight(
            Effect.map(Connection, (connection) => seen.push(connection)),
            client.execute(request)
          )
        ))
    )
    return Effect.gen(function*() {
      yield* getOf(Layer.provide(EcsRamRole.layer(), watched))
      const second = Duration.seconds(1)
      assert.deepStrictEqual(
        seen,
        Array.from({ length: 3 }, () => ({
          timeout: second,
          connectTimeout: second,
          direct: true
        }))
      )
    }).pipe(Effect.provide(onInstance({})))
  })

  it.effect("carries the token in its header, and requests one of six hours", () => {
    const { layer, requests } = cloud()
    return Effect.gen(function*() {
      yield* getOf(EcsRamRole.layer())
      const [token, list, session] = requests
      assert.strictEqual(token?.method, "PUT")
      assert.strictEqual(token?.url, "http://100.100.100.200/latest/api/token")
      assert.strictEqual(token?.headers["x-aliyun-ecs-metadata-token-ttl-seconds"], "21600")
      assert.strictEqual(list?.headers["x-aliyun-ecs-metadata-token"], "fake-imds-token-0001")
      assert.strictEqual(session?.headers["x-aliyun-ecs-metadata-token"], "fake-imds-token-0001")
    }).pipe(Effect.provide(layer))
  })
})
