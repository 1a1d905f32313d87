/**
 * Vitest's global setup: a folder for the bundles of `bundles.ts`, which all workers of a run share. From there, what is not
 * inside of a bundle is found as from the tests.
 */
import * as Fs from "node:fs"
import { fileURLToPath } from "node:url"

export default (): () => void => {
  const folder = Fs.mkdtempSync(fileURLToPath(new URL("../node_modules/.bundles-", import.meta.url)))
  process.env["TEST_BUNDLES"] = folder
  return () => Fs.rmSync(folder, { recursive: true, force: true })
}
