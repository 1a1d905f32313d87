import * as JSONSchema from "effect/JSONSchema"
import * as Schema from "effect/Schema"
import { CliConfig, Profile } from "../src/unstable/CliConfigFile.ts"

const File = Schema.Struct({
  ...CliConfig.fields,
  profiles: Schema.Array(Profile).annotations({ description: "The profiles" })
}).annotations({
  title: "aliyun CLI configuration",
  description: "The file ~/.aliyun/config.json of the aliyun CLI and the official SDKs"
})

const makeDocument = (): object => {
  const definitions = {}
  const file = JSONSchema.fromAST(File.ast, {
    definitions,
    definitionPath: "#/definitions/",
    additionalPropertiesStrategy: "allow"
  })
  return { $schema: "http://json-schema.org/draft-07/schema#", ...file, definitions }
}

/** The JSON Schema of config.json for editors, as the text of its file. */
export const text: string = `${JSON.stringify(makeDocument(), null, 2)}\n`

export const url: URL = new URL("config.schema.json", import.meta.url)
