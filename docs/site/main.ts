/**
 * Builds the site into `docs/site/dist`: the Markdown files of the repository, and the API reference, which it writes into
 * `docs/api`. Its path on its host is `/effect-alicloud/`, or what `SITE_BASE` says. With `--check` every link of the result
 * is followed, and pages are opened in Chromium; their pictures are then in `docs/site/pictures`.
 */
import { Effect } from "effect"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { build, resolveConfig } from "vitepress"
import { isMissing } from "../../test/kit/chromium.ts"
import { writeApi } from "./api.ts"
import { browse } from "./check/browse.ts"
import { crawl } from "./check/crawl.ts"

const folder = fileURLToPath(new URL(".", import.meta.url))

const say = (line: string) => process.stdout.write(`${line}\n`)

const check = async (): Promise<void> => {
  const { outDir, site: { base } } = await resolveConfig(folder, "build", "production")
  const { links, pages, problems } = crawl(outDir, base)
  say(`${links} links on ${pages} pages`)
  const seen = isMissing ? [] : await Effect.runPromise(browse(outDir, base, Path.join(folder, "pictures")))
  say(isMissing ? "not opened in a browser, because chromium is not installed" : "opened in chromium")
  for (const problem of [...problems, ...seen]) {
    process.stderr.write(`${problem}\n`)
    process.exitCode = 1
  }
}

if (await writeApi()) {
  await build(folder)
  if (process.argv.includes("--check")) await check()
  say(Path.join(folder, "dist"))
} else {
  process.exitCode = 1
}
