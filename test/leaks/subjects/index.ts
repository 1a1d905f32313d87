/** Every group; a new one is a file, and a line here. */
import type { Group } from "../subject.ts"
import * as answers from "./answers.ts"
import * as cli from "./cli.ts"
import * as documents from "./documents.ts"
import * as openapi from "./openapi.ts"
import * as options from "./options.ts"
import * as places from "./places.ts"
import * as sdk from "./sdk.ts"
import * as sources from "./sources.ts"
import * as values from "./values.ts"

export const groups: ReadonlyArray<Group> = [
  answers,
  cli,
  documents,
  openapi,
  options,
  places,
  sdk,
  sources,
  values
].flatMap(({ groups }) => groups)
