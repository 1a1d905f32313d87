import { execFile } from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"

/** The output of a program; when it fails, the output is the error. */
export const run = (program: string, args: ReadonlyArray<string>, cwd: string): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(program, args, { cwd, encoding: "utf8", maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`${Path.basename(program)} ${args.join(" ")}\n${stdout}${stderr}`))
    })
  })

/** Runs a program that the package of a `package.json` brings, with the Node.js of this process. */
export const runBin = (manifest: string, bin: string, args: ReadonlyArray<string>, cwd: string): Promise<string> => {
  const { bin: bins } = JSON.parse(Fs.readFileSync(manifest, "utf8")) as {
    readonly bin: Readonly<Record<string, string>>
  }
  return run(process.execPath, [Path.join(Path.dirname(manifest), bins[bin]!), ...args], cwd)
}
