/** Documents that do not fit a schema, classes that are given what they do not take, and errors made by hand. */
import {
  AccessKey,
  BearerToken,
  CliProfile,
  CloudSso,
  Credentials,
  CredentialsError,
  CredentialsFile,
  CredentialsUri,
  EcsRamRole,
  External,
  OAuth,
  OidcRoleArn,
  RamRoleArn,
  RsaKeyPair,
  SamlRoleArn,
  SecretJson,
  Signature,
  StsToken
} from "@effect-alicloud/credentials"
import * as CliConfigFile from "@effect-alicloud/credentials/unstable/CliConfigFile"
import * as CliConfigProfile from "@effect-alicloud/credentials/unstable/CliConfigProfile"
import * as Ecs from "@effect-alicloud/openapi/Ecs"
import * as OpenApiError from "@effect-alicloud/openapi/OpenApiError"
import * as OpenApiSts from "@effect-alicloud/openapi/Sts"
import { Cause, Effect, Exit, FiberId, Redacted, Schema, SchemaAST } from "effect"
import { untyped } from "../../kit/world.ts"
import type { Secret } from "../generator.ts"
import { share } from "../generator.ts"
import { wrong } from "../machine.ts"
import type { Group, Subject } from "../subject.ts"
import { all, either, failing, throwing } from "../subject.ts"

const schemas: Readonly<Record<string, Schema.Schema<never>>> = untyped({
  Credentials: Credentials.Credentials,
  AccessKey: Credentials.AccessKey,
  Sts: Credentials.Sts,
  Bearer: Credentials.Bearer,
  CredentialsError: CredentialsError.CredentialsError,
  FailureReason: CredentialsError.FailureReason,
  Profile: CliConfigProfile.Profile,
  CliConfig: CliConfigFile.CliConfig,
  "AccessKey.Config": AccessKey.Config,
  "StsToken.Config": StsToken.Config,
  "BearerToken.Config": BearerToken.Config,
  "RamRoleArn.Config": RamRoleArn.Config,
  "OidcRoleArn.Config": OidcRoleArn.Config,
  "SamlRoleArn.Config": SamlRoleArn.Config,
  "EcsRamRole.Config": EcsRamRole.Config,
  "CredentialsUri.Config": CredentialsUri.Config,
  "External.Config": External.Config,
  "OAuth.Config": OAuth.Config,
  "CloudSso.Config": CloudSso.Config,
  "RsaKeyPair.Config": RsaKeyPair.Config,
  "CliProfile.Config": CliProfile.Config,
  "CredentialsFile.Config": CredentialsFile.Config,
  Region: Ecs.Region,
  CallerIdentity: OpenApiSts.CallerIdentity,
  OpenApiError: OpenApiError.OpenApiError
})

/** The names of the fields of a document, wherever in the schema they are. */
const fieldsOf = (ast: SchemaAST.AST): ReadonlyArray<string> => {
  const encoded = SchemaAST.encodedAST(ast)
  const members = SchemaAST.isUnion(encoded) ? encoded.types : [encoded]
  return members.flatMap((member) =>
    SchemaAST.isTypeLiteral(member) ? member.propertySignatures.map(({ name }) => String(name)) : []
  )
}

const decoding: Group = {
  name: "documents that do not fit",
  least: 10_600,
  subjects: (secret) => {
    const { text } = secret
    const attempts = Object.entries(schemas).flatMap(([name, schema]) => {
      const decode = SecretJson.decode(schema)
      const decodeText = SecretJson.decodeText(schema)
      const fields = [...new Set(fieldsOf(schema.ast))].filter((field) => field !== "_tag")
      const tagged = Object.fromEntries(fields.map((field) => [field, wrong(secret)[field.length % 2]]))
      return [
        either(`${name}: a string`, decode(text)),
        either(`${name}: a list`, decode([text])),
        either(`${name}: every field wrong`, decode({ _tag: name, ...tagged })),
        either(`${name}: of another tag`, decode({ _tag: text, ...tagged })),
        either(
          `${name}: every field is the secret`,
          decode(Object.fromEntries(fields.map((field) => [field, [text]])))
        ),
        failing(`${name}: text`, decodeText(text)),
        failing(`${name}: half`, decodeText(JSON.stringify(tagged).slice(0, -3))),
        failing(`${name}: without quotes`, decodeText(`{"a":${text}}`))
      ]
    })
    return all([...share(secret, 10, attempts), failing("no JSON", SecretJson.parse(`{"a": ${text}`))])
  }
}

type Class = new(fields: never) => unknown

const constructors: Group = {
  name: "constructors",
  least: 5000,
  subjects: (secret) => {
    const { text } = secret
    const pair = { type: "sts", providerName: "test", accessKeyId: "a" }
    const classes: ReadonlyArray<readonly [string, Class & { readonly make: (fields: never) => unknown }, object]> = [
      ["AccessKey", Credentials.AccessKey, { ...pair, accessKeySecret: text }],
      ["AccessKey in a list", Credentials.AccessKey, { ...pair, accessKeySecret: [text] }],
      ["Sts", Credentials.Sts, { ...pair, accessKeySecret: Redacted.make(text), securityToken: text }],
      ["Sts without a type", Credentials.Sts, { type: text, securityToken: [text] }],
      ["Bearer", Credentials.Bearer, { type: "bearer", providerName: "test", bearerToken: text }],
      ["Bearer of a wrong header", Credentials.Bearer, { bearerToken: Redacted.make(text), headerName: text }],
      ["Anonymous", Credentials.Anonymous, { type: "anonymous", providerName: [text] }]
    ]
    const loose: Readonly<Record<string, () => unknown>> = {
      accessKey: () => Credentials.accessKey(untyped({ ...pair, accessKeySecret: [text] })),
      sts: () => Credentials.sts(untyped({ ...pair, accessKeySecret: { text }, securityToken: [text], more: text })),
      bearer: () => Credentials.bearer(untyped({ providerName: "a", bearerToken: [text] }))
    }
    return all([
      ...share(secret, 2, classes).flatMap(([name, make, fields]) => [
        throwing(`new ${name}`, () => new make(untyped(fields))),
        throwing(`${name}.make`, () => make.make(untyped(fields)))
      ]),
      ...Object.entries(loose).map(([name, make]) => either(name, Effect.sync(make)))
    ])
  }
}

/** What errors were made of may hold more than their fields. */
const errorsOf = ({ text }: Secret): ReadonlyArray<Error> => {
  const more = { cause: new Error(text), body: text, headers: { authorization: text }, [text]: text }
  const failed = { source: "Test", reason: "Denied", detail: "it was refused", retryable: false } as const
  const answer = { action: "Do", status: 400, code: "Refused" } as const
  const single = [
    new CredentialsError.SourceUnavailable(
      { source: "Test", detail: "it is not set", hint: "Set it.", ...more } as const
    ),
    new CredentialsError.InvalidConfig({
      source: "Test",
      location: { _tag: "Options", names: ["x"] },
      issues: [{ problem: "it is wrong" }],
      ...more
    }),
    new CredentialsError.SourceFailed({ ...failed, ...more })
  ]
  return [
    ...single,
    new CredentialsError.NoCredentials({ attempts: single, ...more }),
    new Signature.UnusablePrivateKey({ reason: "Encrypted" }),
    new OpenApiError.ApiError({ ...answer, ...more }),
    new OpenApiError.Throttled({ ...answer, ...more }),
    new OpenApiError.TransportError({
      action: "Do",
      host: "https://a",
      reason: "Timeout",
      retryable: true,
      ...more
    }),
    new OpenApiError.MalformedResponse({
      action: "Do",
      host: "https://a",
      status: 200,
      issues: ["a is missing"],
      ...more
    })
  ]
}

const errors: Group = {
  name: "errors and causes",
  least: 7800,
  subjects: (secret) => {
    const made = errorsOf(secret)
    const decoded = made.filter((error) => error.name !== "UnusablePrivateKey").map((error) =>
      Schema.decodeUnknownSync(OpenApiError.OpenApiError)({
        ...(Schema.encodeUnknownSync(OpenApiError.OpenApiError)(error) as object),
        body: secret.text,
        cause: secret.text
      })
    )
    const [first, second] = made
    const traced = Effect.runSyncExit(Effect.withSpan(Effect.fail(first), "outer", { attributes: { source: "Test" } }))
    const values: ReadonlyArray<Subject> = [
      ...[...made, ...decoded].map((value) => ({ name: value.name, value })),
      ...made.map((error) => ({ name: `${error.name}: encoded`, value: JSON.parse(JSON.stringify(error)) as unknown })),
      { name: "parallel", value: Cause.parallel(Cause.fail(first), Cause.die(second)) },
      { name: "sequential", value: Cause.sequential(Cause.fail(first), Cause.interrupt(FiberId.none)) },
      { name: "traced", value: traced },
      { name: "traced cause", value: Exit.isFailure(traced) ? traced.cause : undefined },
      {
        name: "attempts",
        value: made.filter(Schema.is(CredentialsError.CredentialsError)).map(CredentialsError.attemptsOf)
      }
    ]
    return Effect.succeed(values)
  }
}

const signatures: Group = {
  name: "signatures",
  least: 2400,
  subjects: ({ text }) => {
    const secret = Redacted.make(text)
    const request = { method: "GET", parameters: { Action: "Do" } }
    const acs3 = { method: "GET", path: "/", query: {}, headers: { host: "a" }, body: "", accessKeyId: "a" }
    return all([
      either("HMAC-SHA1", Signature.rpcHmacSha1({ ...request, accessKeySecret: secret })),
      either("RSA", Signature.rpcRsaSha256({ ...request, privateKey: secret })),
      either(
        "RSA in PEM",
        Signature.rpcRsaSha256({
          ...request,
          privateKey: Redacted.make(`-----BEGIN ${text}-----\n${text}\n-----END PRIVATE KEY-----`)
        })
      ),
      either("ACS3", Signature.acs3HmacSha256({ ...acs3, accessKeySecret: secret })),
      Effect.succeed([
        { name: "an effect that signs", value: Signature.rpcHmacSha1({ ...request, accessKeySecret: secret }) },
        { name: "an effect that signs ACS3", value: Signature.acs3HmacSha256({ ...acs3, accessKeySecret: secret }) }
      ])
    ])
  }
}

export const groups: ReadonlyArray<Group> = [decoding, constructors, errors, signatures]
