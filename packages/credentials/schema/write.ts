import * as NodeFs from "node:fs"
import { text, url } from "./jsonSchema.ts"

NodeFs.writeFileSync(url, text)
