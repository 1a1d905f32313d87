/** Files, variables and programs that hold a secret where it belongs, where it does not, and where nothing can be read. */
import type { Source } from "@effect-alicloud/credentials"
import {
  CliProfile,
  CredentialsFile,
  CredentialsProvider,
  DefaultChain,
  Environment
} from "@effect-alicloud/credentials"
import { CredentialsUri, EcsRamRole, External, OidcRoleArn } from "@effect-alicloud/credentials"
import { Effect } from "effect"
import type { Scope } from "effect"
import { configFile, fileOf, minimal } from "../../kit/profileWorld.ts"
import type { Secret } from "../generator.ts"
import { share } from "../generator.ts"
import type { Machine } from "../machine.ts"
import { ending, wrong } from "../machine.ts"
import type { Group, Subject } from "../subject.ts"

type Made = Effect.Effect<Source.Source, unknown, DefaultChain.Requirements | Scope.Scope>

const asked = (make: Made) =>
  Effect.gen(function*() {
    const source = yield* make
    const direct = yield* Effect.exit(source.get)
    const provider = yield* CredentialsProvider.make(source)
    const exit = yield* Effect.exit(provider.get)
    return { direct, exit, report: yield* provider.report, credentials: yield* exit }
  })

const each = (
  secret: Secret,
  of: number,
  make: Made,
  machines: Readonly<Record<string, Machine>>
): Effect.Effect<ReadonlyArray<Subject>> =>
  Effect.map(
    Effect.forEach(
      share(secret, of, Object.entries(machines)),
      ([name, machine]) => ending(name, machine, asked(make))
    ),
    (found) => found.flat()
  )

const mapValues = <A, B>(record: Readonly<Record<string, A>>, f: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]))

/** Fields that hold nothing secret and are shown: names, ids, paths, and the program at the start of a command. */
const open = new Set(["access_key_id", "key_pair_name", "source_profile", "oidc_token_file", "process_command"])

const configFiles = (secret: Secret): Readonly<Record<string, string>> => {
  const { text } = secret
  const json = JSON.stringify(text)
  const whole = {
    "no JSON": text,
    "a bare string": json,
    "a list": `[${json}]`,
    "cut off": fileOf({ mode: "AK", access_key_id: "a", access_key_secret: text }).slice(0, -30),
    "a secret without quotes": `{"profiles":[{"name":"p","access_key_secret":${text}}]}`,
    "a comment": `// ${text}\n{}`,
    "current is a list": JSON.stringify({ current: [text], profiles: [] }),
    "profiles is an object": JSON.stringify({ current: "p", profiles: { p: text } }),
    "a profile is text": JSON.stringify({ current: "p", profiles: [text, { name: "p", mode: text }] })
  }
  const modes = Object.entries(minimal).flatMap(([mode, fields]) =>
    Object.keys(fields).filter((field) => !open.has(field)).flatMap((field) => [
      [`${mode}: ${field} is the secret`, fileOf({ mode, ...fields, [field]: text })] as const,
      [`${mode}: ${field} is of a wrong type`, fileOf({ mode, ...fields, [field]: wrong(secret)[0] })] as const
    ])
  )
  return { ...whole, ...Object.fromEntries(modes), "mode is the secret": fileOf({ mode: text }) }
}

const cliProfile: Group = {
  name: "config.json",
  least: 3400,
  subjects: (secret) =>
    each(
      secret,
      10,
      CliProfile.make({ configFile }),
      mapValues(configFiles(secret), (text) => ({
        files: { [configFile]: text, "/token": secret.text },
        program: { stdout: secret.text, stderr: secret.text }
      }))
    )
}

const iniFiles = ({ text }: Secret): Readonly<Record<string, string>> => {
  const file = (lines: string): string => `[default]\n${lines}`
  const key = "access_key_id = a\n"
  return {
    "no section": text,
    "a line without an equals sign": file(text),
    "an open header": `[${text}`,
    "text behind a header": `[default] ${text}`,
    "a value without a key": file(`= ${text}`),
    "access_key": file(`type = access_key\n${key}access_key_secret = ${text}`),
    "sts": file(`type = sts\n${key}access_key_secret = ${text}\nsecurity_token = ${text}`),
    "bearer": file(`type = bearer\nbearer_token = ${text}`),
    // Its first line alone would be a short word, which is shown.
    "type": file(`type = ${text.replace(/[\r\n]+/g, "-")}`),
    "half": file(`type = access_key\naccess_key_secret = ${text}`),
    "ram_role_arn": file(`type = ram_role_arn\n${key}access_key_secret = ${text}\nrole_arn = a\npolicy = ${text}`),
    "oidc": file("type = oidc_role_arn\nrole_arn = a\noidc_provider_arn = b\noidc_token_file_path = /token"),
    "rsa_key_pair": file("type = rsa_key_pair\npublic_key_id = a\nprivate_key_file = /key.pem"),
    "keys before sections": `access_key_secret = ${text}\n[other]\n`,
    "comments": `# ${text}\n; ${text}\n[default] # ${text}\ntype = gone`
  }
}

const credentialsFile: Group = {
  name: "credentials file",
  least: 5500,
  subjects: (secret) =>
    each(
      secret,
      2,
      CredentialsFile.make(),
      mapValues(iniFiles(secret), (text) => ({
        files: { "/home/.alibabacloud/credentials": text, "/token": secret.text, "/key.pem": secret.text }
      }))
    )
}

const printed = ({ text }: Secret): Readonly<Record<string, Machine["program"]>> => {
  const answer = { mode: "AK", access_key_id: "a", access_key_secret: text }
  const json = (change: object): string => JSON.stringify({ ...answer, ...change })
  return {
    "cannot be started": undefined,
    "fails": { stdout: text, stderr: text, exitCode: 1 },
    "prints text": { stdout: text },
    "has output that breaks": { broken: "stdout" },
    "has error output that breaks": { stdout: text, broken: "stderr" },
    "prints a string": { stdout: JSON.stringify(text) },
    "prints half": { stdout: json({}).slice(0, -2), stderr: text },
    "prints a list": { stdout: json({ access_key_secret: [text] }) },
    "prints a wrong mode": { stdout: json({ mode: text }) },
    "prints no token": { stdout: json({ mode: "StsToken", password: text }) },
    "prints a wrong time": { stdout: json({ expiration: text }) },
    "prints no id": { stdout: json({ access_key_id: { text } }) },
    "prints what works": { stdout: json({ sts_token: text }), stderr: text }
  }
}

const commands = ({ text }: Secret): Readonly<Record<string, string>> => {
  const quoted = `'${text.replaceAll("'", "'\\''")}'`
  return {
    "an argument": `/opt/get --token ${quoted}`,
    "a variable": `TOKEN=${quoted} /opt/get`,
    "a variable with a path in it": `TOKEN=/${encodeURIComponent(text).replaceAll("%", "_")} /opt/get`,
    "an open quote": `/opt/get "${text}`,
    "a URL": `https://user:${encodeURIComponent(text)}@example.com/${encodeURIComponent(text).replaceAll("%", "")}`
  }
}

const programs: Group = {
  name: "programs",
  least: 4100,
  subjects: (secret) => {
    const outputs = Object.entries(printed(secret))
    return Effect.map(
      Effect.forEach(Object.entries(commands(secret)), ([kind, processCommand]) =>
        each(
          secret,
          12,
          External.make({ processCommand }),
          Object.fromEntries(outputs.map(([name, program]) => [`${kind}, ${name}`, { program }]))
        )),
      (found) => found.flat()
    )
  }
}

const prefix = "ALIBABA_CLOUD_"

const variables = ({ text }: Secret): Readonly<Record<string, Readonly<Record<string, string>>>> => ({
  "a pair": { ACCESS_KEY_ID: "a", ACCESS_KEY_SECRET: text },
  "a session": { ACCESS_KEY_ID: "a", ACCESS_KEY_SECRET: text, SECURITY_TOKEN: text },
  "half a pair": { ACCESS_KEY_SECRET: text, SECURITY_TOKEN: text },
  "an address": { CREDENTIALS_URI: text },
  "an address that works": { CREDENTIALS_URI: `http://127.0.0.1/${encodeURIComponent(text)}` },
  "a role without a token": { ROLE_ARN: text, OIDC_PROVIDER_ARN: text },
  "a role": { ROLE_ARN: text, OIDC_PROVIDER_ARN: text, OIDC_TOKEN_FILE: "/token" },
  "a region": { STS_REGION: `${text}/`, ROLE_ARN: "a", OIDC_PROVIDER_ARN: "a", OIDC_TOKEN_FILE: "/token" },
  "an endpoint": {
    STS_ENDPOINT: `user:${text}@example.com`,
    ROLE_ARN: "a",
    OIDC_PROVIDER_ARN: "a",
    OIDC_TOKEN_FILE: "/token"
  },
  "switches": { ECS_METADATA_DISABLED: text, IMDSV1_DISABLED: text, VPC_ENDPOINT_ENABLED: text },
  "a switch": { ECS_METADATA_DISABLED: "true", SECURITY_TOKEN: text }
})

const environment: Group = {
  name: "variables",
  least: 4800,
  subjects: (secret) =>
    Effect.map(
      Effect.forEach(
        [
          ["Environment", Environment.fromEnv],
          ["OidcRoleArn", OidcRoleArn.fromEnv],
          ["CredentialsUri", CredentialsUri.fromEnv],
          ["EcsRamRole", EcsRamRole.fromEnv],
          ["the default chain", DefaultChain.make()],
          ["the strict chain", DefaultChain.make({ fallThrough: "unavailable" })]
        ] as const,
        ([name, make]) =>
          each(
            secret,
            10,
            make,
            Object.fromEntries(
              Object.entries(variables(secret)).map(([title, env]) => [`${name}, ${title}`, {
                env: Object.fromEntries(Object.entries(env).map(([key, value]) => [prefix + key, value])),
                files: { "/token": secret.text, [configFile]: secret.text },
                program: { stdout: secret.text }
              }])
            )
          )
      ),
      (found) => found.flat()
    )
}

export const groups: ReadonlyArray<Group> = [cliProfile, credentialsFile, programs, environment]
