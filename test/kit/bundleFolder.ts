/** Vitest's global setup: a folder for what `bundles.ts` makes, which all workers of a run share. */
import * as Fs from "node:fs"
import { tmpdir } from "node:os"
import * as Path from "node:path"

export default (): () => void => {
  const folder = Fs.mkdtempSync(Path.join(Fs.realpathSync(tmpdir()), "bundles-"))
  process.env["TEST_BUNDLES"] = folder
  return () => Fs.rmSync(folder, { recursive: true, force: true })
}
