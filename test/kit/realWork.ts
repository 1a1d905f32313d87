import { Nonce } from "@effect-alicloud/credentials/Platform"
import type { WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as FileSystem from "@effect/platform/FileSystem"
import type { HttpClient } from "@effect/platform/HttpClient"
import { Effect, Layer } from "effect"

/** A fake cloud and the real files, and whether either is at work: what takes real time does not follow a test's clock. */
export interface RealWork {
  readonly isBusy: () => boolean
  readonly layer: Layer.Layer<
    FakeAlicloud.FakeAlicloud | FileSystem.FileSystem | HttpClient | Nonce,
    FakeAlicloud.InvalidWorld
  >
}

export const make = (world: WorldInput): RealWork => {
  let running = 0
  /** Requests that have their nonce and are being signed. */
  let signing = 0

  const track = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.acquireUseRelease(
      Effect.sync(() => {
        running++
      }),
      () => self,
      () =>
        Effect.sync(() => {
          running--
        })
    )

  const files = Layer.effect(
    FileSystem.FileSystem,
    Effect.map(FileSystem.FileSystem, (fs) => ({
      ...fs,
      stat: (path) => track(fs.stat(path)),
      readDirectory: (path, options) => track(fs.readDirectory(path, options)),
      realPath: (path) => track(fs.realPath(path)),
      link: (from, to) => track(fs.link(from, to)),
      rename: (from, to) => track(fs.rename(from, to)),
      remove: (path, options) => track(fs.remove(path, options)),
      utimes: (path, atime, mtime) => track(fs.utimes(path, atime, mtime)),
      open: (path, options) =>
        Effect.map(track(fs.open(path, options)), (file) =>
          Object.create(file, {
            stat: { value: track(file.stat) },
            readAlloc: { value: (size: FileSystem.SizeInput) => track(file.readAlloc(size)) },
            writeAll: { value: (bytes: Uint8Array) => track(file.writeAll(bytes)) },
            sync: { value: track(file.sync) }
          }) as FileSystem.File)
    }))
  )

  const cloud = Layer.effect(
    FakeAlicloud.FakeAlicloud,
    Effect.map(FakeAlicloud.make(world), (fake) => ({
      ...fake,
      handle: (request) => {
        if (request.url.includes("SignatureNonce=")) signing--
        return track(fake.handle(request))
      }
    }))
  )

  const nonce = Layer.effect(
    Nonce,
    Effect.map(Nonce, (make) =>
      Effect.tap(make, () =>
        Effect.sync(() => {
          signing++
        })))
  )

  return {
    isBusy: () => running + signing > 0,
    layer: Layer.mergeAll(
      Layer.provide(files, NodeFileSystem.layer),
      Layer.provideMerge(FakeAlicloud.layerClient, cloud),
      nonce
    )
  }
}
